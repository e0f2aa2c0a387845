import { PosternError } from '../../errors.ts';
import type { SystemPorts } from '../types.ts';
import { hasSystemd, isSystemAccount } from './machine.ts';

/** Sets a system password through chpasswd's standard input. Errors: those of `checkPassword`. */
export function setPassword(ports: SystemPorts, username: string, password: string): void {
  checkPassword(ports, username, password);
  const { status, stderr } = ports.runner.run(['chpasswd'], { input: `${username}:${password}\n` });
  if (status === 0) return;
  // What chpasswd says may repeat the line it was given.
  const reason =
    stderr.replaceAll(password, '***').trim().split('\n').at(-1) || `chpasswd ended with ${status}`;
  throw new PosternError({
    code: 'rule.password_refused',
    message: `the password of ${username} was not changed: ${reason}`,
  });
}

/** Refuses what cannot be set, before anything is. Errors: `not_found.account`, `rule.password_refused`. */
export function checkPassword(ports: SystemPorts, username: string, password: string): void {
  if (!isSystemAccount(ports, username)) {
    throw new PosternError({
      code: 'not_found.account',
      message: `the system has no account "${username}"`,
      hint: 'account user query',
    });
  }
  if (password === '' || /[\0\r\n]/.test(password)) {
    throw new PosternError({
      code: 'rule.password_refused',
      message: 'a password is one line and not empty',
    });
  }
}

/** Restarts the machine or switches it off. Error: `apply.power`. */
export function power(ports: SystemPorts, verb: 'reboot' | 'poweroff'): void {
  const argv: [string, ...string[]] = hasSystemd(ports.files)
    ? ['systemctl', verb]
    : verb === 'reboot'
      ? ['shutdown', '-r', 'now']
      : ['shutdown', '-h', 'now'];
  const { status, stderr } = ports.runner.run(argv);
  if (status === 0) return;
  throw new PosternError({
    code: 'apply.power',
    message: `${argv.join(' ')} failed: ${stderr.trim() || `it ended with ${status}`}`,
  });
}
