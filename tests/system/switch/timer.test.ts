import { describe, expect, it } from 'vitest';
import { disarmTimer, waitForDue } from '../../../src/system/switch/timer.ts';
import { places, systemdMachine } from '../../support/fake-machine.ts';

/** A world in which sleeping is all that takes time, and things happen meanwhile. */
function simulate(options: {
  readonly dueMs: number | null;
  /** What happens when the clock that counts true time reaches a moment. */
  readonly events?: Readonly<Record<number, (world: { clockMs: number; dueMs: number | null }) => void>>;
  readonly settle?: (world: { clockMs: number; dueMs: number | null }, attempt: number) => void;
}) {
  const world = { clockMs: 0, dueMs: options.dueMs };
  const events = Object.entries(options.events ?? {}).map(([at, happen]) => ({ at: Number(at), happen }));
  const settledAtMs: number[] = [];
  let trueMs = 0;
  const done = waitForDue({
    readLeftMs: () => (world.dueMs === null ? null : world.dueMs - world.clockMs),
    settle: async () => {
      settledAtMs.push(trueMs);
      if (options.settle) options.settle(world, settledAtMs.length);
      else world.dueMs = null;
    },
    sleep: async (ms) => {
      const untilMs = trueMs + ms;
      for (const { at, happen } of events) {
        if (at <= trueMs || at > untilMs) continue;
        world.clockMs += at - trueMs;
        trueMs = at;
        happen(world);
      }
      world.clockMs += untilMs - trueMs;
      trueMs = untilMs;
      if (trueMs > 86_400_000) throw new Error('it waits forever');
    },
  });
  return done.then(() => ({ settledAtMs, endedAtMs: trueMs }));
}
const minutes = 60_000;

describe('waiting for a pending change', () => {
  it('puts it in force at its time, and ends', async () => {
    expect(await simulate({ dueMs: 10 * minutes })).toEqual({ settledAtMs: [600_000], endedAtMs: 600_000 });
  });

  it('puts one that is due already in force at once', async () => {
    expect(await simulate({ dueMs: -1 })).toEqual({ settledAtMs: [0], endedAtMs: 0 });
  });

  it('has nothing to do where nothing is pending', async () => {
    expect(await simulate({ dueMs: null })).toEqual({ settledAtMs: [], endedAtMs: 0 });
  });

  it('ends within a minute when the change has gone', async () => {
    const { settledAtMs, endedAtMs } = await simulate({
      dueMs: 60 * minutes,
      events: {
        [5 * minutes]: (world) => {
          world.dueMs = null;
        },
      },
    });
    expect(settledAtMs).toEqual([]);
    expect(endedAtMs).toBeLessThanOrEqual(6 * minutes);
  });

  it('is at most a minute late when the clock is set ahead, and goes on when it is set back', async () => {
    const ahead = await simulate({
      dueMs: 60 * minutes,
      events: {
        [5 * minutes]: (world) => {
          world.clockMs += 100 * minutes;
        },
      },
    });
    expect(ahead.settledAtMs[0]).toBeLessThanOrEqual(6 * minutes);
    const back = await simulate({
      dueMs: 10 * minutes,
      events: {
        [5 * minutes]: (world) => {
          world.clockMs -= 20 * minutes;
        },
      },
    });
    expect(back.settledAtMs).toEqual([30 * minutes]);
  });

  it('follows a deadline that is moved', async () => {
    const { settledAtMs } = await simulate({
      dueMs: 60 * minutes,
      events: {
        [5 * minutes]: (world) => {
          world.dueMs = 20 * minutes;
        },
      },
    });
    expect(settledAtMs).toEqual([20 * minutes]);
  });

  it('tries again while the store is busy or broken', async () => {
    const { settledAtMs } = await simulate({
      dueMs: minutes,
      settle: (world, attempt) => {
        if (attempt === 1) throw new Error('store.busy');
        if (attempt === 3) world.dueMs = null;
      },
    });
    expect(settledAtMs).toEqual([60_000, 90_000, 120_000]);
  });
});

describe('the process that waits', () => {
  const rows = [
    { because: 'another program asks', pid: 4322, words: 'node\0postern\0timers\0wait\0', ends: [4322] },
    { because: 'it is the one that asks: it has more to do', pid: 4321, words: 'timers\0wait\0', ends: [] },
    { because: 'its number is a stranger now', pid: 4322, words: 'sleep\x180\0', ends: [] },
  ];
  it.each(rows)('is ended or not where $because', ({ pid, words, ends }) => {
    const { ports, contents, signalled } = systemdMachine();
    contents.set('/var/lib/postern/timer.pid', `${pid}\n`);
    contents.set(`/proc/${pid}/cmdline`, words);
    disarmTimer(ports, places);
    expect(signalled).toEqual(ends);
    expect(contents.has('/var/lib/postern/timer.pid')).toBe(false);
  });
});
