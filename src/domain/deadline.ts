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
