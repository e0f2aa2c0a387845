import type { Account } from '../account.ts';
import type { Settings } from '../settings.ts';
import { mergeSecrets, replaceDevices } from './used-steps.ts';

/** Used secrets of deleted accounts that are remembered. */
const longestMemory = 128;

/**
 * `next` with what `present` remembers of deleted accounts, and what is to be remembered of `deleted` ones: a code that
 * was used must not be good again when somebody makes the account anew and gives it the same secret.
 */
export function rememberDeleted(
  next: Settings,
  present: Settings,
  deleted: readonly Account[] = [],
): Settings {
  const { forgotten_secrets: _, ...settings } = next;
  const known = present.forgotten_secrets;
  const used = deleted.flatMap((account) => replaceDevices(account, []).retired_secrets ?? []);
  const forgotten = used.length === 0 ? known : mergeSecrets(known ?? [], used, longestMemory);
  return forgotten === undefined ? settings : { ...settings, forgotten_secrets: forgotten };
}
