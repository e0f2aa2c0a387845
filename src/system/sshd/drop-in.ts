import type { ExpectedValues } from '../types.ts';
import { joinCriteria, type SshException } from './match.ts';
import type { SshPolicy } from './policy.ts';
import type { SshWishes } from './values.ts';

/** The file of Postern's own; its name makes it the first that Debian's Include reads, and the first value wins. */
export const sshdDropInPath = '/etc/ssh/sshd_config.d/00-postern.conf';

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
 * sshd's PermitRootLogin is about. Keywords: sshd_config(5).
 */
export function renderSshdConfig(
  policy: SshPolicy,
  wishes: SshWishes,
  superusers: readonly string[],
): string | null {
  const lines = policy.codes ? renderWithCodes(policy, superusers) : renderWithoutCodes(policy, wishes);
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
 * The values stand in Match blocks, for those of sshd_config outrank what stands in none. The first block that concerns
 * somebody has the first word: those that mirror sshd_config's come before the one for all.
 */
function renderWithCodes(policy: SshPolicy, superusers: readonly string[]): string[] {
  const { everybody, root, rootForcedCommandsOnly } = policy;
  const asRoot = `User ${superusers.map(escapePattern).join(',')}`;
  const rootMaySignIn = root.byKey && !rootForcedCommandsOnly;
  return [
    'UsePAM yes',
    ...policy.exceptions.flatMap((exception) => renderException(exception, asRoot)),
    ...(everybody.byPassword && !root.byPassword ? [`Match ${asRoot}`, methods(false)] : []),
    'Match all',
    methods(everybody.byPassword),
    '    KbdInteractiveAuthentication yes',
    '    # The password is asked for by keyboard-interactive, together with the code.',
    '    PasswordAuthentication no',
    // prohibit-password refuses root's code as well, even after its key: the methods say it instead.
    ...(rootMaySignIn ? ['    PermitRootLogin yes'] : []),
  ];
}

/** A block of sshd_config once more, with what it means beside codes. */
function renderException(exception: SshException, asRoot: string): string[] {
  const { byPassword, rootByPassword, permitRootLogin } = exception;
  const everybody = [
    ...(byPassword === null ? [] : [methods(byPassword)]),
    ...(permitRootLogin === null
      ? []
      : [`    PermitRootLogin ${permitRootLogin === 'prohibit-password' ? 'yes' : permitRootLogin}`]),
  ];
  return [
    `Match ${joinCriteria([asRoot, exception.criteria])}`,
    methods(rootByPassword),
    ...(everybody.length === 0 ? [] : [`Match ${exception.criteria}`, ...everybody]),
  ];
}

/** Login names that a pattern cannot name are matched by a wider one. */
function escapePattern(name: string): string {
  return name.replaceAll(/[^\w.$-]/g, '?');
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
