import { isDeepStrictEqual } from 'node:util';
import type { PendingChange, Settings, TwoFactorSettings } from './settings.ts';

/** Which boot of the machine this is, and for how long it has lasted: a clock that cannot be set. */
export type Boot = { readonly id: string; readonly uptimeMs: number };

/** When something ends. Without its last three fields, which an older Postern did not write, the wall clock alone counts. */
export type Deadline = {
  /** Unix time in milliseconds. */
  readonly due_ms: number;
  /** The boot in which the time began. */
  readonly boot_id?: string;
  /** How long that boot will have lasted then. */
  readonly due_uptime_ms?: number;
  /** From the beginning to the end. */
  readonly duration_ms?: number;
};

/** How far two readings of one clock by two processes may lie apart. */
const toleranceMs = 5_000;

/** The moment that comes after `seconds`. */
export function makeDeadline(seconds: number, nowMs: number, boot?: Boot): Deadline {
  const duration_ms = seconds * 1000;
  const due_ms = nowMs + duration_ms;
  if (boot === undefined) return { due_ms };
  return { due_ms, boot_id: boot.id, due_uptime_ms: Math.floor(boot.uptimeMs) + duration_ms, duration_ms };
}

/**
 * Milliseconds until a deadline; 0 or less: it is over. Within the boot in which it began, setting the clock changes
 * nothing. After another boot the wall clock counts, and only where it can be right: the time that is left is not longer
 * than all of it, and the boot alone has not lasted as long. In doubt it is over: what was only for a while ends.
 */
export function countLeftMs(deadline: Deadline, nowMs: number, boot?: Boot): number {
  const { due_ms, boot_id, due_uptime_ms, duration_ms } = deadline;
  if (boot_id === undefined || due_uptime_ms === undefined || duration_ms === undefined)
    return due_ms - nowMs;
  const isSameBoot = boot?.id === boot_id;
  const leftMs = boot !== undefined && isSameBoot ? due_uptime_ms - boot.uptimeMs : due_ms - nowMs;
  const isLongGone = !isSameBoot && boot !== undefined && boot.uptimeMs >= duration_ms;
  return isLongGone || leftMs > duration_ms + toleranceMs ? 0 : leftMs;
}

/** The settings as they are now: a change that is due has been put in force. `readBoot` is asked where one is pending. */
export function settleTimers(settings: Settings, nowMs: number, readBoot?: () => Boot | undefined): Settings {
  const { pending } = settings;
  if (!pending || countLeftMs(pending, nowMs, readBoot?.()) > 0) return settings;
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
