import { networkInterfaces } from 'node:os';
import type { TtyInput, TtyOutput } from './raw-input.ts';

/** TERM values of terminals whose cursor cannot be moved, or not by the sequences of a VT100. */
const withoutCursor =
  /^(|dumb|unknown|network|dialup|emacs|ibm327x|vt52.*|lpr|printer|hard-?copy|tty33|cons25r?)$/;
/** Those that may take a request they do not know for text. */
const withoutRequests = /^(linux|vt\d|ansi|cons|sun|wyse|pcansi)/;

/** Whether a terminal is at both ends, and what can be expected of it by its name. */
export function describeTty(
  { input, output }: { readonly input: TtyInput; readonly output: TtyOutput },
  environment: { readonly [name: string]: string | undefined },
): { readonly isInteractive: boolean; readonly canEdit: boolean; readonly marksPaste: boolean } {
  const isInteractive = input.isTTY === true && output.isTTY === true;
  const canEdit = isInteractive && canMoveCursor(environment);
  return { isInteractive, canEdit, marksPaste: canEdit && takesRequests(environment) };
}

/** Whether the terminal knows the sequences of a VT100, by its name. */
export function canMoveCursor({ TERM = '' }: { readonly [name: string]: string | undefined }): boolean {
  return !withoutCursor.test(TERM);
}

/** Whether the terminal passes over a request that it does not know, by its name. */
export function takesRequests(environment: { readonly [name: string]: string | undefined }): boolean {
  return canMoveCursor(environment) && !withoutRequests.test(environment.TERM ?? '');
}

/** This process's signals. */
export const processSignals = {
  on: (signal: NodeJS.Signals, listener: () => void) => process.on(signal, listener),
  off: (signal: NodeJS.Signals, listener: () => void) => process.off(signal, listener),
  suspend: () => void process.kill(process.pid, 'SIGTSTP'),
};

/** A terminal that goes away makes every later write fail: nobody is left to be told. */
export function ignoreLostTerminal(output: NodeJS.WritableStream): void {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EIO' && error.code !== 'EPIPE') throw error;
  });
}

/** The addresses of this host that others can reach, IPv4 first. */
export function listAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces())
    .flat()
    .filter((address) => address !== undefined && !address.internal && !address.address.startsWith('fe80:'));
  return [
    ...all.filter((address) => address?.family === 'IPv4'),
    ...all.filter((address) => address?.family === 'IPv6'),
  ].map((address) => address?.address ?? '');
}
