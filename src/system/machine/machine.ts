import type { Files } from '../../ports/machine.ts';
import type { Places, SystemPorts } from '../types.ts';

/** The one store whose settings are this machine's: any other is a trial. */
export const systemStateDirectory = '/var/lib/postern';

/** Whether anything of the system may be touched: only as root, and only for the system's own store. */
export function managesSystem(places: Pick<Places, 'uid' | 'stateDirectory'>): boolean {
  return places.uid === 0 && places.stateDirectory === systemStateDirectory;
}

/** Whether systemd runs this machine (sd_booted(3)). */
export function hasSystemd(files: Files): boolean {
  return files.stat('/run/systemd/system') !== undefined;
}

/** What starts services at boot; null: nothing that Postern knows. */
export function findInit(files: Files): 'systemd' | 'sysv' | null {
  if (hasSystemd(files)) return 'systemd';
  return files.stat('/etc/rc2.d') !== undefined && files.stat('/etc/init.d') !== undefined ? 'sysv' : null;
}

/** Whether the system knows a login name, from its files or a directory service. */
export function isSystemAccount(ports: Pick<SystemPorts, 'runner'>, username: string): boolean {
  const { status, stdout } = ports.runner.run(['getent', 'passwd', '--', username]);
  // getent takes what reads as a number for a user id. Else another name is an alias that the directory service knows.
  const isNumber = /^[+-]?\d+$/.test(username);
  return status === 0 && (!isNumber || stdout.startsWith(`${username}:`));
}

/** Names for one run of getent: 500 of 256 bytes are far below what Linux takes in an argument list (execve(2)). */
const mostAsked = 500;

/**
 * Those of `names` that the system knows, in their order. Each run of getent asks for many, a few at first: whoever
 * looks for one often takes the first.
 */
export function* findSystemAccounts(
  ports: Pick<SystemPorts, 'runner'>,
  names: readonly string[],
): Generator<string> {
  let start = 0;
  for (let count = 1; start < names.length; count = Math.min(count * 10, mostAsked)) {
    yield* askForMany(ports, names.slice(start, start + count));
    start += count;
  }
}

function* askForMany(ports: Pick<SystemPorts, 'runner'>, names: readonly string[]): Generator<string> {
  if (names.length < 2) return yield* names.filter((name) => isSystemAccount(ports, name));
  const { stdout } = ports.runner.run(['getent', 'passwd', '--', ...names]);
  const answered = stdout.split('\n').filter((line) => line !== '');
  const found = new Set(answered.map((line) => line.slice(0, line.indexOf(':'))));
  const known = names.filter((name) => found.has(name));
  if (known.length === answered.length) return yield* known;
  // Someone is known by another name, or by a user id: whose answer it is can only be told of one name alone.
  const half = Math.ceil(names.length / 2);
  yield* askForMany(ports, names.slice(0, half));
  yield* askForMany(ports, names.slice(half));
}
