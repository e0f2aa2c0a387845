import { isDeepStrictEqual } from 'node:util';
import { type Boot, countLeftMs } from './deadline.ts';
import type { PendingChange, Settings, TwoFactorSettings } from './settings.ts';

/** The settings as they are now: a change that is due has been put in force. `readBoot` is asked where one is pending. */
export function settleTimers(settings: Settings, nowMs: number, readBoot?: () => Boot | undefined): Settings {
  const { pending } = settings;
  if (!pending || countLeftMs(pending, nowMs, readBoot?.()) > 0) return settings;
  return { ...settings, two_factor: pending.restore, pending: null };
}

/** A pending change after a person changed `changes` explicitly: what someone typed later is never undone by a timer. */
export function amendPending(
  pending: PendingChange | null,
  changes: Partial<TwoFactorSettings>,
  next: TwoFactorSettings,
): PendingChange | null {
  if (!pending) return null;
  const restore = { ...pending.restore, ...changes };
  return isDeepStrictEqual(restore, next) ? null : { ...pending, restore };
}
