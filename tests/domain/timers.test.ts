import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Boot, countLeftMs, makeDeadline } from '../../src/domain/deadline.ts';
import { settleTimers } from '../../src/domain/timers.ts';
import { settingsOn } from '../support/accounts.ts';

const [minute, hour] = [60_000, 3_600_000];
const startMs = Date.UTC(2031, 1, 3);
const began: Boot = { id: 'one', uptimeMs: 5 * hour };
const deadline = makeDeadline(600, startMs, began);

describe('the time that is left of ten minutes', () => {
  const rows: readonly { because: string; wallMs: number; boot: Boot | undefined; leftMs: number }[] = [
    { because: 'it begins', wallMs: 0, boot: began, leftMs: 10 * minute },
    { because: 'four minutes have passed', wallMs: 4 * minute, boot: here(4 * minute), leftMs: 6 * minute },
    { because: 'the clock is set back meanwhile', wallMs: -hour, boot: here(9 * minute), leftMs: minute },
    { because: 'the clock is set forward meanwhile', wallMs: hour, boot: here(minute), leftMs: 9 * minute },
    { because: 'it is over, by whatever clock', wallMs: -hour, boot: here(10 * minute), leftMs: 0 },
    {
      because: 'the machine was started anew',
      wallMs: 4 * minute,
      boot: elsewhere(minute),
      leftMs: 6 * minute,
    },
    {
      because: 'it ended while the machine was off',
      wallMs: 11 * minute,
      boot: elsewhere(0),
      leftMs: -minute,
    },
    {
      because: 'the clock has stopped while the machine was off',
      wallMs: minute,
      boot: elsewhere(10 * minute),
      leftMs: 0,
    },
    {
      because: 'the clock forgot the time while the machine was off',
      wallMs: -startMs,
      boot: elsewhere(0),
      leftMs: 0,
    },
    {
      because: 'the kernel does not say which boot it is',
      wallMs: minute,
      boot: undefined,
      leftMs: 9 * minute,
    },
    { because: 'it says so no more, and the clock is behind', wallMs: -hour, boot: undefined, leftMs: 0 },
    {
      because: 'another process reads the same clock a little earlier',
      wallMs: 0,
      boot: here(-50),
      leftMs: 10 * minute + 50,
    },
    {
      because: 'the boot is younger than when it began: it is none that could be',
      wallMs: 0,
      boot: here(-hour),
      leftMs: 0,
    },
  ];
  it.each(rows)('where $because', ({ wallMs, boot, leftMs }) => {
    expect(countLeftMs(deadline, startMs + wallMs, boot)).toBe(leftMs);
  });

  it('is what the wall clock says where an older Postern wrote the deadline', () => {
    expect(countLeftMs(makeDeadline(600, startMs), startMs + minute, began)).toBe(9 * minute);
  });

  it('is never more than all of it, whatever is done to the clock', () => {
    const moment = fc.integer({ min: -10 * hour, max: 10 * hour });
    fc.assert(
      fc.property(moment, moment, fc.boolean(), (wallMs, upMs, isSame) => {
        const boot = isSame ? here(upMs) : elsewhere(Math.abs(upMs));
        expect(countLeftMs(deadline, startMs + wallMs, boot)).toBeLessThanOrEqual(10 * minute + 5_000);
      }),
    );
  });
});

it('asks for the boot only where a change is pending', () => {
  const ask = () => {
    throw new Error('asked');
  };
  expect(settleTimers(settingsOn, startMs, ask)).toBe(settingsOn);
});

function here(uptimeMs: number): Boot {
  return { ...began, uptimeMs: began.uptimeMs + uptimeMs };
}

function elsewhere(uptimeMs: number): Boot {
  return { id: 'two', uptimeMs };
}
