import { isDeepStrictEqual } from 'node:util';
import type { PendingChange, Settings, TwoFactorSettings } from './settings.ts';

/** The settings as they stand at `nowMs`: a change that is due has been put in force. */
export function settleTimers(settings: Settings, nowMs: number): Settings {
  const { pending } = settings;
  if (!pending || pending.due_ms > nowMs) return settings;
  return { ...settings, two_factor: pending.restore, pending: null };
}

/** A pending change after a person changed `changes` explicitly: what somebody typed later is never undone by a timer. */
export function amendPending(
  pending: PendingChange | null,
  changes: Partial<TwoFactorSettings>,
  next: TwoFactorSettings,
): PendingChange | null {
  if (!pending) return null;
  const restore = { ...pending.restore, ...changes };
  return isDeepStrictEqual(restore, next) ? null : { ...pending, restore };
}
