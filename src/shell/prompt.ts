import { escapeForTerminal } from '../output/escape.ts';

/** What the shell and the menu begin with in a dry run. */
export const dryRunNote = 'Dry run: nothing changes.';

/** The prompt: the host, and the namespace that relative words start from. */
export function describePlace(hostName: string, location: readonly string[]): string {
  return `[${escapeForTerminal(hostName)}]${location.map((word) => ` ${word}`).join('')}> `;
}
