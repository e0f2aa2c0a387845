import type { Account } from '../domain/account.ts';
import { accountChanges } from '../domain/account-view.ts';
import { findDeviceNameFault, findUsernameFault, writeWord } from '../domain/two-factor/names.ts';
import { PosternError } from '../errors.ts';
import { suggest } from '../language/suggest.ts';
import type { Json, JsonObject, View } from '../output/view.ts';
import { text } from '../registry/kinds.ts';
import type { At, WriteResult } from '../registry/spec.ts';

/** The parameter that names an account; may stand without its key. */
export const usernameParam = {
  kind: text('a user name', 'root', {
    check: findUsernameFault,
  }),
  brief: 'login name of the account',
  positional: true,
  completes: 'account',
} as const;

/** The older generation's commands work on root unless told otherwise. */
export const usernameOrRoot = { ...usernameParam, default: 'root' } as const;

export const deviceParam = {
  kind: text('a device name', 'phone', {
    check: findDeviceNameFault,
  }),
  brief: 'name of the authenticator',
  default: 'default',
  completes: 'device',
} as const;

/** The account of that name. Error: `not_found.account`, with a close name as the hint. */
export function requireAccount(at: At, username: string): Account {
  const account = at.account(username);
  if (account) return account;
  const close = suggest(username, at.accountNames());
  throw new PosternError({
    code: 'not_found.account',
    message: `there is no account "${username}"`,
    hint:
      close === undefined
        ? `account user create username=${writeWord(username)}`
        : `username=${writeWord(close)}`,
  });
}

/** The answer of a change to one account. */
export function answerAccountChange(
  before: Account | null,
  after: Account | null,
  more: {
    readonly data?: JsonObject;
    readonly warnings?: readonly string[];
    readonly enrolment?: View['enrolment'];
  } = {},
): WriteResult {
  const changes = accountChanges(before, after);
  const warnings = more.warnings ?? [];
  const username = (after ?? before)?.username ?? '';
  const isSame = before === after;
  return {
    change: isSame ? {} : { accounts: new Map([[username, after]]) },
    view: {
      shape: 'changes',
      data: { changed: changes.length > 0, changes: changes as unknown as Json, warnings, ...more.data },
      warnings,
      ...(more.enrolment ? { enrolment: more.enrolment } : {}),
    },
  };
}

/** What to know when a change leaves no administrator who can sign in with a code. */
export function warnIfNobodyEnrolled(at: At, changed: Account | null, username: string): readonly string[] {
  if (!at.settings.two_factor.enabled) return [];
  const someone = at.accountNames().some((name) => {
    const account = name === username ? changed : at.account(name);
    return account?.admin === true && !account.locked && account.devices.some(({ confirmed }) => confirmed);
  });
  if (someone) return [];
  const consequence =
    at.settings.two_factor.unenrolled === 'deny'
      ? 'nobody can sign in where codes are asked for'
      : 'they sign in on their password alone, if at all';
  return [
    `no administrator has a confirmed device now while two-factor authentication is on: ${consequence}`,
  ];
}
