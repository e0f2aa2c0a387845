import { readFileSync } from 'node:fs';
import type { Clock } from '../ports.ts';

/** The machine's clocks. */
export const systemClock: Clock = { nowMs: () => Date.now(), boot: readBoot };

/**
 * By when this process started, which the kernel tells in hundredths of a second of CLOCK_BOOTTIME (proc(5), stat): what
 * /proc/uptime says may be the age of a container, and is not what the PAM module goes by.
 */
function readBoot(): ReturnType<NonNullable<Clock['boot']>> {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const stat = readFileSync('/proc/self/stat', 'latin1');
    // The second field, the program's name, may hold blanks and brackets; the start is the 22nd.
    const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    return Number.isSafeInteger(started)
      ? { id, uptimeMs: started * 10 + process.uptime() * 1000 }
      : undefined;
  } catch {
    return undefined;
  }
}
