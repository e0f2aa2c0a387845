import { readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PosternError } from '../errors.ts';
import type { Random } from '../ports/machine.ts';
import { removeFile } from './disk.ts';
import { errnoOf, explainFailure } from './failure.ts';
import {
  describeSelf,
  formatHolder,
  type Holder,
  judgeHolder,
  type Liveness,
  parseHolder,
} from './holder.ts';
import { explainLinkless } from './linkless.ts';

/** A lock that this process holds. */
export type HeldLock = {
  readonly path: string;
  readonly self: Holder;
  /** The dead process from which it was taken over: it may have left things half done. */
  readonly formerHolder?: Holder;
};

/** How long a lock is waited for, in milliseconds: while one holder keeps it, and in all. */
export type LockPatience = { readonly holderMs: number; readonly totalMs: number };

/** Long enough for 50 processes on two slow and busy cores, as long as the lock keeps changing hands. */
export const defaultPatience: LockPatience = { holderMs: 10_000, totalMs: 300_000 };

const longestDelayMs = 20;
/** How often a waiting process asks whether the holder is still alive; in between it only looks at the link. */
const judgeEveryMs = 200;
const deepestGuard = 16;

type Attempt = HeldLock | { readonly holder: Holder; readonly liveness: Liveness };

/** Takes the lock, waiting in small random steps. Errors: `store.busy`, which names the holder. */
export async function acquireLock(
  path: string,
  random: Random,
  patience = defaultPatience,
): Promise<HeldLock> {
  const kept = unreleased.get(path);
  if (kept) releaseLock(kept);
  const self = describeSelf(random);
  const startedMs = monotonicMs();
  let seen: string | undefined;
  let seenSinceMs = startedMs;
  let judgedMs = startedMs;
  for (let delayMs = 1; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    const present = seen === undefined ? undefined : readLock(path);
    const nowMs = monotonicMs();
    if (present !== undefined && present !== seen) {
      seen = present;
      seenSinceMs = judgedMs = nowMs;
    }
    const isTimeUp = nowMs - seenSinceMs >= patience.holderMs || nowMs - startedMs >= patience.totalMs;
    if (present === undefined || isTimeUp || nowMs - judgedMs >= judgeEveryMs) {
      const attempt = tryLock(path, self);
      if ('self' in attempt) return attempt;
      if (isTimeUp) throw busyError(path, attempt.holder, attempt.liveness);
      seen ??= formatHolder(attempt.holder);
      judgedMs = nowMs;
    }
    const share = ((random.bytes(1)[0] ?? 0) + 1) / 256;
    await new Promise((resolve) => setTimeout(resolve, delayMs * share));
  }
}

/** Takes the lock if it is free or its holder is dead, and returns at once in any case. */
export function tryAcquireLock(path: string, random: Random): HeldLock | undefined {
  const attempt = tryLock(path, describeSelf(random));
  return 'self' in attempt ? attempt : undefined;
}

/** Locks that could not be given back, for the file system failed: they are, before this process takes them again. */
const unreleased = new Map<string, HeldLock>();

/**
 * Gives the lock back. One that is no longer ours (removed by hand) is left alone. Answers what went wrong: the lock
 * is then held until this process ends, or takes it again.
 */
export function releaseLock(lock: HeldLock): PosternError | undefined {
  try {
    if (readLock(lock.path) === formatHolder(lock.self)) removeFile(lock.path);
    unreleased.delete(lock.path);
    return undefined;
  } catch (error) {
    unreleased.set(lock.path, lock);
    return explainFailure(error, 'remove', lock.path);
  }
}

/**
 * One attempt. A dead holder's lock is taken over under a guard, a lock of its own named after that holder's nonce:
 * the guard's holder alone may replace that very lock, and does so by renaming the guard onto it, so the lock is
 * never free in between and nobody can take a lock that has changed hands meanwhile. A dead holder of the guard is
 * dealt with in the same way.
 */
function tryLock(path: string, self: Holder, depth = 0): Attempt {
  const text = formatHolder(self);
  for (;;) {
    if (createLock(path, text)) return { path, self };
    const present = readLock(path);
    if (present === undefined) continue;
    const holder = parseHolder(present);
    if (holder === undefined || depth > deepestGuard) throw strangeLockError(path);
    const liveness = judgeHolder(holder, self);
    if (liveness !== 'dead') return { holder, liveness };

    const guard = guardPath(path, holder);
    const attempt = tryLock(guard, self, depth + 1);
    if (!('self' in attempt)) return attempt;
    if (readLock(path) === present) {
      renameSync(guard, path);
      return { path, self, formerHolder: holder };
    }
    unlinkSync(guard);
  }
}

function guardPath(path: string, holder: Holder): string {
  return join(dirname(path), `lock.${holder.nonce}`);
}

function createLock(path: string, text: string): boolean {
  try {
    symlinkSync(text, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw explainLinkless(error, path) ?? error;
  }
}

function readLock(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    if (errnoOf(error) === 'EINVAL') throw strangeLockError(path);
    throw error;
  }
}

/** Time that no change of the wall clock touches. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

function busyError(path: string, holder: Holder, liveness: Liveness): PosternError {
  const who = `the store is in use by process ${holder.pid}`;
  switch (liveness) {
    case 'stopped':
      return new PosternError({
        code: 'store.busy',
        message: `${who}, which is stopped`,
        hint: `kill -CONT ${holder.pid}`,
      });
    case 'elsewhere':
      return new PosternError({
        code: 'store.busy',
        message: `${who} of another container, which cannot be seen from here`,
        hint: `if that container is gone: rm ${path}`,
      });
    case 'alive':
    case 'dead':
      return new PosternError({ code: 'store.busy', message: who, hint: `ps -fp ${holder.pid}` });
    default:
      return liveness satisfies never;
  }
}

function strangeLockError(path: string): PosternError {
  return new PosternError({
    code: 'store.busy',
    message: `${path} is not a lock that Postern made`,
    hint: `if no other Postern is running: rm -r ${path}`,
  });
}
