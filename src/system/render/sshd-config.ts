import type { SshPolicy, SshWishes } from '../../domain/ssh.ts';
import type { ExpectedValues } from '../types.ts';

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

/** The drop-in for a policy; null: sshd's own configuration says it all. Keywords: sshd_config(5). */
export function renderSshdConfig(policy: SshPolicy, wishes: SshWishes): string | null {
  const lines = policy.codes ? renderWithCodes(policy) : renderWithoutCodes(policy, wishes);
  return lines.length === 0 ? null : `${[...header, ...lines].join('\n')}\n`;
}

/** What `sshd -T -C user=USER,…` must answer for each of `usernames` once the drop-in is in force. */
export function expectSshdValues(
  policy: SshPolicy,
  wishes: SshWishes,
  usernames: readonly string[],
): readonly ExpectedValues[] {
  return usernames.map((user) => ({
    user,
    values: policy.codes ? expectWithCodes(policy, user) : expectWithoutCodes(policy, wishes, user),
  }));
}

function renderWithCodes(policy: SshPolicy): string[] {
  const lines = [
    'UsePAM yes',
    'KbdInteractiveAuthentication yes',
    '# The password is asked for by keyboard-interactive, together with the code.',
    'PasswordAuthentication no',
    `AuthenticationMethods ${methodsFor(policy.everybody.byPassword)}`,
  ];
  if (!policy.root.byKey || policy.rootForcedCommandsOnly) return lines;
  // prohibit-password refuses root's code as well, even after its key: the methods say it instead.
  lines.push('PermitRootLogin yes');
  if (policy.everybody.byPassword && !policy.root.byPassword) {
    lines.push('Match User root', `    AuthenticationMethods ${methodsFor(false)}`);
  }
  return lines;
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

function expectWithCodes(policy: SshPolicy, user: string): Record<string, string> {
  const signIn = user === 'root' ? policy.root : policy.everybody;
  const rootMayNotSignIn = user === 'root' && (!policy.root.byKey || policy.rootForcedCommandsOnly);
  const methods = methodsFor(rootMayNotSignIn ? policy.everybody.byPassword : signIn.byPassword);
  return {
    usepam: 'yes',
    pamservicename: 'sshd',
    kbdinteractiveauthentication: 'yes',
    passwordauthentication: 'no',
    authenticationmethods: methods,
    ...(signIn.byPassword ? {} : { pubkeyauthentication: 'yes' }),
    ...(user === 'root' && !rootMayNotSignIn ? { permitrootlogin: 'yes' } : {}),
  };
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

function methodsFor(byPassword: boolean): string {
  return byPassword ? keyOrPasswordAndCode : keyAndCode;
}
