import type { ExpectedValues } from '../types.ts';
import { type Asked, asksNobody, writeCriteria } from './asked.ts';
import type { SshException } from './match.ts';
import type { SshPolicy } from './policy.ts';
import type { SshWishes } from './values.ts';

const header = [
  '# Written by Postern, and overwritten by it: change it with `service ssh update` and `auth two_factor update`.',
  '# `postern system enforcement remove` takes it away.',
];

/** Whether a drop-in is Postern's to overwrite: it wrote it, or nothing is in it. */
export function isOwnSshdConfig(content: string): boolean {
  return content.startsWith('# Written by Postern') || content.trim() === '';
}

const keyAndCode = 'publickey,keyboard-interactive:pam';
const keyOrPasswordAndCode = `${keyAndCode} keyboard-interactive:pam`;

/**
 * The drop-in for a policy; null: sshd's own configuration says it all. `superusers`: every login name of uid 0, which
 * sshd's PermitRootLogin is about. `asked`: who is asked for a code, where codes are asked for; for all others it says
 * what it would say without codes. Keywords: sshd_config(5).
 */
export function renderSshdConfig(
  policy: SshPolicy,
  wishes: SshWishes,
  superusers: readonly string[],
  asked: Asked,
): string | null {
  const lines = [
    ...renderWithoutCodes(policy, wishes),
    ...(policy.codes && !asksNobody(asked) ? renderWithCodes(policy, superusers, asked) : []),
  ];
  return lines.length === 0 ? null : `${[...header, ...lines].join('\n')}\n`;
}

/** What `sshd -T -C user=USER,…` must answer for each of `usernames` once a drop-in without codes is in force. */
export function expectSshdValues(
  policy: SshPolicy,
  wishes: SshWishes,
  usernames: readonly string[],
): readonly ExpectedValues[] {
  return usernames.map((user) => ({ user, values: expectWithoutCodes(policy, wishes, user) }));
}

/**
 * The values are in Match blocks, for those of sshd_config outrank what is in none, and nobody else is to meet
 * them. The first block that concerns someone has the first word: those that mirror sshd_config's come before the one
 * for all who are asked.
 */
function renderWithCodes(policy: SshPolicy, superusers: readonly string[], asked: Asked): string[] {
  const { everybody, root, rootForcedCommandsOnly } = policy;
  const rootMaySignIn = root.byKey && !rootForcedCommandsOnly;
  const forRoot = everybody.byPassword && !root.byPassword ? [methods(false)] : [];
  return [
    'UsePAM yes',
    ...policy.exceptions.flatMap((exception) => renderException(exception, superusers, asked)),
    ...renderBlock(writeCriteria(asked, 'all', superusers), forRoot),
    ...renderBlock(writeCriteria(asked), [
      methods(everybody.byPassword),
      '    KbdInteractiveAuthentication yes',
      '    # The password is asked for by keyboard-interactive, together with the code.',
      '    PasswordAuthentication no',
      ...(asked.keyOptions === undefined ? [] : [`    PubkeyAuthOptions ${asked.keyOptions}`]),
      // prohibit-password refuses root's code as well, even after its key: the methods say it instead.
      ...(rootMaySignIn ? ['    PermitRootLogin yes'] : []),
    ]),
  ];
}

/** A block of sshd_config once more, with what it means beside codes. */
function renderException(exception: SshException, superusers: readonly string[], asked: Asked): string[] {
  const { criteria, byPassword, rootByPassword, permitRootLogin } = exception;
  const everybody = [
    ...(byPassword === null ? [] : [methods(byPassword)]),
    ...(permitRootLogin === null
      ? []
      : [`    PermitRootLogin ${permitRootLogin === 'prohibit-password' ? 'yes' : permitRootLogin}`]),
  ];
  return [
    ...renderBlock(writeCriteria(asked, criteria, superusers), [methods(rootByPassword)]),
    ...renderBlock(writeCriteria(asked, criteria), everybody),
  ];
}

/** `criteria` null: it would concern nobody. */
function renderBlock(criteria: string | null, lines: readonly string[]): string[] {
  return criteria === null || lines.length === 0 ? [] : [`Match ${criteria}`, ...lines];
}

function renderWithoutCodes(policy: SshPolicy, wishes: SshWishes): string[] {
  const lines: string[] = [];
  if (wishes.passwordauth === true) lines.push('PasswordAuthentication yes');
  // With UsePAM, keyboard-interactive is a password prompt by another name.
  if (wishes.passwordauth === false) {
    lines.push('PasswordAuthentication no', 'KbdInteractiveAuthentication no');
  }
  if (wishes.rootlogin !== null && policy.root.byKey && !policy.rootForcedCommandsOnly) {
    lines.push(`PermitRootLogin ${wishes.rootlogin ? 'yes' : 'prohibit-password'}`);
  }
  return lines;
}

function expectWithoutCodes(policy: SshPolicy, wishes: SshWishes, user: string): Record<string, string> {
  const root =
    user === 'root' && wishes.rootlogin !== null && policy.root.byKey && !policy.rootForcedCommandsOnly;
  return {
    ...(wishes.passwordauth === null ? {} : { passwordauthentication: wishes.passwordauth ? 'yes' : 'no' }),
    ...(wishes.passwordauth === false ? { kbdinteractiveauthentication: 'no' } : {}),
    ...(root ? { permitrootlogin: wishes.rootlogin ? 'yes' : 'without-password' } : {}),
  };
}

function methods(byPassword: boolean): string {
  return `    AuthenticationMethods ${byPassword ? keyOrPasswordAndCode : keyAndCode}`;
}
