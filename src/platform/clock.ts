import { readFileSync } from 'node:fs';
import type { Clock } from '../ports/machine.ts';

/** The machine's clocks. */
export const systemClock: Clock = { nowMs: () => Date.now(), boot: readBoot };

/**
 * CLOCK_BOOTTIME, which the PAM module goes by, as the greater of two that never run ahead of it: /proc/uptime, which in
 * a container may be the container's age; and when this process started (proc(5), stat, in hundredths of a second) with
 * how long it has run, which leaves out for how long the machine was suspended meanwhile.
 */
function readBoot(): ReturnType<NonNullable<Clock['boot']>> {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const stat = readFileSync('/proc/self/stat', 'latin1');
    // The second field, the program's name, may hold blanks and brackets; the start is the 22nd.
    const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'latin1'));
    const uptimeMs = Math.max(started * 10 + process.uptime() * 1000, uptime * 1000);
    return Number.isFinite(uptimeMs) ? { id, uptimeMs } : undefined;
  } catch {
    return undefined;
  }
}
