import { readFileSync, readlinkSync } from 'node:fs';
import type { Random } from '../ports/machine.ts';
import { errnoOf } from './failure.ts';

/**
 * Who holds a lock. Its text is the target of the lock's symbolic link, under 60 bytes, so that ext4 keeps it in the
 * inode and a full disk cannot refuse it. `0` stands for what /proc did not tell.
 */
export type Holder = {
  readonly pid: number;
  /** Clock ticks from boot to its start: tells it from a later process with the same pid. */
  readonly startTicks: string;
  /** First 12 digits of the kernel's boot id. */
  readonly boot: string;
  /** Inode of its pid namespace: in another one the pid says nothing. */
  readonly namespace: string;
  /** Different for every time that a lock is taken. */
  readonly nonce: string;
};

/** Whether the holder of a lock can still be at work. A stopped process can; a zombie cannot. */
export type Liveness = 'dead' | 'alive' | 'stopped' | 'elsewhere';

/** This process as a holder, with a new nonce. */
export function describeSelf(random: Random): Holder {
  return {
    pid: process.pid,
    startTicks: readProcess(process.pid)?.startTicks ?? '0',
    boot: readBootId(),
    namespace: readNamespace(),
    nonce: Buffer.from(random.bytes(6)).toString('hex'),
  };
}

/** The text of a lock. */
export function formatHolder(holder: Holder): string {
  return [holder.pid, holder.startTicks, holder.boot, holder.namespace, holder.nonce].join(':');
}

/** Reads the text of a lock; undefined: not one of ours. */
export function parseHolder(text: string): Holder | undefined {
  const match = /^([1-9]\d{0,9}):(\d+):([0-9a-f]+):(\d+):([0-9a-f]{12})$/.exec(text);
  if (!match) return undefined;
  const [, pid = '', startTicks = '', boot = '', namespace = '', nonce = ''] = match;
  return { pid: Number(pid), startTicks, boot, namespace, nonce };
}

/** Judges a holder as seen by `self`. In doubt it is alive: a lock is never taken from a process at work. */
export function judgeHolder(holder: Holder, self: Holder): Liveness {
  if (differ(holder.boot, self.boot)) return 'dead';
  if (differ(holder.namespace, self.namespace)) return 'elsewhere';
  if (!processExists(holder.pid)) return 'dead';
  // With hidepid another user's process exists and yet has no file here.
  const found = readProcess(holder.pid);
  if (found === undefined) return 'alive';
  if (found.state === 'Z' || found.state === 'X' || differ(found.startTicks, holder.startTicks))
    return 'dead';
  return found.state === 'T' ? 'stopped' : 'alive';
}

function differ(one: string, other: string): boolean {
  return one !== '0' && other !== '0' && one !== other;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}

/** State and start time, fields 3 and 22 of /proc/PID/stat (proc(5)); the name before them may hold anything. */
function readProcess(pid: number): { readonly state: string; readonly startTicks: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    return state && startTicks && /^\d+$/.test(startTicks) ? { state, startTicks } : undefined;
  } catch {
    return undefined;
  }
}

function readBootId(): string {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replaceAll('-', '').slice(0, 12);
    return /^[0-9a-f]{12}$/.test(id) ? id : '0';
  } catch {
    return '0';
  }
}

function readNamespace(): string {
  try {
    return /^pid:\[(\d+)\]$/.exec(readlinkSync('/proc/self/ns/pid'))?.[1] ?? '0';
  } catch {
    return '0';
  }
}
