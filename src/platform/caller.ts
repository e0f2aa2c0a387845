import { readlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isTerminal } from './io.ts';

/** Who types, as far as the system knows: through sudo the person before it, and the address or terminal. */
export function describeCaller(): { readonly actor: string; readonly from: string | null } {
  const address = process.env.SSH_CONNECTION?.split(' ')[0];
  return { actor: (isRoot() && process.env.SUDO_USER) || nameUser(), from: address || nameTerminal() };
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

function nameUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in passwd.
    return String(process.geteuid?.() ?? 0);
  }
}

function nameTerminal(): string | null {
  if (!isTerminal(0)) return null;
  try {
    return readlinkSync('/proc/self/fd/0');
  } catch {
    return null;
  }
}
