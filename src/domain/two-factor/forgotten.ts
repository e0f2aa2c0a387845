import type { Account } from '../account.ts';
import type { Settings } from '../settings.ts';
import { type Forgotten, mergeSecrets, replaceDevices } from './used-steps.ts';

/** Used secrets of deleted accounts that are remembered. */
const longestMemory = 128;

/** What the settings remember of accounts that are gone. `lostMs`: another one is lost, at that time. */
export function forgottenOf(settings: Settings, lostMs?: number): Forgotten {
  const untilMs = latest(settings.forgotten_until_ms, lostMs);
  return { secrets: settings.forgotten_secrets, ...(untilMs === undefined ? {} : { untilMs }) };
}

/**
 * `next` with what `present` remembers of accounts that are gone, and what is to be remembered of `deleted` ones: a code
 * that was used must not be good again when somebody makes the account anew and gives it the same secret. `lostMs`: an
 * account was lost at that time, and nobody knows which of its codes were used.
 */
export function rememberDeleted(
  next: Settings,
  present: Settings,
  deleted: readonly Account[],
  lostMs?: number,
): Settings {
  const { forgotten_secrets: _s, forgotten_until_ms: _u, ...settings } = next;
  const known = present.forgotten_secrets;
  const used = deleted.flatMap((account) => replaceDevices(account, []).retired_secrets ?? []);
  const secrets = used.length === 0 ? known : mergeSecrets(known ?? [], used, longestMemory);
  const untilMs = latest(present.forgotten_until_ms, lostMs);
  return {
    ...settings,
    ...(secrets === undefined ? {} : { forgotten_secrets: secrets }),
    ...(untilMs === undefined ? {} : { forgotten_until_ms: untilMs }),
  };
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
