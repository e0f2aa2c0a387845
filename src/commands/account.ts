import { type Account, isEnrolledAdministrator, type ReadAccount } from '../domain/account.ts';
import { accountChanges } from '../domain/account-view.ts';
import { readAccount, readOrLost } from '../domain/read-account.ts';
import { findDeviceNameFault, findUsernameFault, writeWord } from '../domain/two-factor/names.ts';
import { PosternError } from '../errors.ts';
import { suggest } from '../language/suggest.ts';
import { changesView, type JsonObject, type View } from '../output/view.ts';
import { integer, text } from '../registry/kinds.ts';
import type { Snapshot, WriteResult } from '../registry/spec.ts';

/** Digits of a code (RFC 4226 allows 6 to 8). */
export const otpDigits = integer({ min: 6, max: 8 });

/** The time step of a device (RFC 6238). */
export const timeStep = integer({ min: 15, max: 300, unit: 'seconds' });

/** The parameter that names an account; may be without its key. */
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

/** The account of that name. Errors: `not_found.account`, with a close name in the hint; `store.damaged`. */
export function requireAccount(snapshot: Snapshot, username: string): Account {
  const account = readOrLost(snapshot, username);
  if (account === 'lost') throw explainLost(snapshot, username);
  if (account) return account;
  const close = suggest(username, snapshot.accountNames());
  throw new PosternError({
    code: 'not_found.account',
    message: `no account "${username}"`,
    // No line: it would be about someone who was not typed.
    hint: `${close === undefined ? '' : `perhaps ${writeWord(close)} is meant; `}account user query lists the accounts`,
  });
}

/** A lost account keeps nothing that could be changed: it can be enrolled again, or deleted. */
function explainLost(snapshot: Snapshot, username: string): PosternError {
  return new PosternError({
    code: 'store.damaged',
    message: readAccount(snapshot, username).damage ?? `the account "${username}" is damaged`,
    hint: `account user renew_2fa_secret username=${writeWord(username)}`,
  });
}

/** Error `bind.nothing_to_change` where an update says nothing. */
export function refuseEmptyUpdate(changes: object, path: string, what: string): void {
  if (Object.keys(changes).length > 0) return;
  throw new PosternError({
    code: 'bind.nothing_to_change',
    message: `${path} needs at least one ${what} to change`,
    hint: `${path} ?`,
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
  const username = (after ?? before)?.username ?? '';
  const isSame = before === after;
  return {
    change: isSame ? {} : { accounts: new Map([[username, after]]) },
    view: {
      ...changesView(changes, more.warnings, more.data),
      ...(more.enrolment ? { enrolment: more.enrolment } : {}),
    },
  };
}

/** The answer of a change that removes a lost account (null), or puts another in its place. */
export function answerReplacement(
  username: string,
  after: Account | null,
  more: Parameters<typeof answerAccountChange>[2] = {},
): WriteResult {
  const { view } = answerAccountChange(null, after, more);
  const changes = [
    { key: 'damaged', from: true, to: false },
    ...(after ? accountChanges(null, after) : [{ key: 'username', from: username, to: null }]),
  ];
  return {
    change: { accounts: new Map([[username, after]]) },
    view: { ...view, ...changesView(changes, more.warnings, more.data) },
  };
}

/** How many accounts are read on the way to an administrator although the roster says that they are none. */
const mostReadForDamage = 100;

/**
 * Looks for an administrator who can sign in with a code, `changed` accounts taking the place of present ones. A damaged
 * account that is met on the way is told in `warnings` and not counted. With many accounts only those are read of which
 * the roster says that they may be one.
 */
export function findEnrolledAdministrator(
  snapshot: Snapshot,
  changed: ReadonlyMap<string, Account | null> = new Map(),
): { readonly isThere: boolean; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  let others = 0;
  const names = snapshot.accountNames(
    ({ admin, locked, isEnrolled }) => (admin && !locked && isEnrolled) || ++others <= mostReadForDamage,
  );
  const isThere = [...new Set([...changed.keys(), ...names])].some((name) => {
    const read = changed.has(name) ? { name, account: changed.get(name) } : readAccount(snapshot, name);
    warnings.push(...warnOfDamage([read as ReadAccount]));
    return read.account ? isEnrolledAdministrator(read.account) : false;
  });
  return { isThere, warnings };
}

/** A sentence for each damaged account. */
export function warnOfDamage(accounts: readonly ReadAccount[]): readonly string[] {
  return accounts.flatMap(({ name, damage }) =>
    damage === undefined ? [] : [`the account "${name}" cannot be read: ${damage}`],
  );
}

/** What to know when a change leaves no administrator who can sign in with a code. */
export function warnIfNobodyEnrolled(
  snapshot: Snapshot,
  changed: Account | null,
  username: string,
): readonly string[] {
  if (!snapshot.settings.two_factor.enabled) return [];
  const { isThere, warnings } = findEnrolledAdministrator(snapshot, new Map([[username, changed]]));
  if (isThere) return warnings;
  const consequence =
    snapshot.settings.two_factor.unenrolled === 'deny'
      ? 'nobody can sign in where a code is required'
      : 'they sign in with the password alone, if at all';
  return [
    ...warnings,
    `no administrator has a confirmed device now while two-factor authentication is on: ${consequence}`,
  ];
}
