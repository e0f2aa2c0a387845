import type { ReadAccount } from './account.ts';
import type { Settings } from './settings.ts';

/** Names that a sentence lists; the rest are counted. */
const mostNamed = 10;

/** Who has no device, is not exempt, and so could not sign in with `unenrolled=deny`. `loginAccounts`: those of the system. */
export function findShutOut(
  loginAccounts: readonly string[],
  read: (username: string) => ReadAccount,
): readonly string[] {
  return loginAccounts.filter((name) => {
    const { account, damage } = read(name);
    return damage === undefined && !account?.exempt && (account?.devices.length ?? 0) === 0;
  });
}

/** Whether SSH refuses those who have no device. */
export function refusesUnenrolled({ two_factor }: Settings): boolean {
  return two_factor.enabled && two_factor.services.ssh && two_factor.unenrolled === 'deny';
}

/** Names as a part of a sentence, at most ten of them. */
export function listNames(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return more > 0 ? `${names.slice(0, mostNamed).join(', ')} and ${more} more` : names.join(', ');
}
