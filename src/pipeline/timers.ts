import { isDeepStrictEqual } from 'node:util';
import { countLeftMs } from '../domain/deadline.ts';
import type { Settings } from '../domain/settings.ts';
import { listChanges } from '../domain/settings-change.ts';
import { settleTimers } from '../domain/timers.ts';
import { changesView, type JsonObject, type View } from '../output/view.ts';
import { openRecord, recordOutcome } from './audit.ts';
import { commit } from './commit.ts';
import type { World } from './world.ts';

/**
 * Puts a change that is due in force and saves it: what the timer runs, and what every run does that comes later.
 * Answers whether there was one.
 */
export async function settleDueChange(world: World): Promise<boolean> {
  if (world.store.settings().pending === null) return false;
  return world.store.withLock(async (transaction) => {
    const before = transaction.settings();
    const after = settleTimers(before, world.clock.nowMs(), world.clock.boot);
    if (isDeepStrictEqual(before, after)) return false;
    const record = openRecord(world, `(timer: ${before.pending?.reason})`);
    const view = answerDue(before, after);
    await commit({ change: { settings: after }, view }, transaction, world, record);
    record.after(view);
    return true;
  });
}

/** What `timers run` answers in a dry run: the change that is due. */
export function describeDueChange(world: World): View {
  const before = world.store.settings();
  const after = settleTimers(before, world.clock.nowMs(), world.clock.boot);
  return { ...answerDue(before, after, { dry_run: true }), warnings: ['dry run: nothing was changed'] };
}

function answerDue(before: Settings, after: Settings, more: JsonObject = {}): View {
  const changes = listChanges(before.two_factor, after.two_factor);
  return changesView(changes, [], { changed: before !== after, ...more });
}

/** Looks at enforcement, and writes an alert down. */
async function watchOnce(world: World): Promise<void> {
  if (world.options.dryRun) return;
  await world.store.withLock(async (transaction) => {
    const settings = settleTimers(transaction.settings(), world.clock.nowMs(), world.clock.boot);
    const { alert, outcome } = await world.appliance.watch(settings, transaction);
    if (alert !== null) recordOutcome(world, `(watch: ${alert})`, { outcome });
  });
}

/** Puts in force what is due; where that fails, an alert says what is not as it should be. */
async function settleOrAlert(world: World): Promise<void> {
  try {
    await settleDueChange(world);
  } catch (error) {
    await watchOnce(world);
    throw error;
  }
}

/**
 * What timers start: `run` puts in force what is due; `wait` stays until the pending change is due, or gone; `watch`
 * looks at what asks for codes.
 */
export async function runTimers(verb: 'run' | 'wait' | 'watch', world: World): Promise<number> {
  if (verb === 'watch') {
    await watchOnce(world);
    return 0;
  }
  if (verb === 'run') {
    await settleOrAlert(world);
    return 0;
  }
  const { waitForDue } = await import('../system/switch/timer.ts');
  await waitForDue({
    readLeftMs: () => {
      const { pending } = world.store.settings();
      return pending && countLeftMs(pending, world.clock.nowMs(), world.clock.boot?.());
    },
    settle: () => settleOrAlert(world),
    sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
  });
  return 0;
}
