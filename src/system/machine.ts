import type { Files } from '../ports.ts';
import type { Places, SystemPorts } from './types.ts';

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
