import { hasSystemd, managesSystem } from '../machine/machine.ts';
import type { Places, SystemPorts } from '../types.ts';

/** The longest sleep: after it the clock is looked at again, for it may have been set meanwhile. */
const longestSleepMs = 30_000;

/** The words that make this program put due changes in force and end: what timers run. */
export const settleWords = ['timers', 'run'] as const;

/** The words that make this program wait for a change that is due: what `armTimer` runs. */
export const waitWords = ['timers', 'wait'] as const;

/** The words that make this program look at enforcement and end: what the watching units run. */
export const watchWords = ['timers', 'watch'] as const;

/**
 * Makes a pending change happen with no Postern running. Under systemd the units do it, which `applyPlan` writes;
 * elsewhere, and in a trial, a process of its own is started that outlives the session.
 */
export function armTimer(ports: SystemPorts, places: Places): void {
  disarmTimer(ports, places);
  if (managesSystem(places) && hasSystemd(ports.files)) return;
  const argv = [...places.program, '--state-dir', places.stateDirectory, ...waitWords] as const;
  const pid = ports.processes.startDetached(argv as unknown as [string, ...string[]], {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
  });
  ports.files.writeAtomic(pidPath(places), `${pid}\n`, 0o600);
}

/** Ends the waiting process, if there is one and it is not this; units go with the next plan. */
export function disarmTimer(ports: SystemPorts, places: Places): void {
  if (!ports.files.stat(pidPath(places))?.isFile) return;
  const pid = Number(ports.files.read(pidPath(places))?.trim() || Number.NaN);
  // The one that waited ends by itself, once it has done all that is due.
  if (pid !== ports.processes.ownPid && isWaiting(pid, ports)) ports.processes.signal(pid, 'SIGTERM');
  ports.files.remove(pidPath(places));
}

/** What the waiting process works with. */
export type Waiting = {
  /** Milliseconds until the pending change is due; null: there is none (any more). */
  readLeftMs(): number | null;
  /** Puts in force what is due. */
  settle(): Promise<void>;
  sleep(ms: number): Promise<void>;
};

/** Waits for the pending change, puts it in force and ends; ends as well when the change has gone. */
export async function waitForDue(waiting: Waiting): Promise<void> {
  for (;;) {
    const leftMs = await lookAndSettle(waiting).catch(() => longestSleepMs);
    if (leftMs === null) return;
    await waiting.sleep(Math.min(leftMs, longestSleepMs));
  }
}

/** Milliseconds until the next look; null: there is nothing to wait for. */
async function lookAndSettle(waiting: Waiting): Promise<number | null> {
  const leftMs = waiting.readLeftMs();
  if (leftMs === null || leftMs > 0) return leftMs;
  await waiting.settle();
  // A store that is busy may leave it pending: then again in a while.
  return waiting.readLeftMs() === null ? null : longestSleepMs;
}

/** A pid may belong to someone else by now. */
function isWaiting(pid: number, ports: SystemPorts): boolean {
  const words = ports.files.read(`/proc/${pid}/cmdline`)?.split('\0') ?? [];
  return words.includes(waitWords[0]) && words.includes(waitWords[1]);
}

/** Where the waiting process is written down. */
export function pidPath(places: Places): string {
  return `${places.stateDirectory}/timer.pid`;
}
