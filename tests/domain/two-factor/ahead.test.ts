import { expect, test } from 'vitest';
import { codesAheadOfClock } from '../../../src/domain/two-factor/used-steps.ts';
import { baseStep, makeAccount, makeDevice, nowMs } from '../../support/accounts.ts';

const rows: readonly [reason: string, used: number | null, window: number, until: number | null][] = [
  ['never used', null, 1, null],
  ['used in this step', baseStep, 1, null],
  ['used at the far end of the window, by a fast phone', baseStep + 1, 1, null],
  ['used two steps ahead: nothing in the window is fresh for two steps', baseStep + 2, 1, baseStep + 2],
  ['used an hour ahead', baseStep + 120, 1, baseStep + 120],
  ['used an hour ahead, within no window', baseStep + 120, 0, baseStep + 121],
  ['used within a wide window', baseStep + 10, 10, null],
];

test.each(rows)('%s', (_, last_used_step, windowSteps, until) => {
  const account = makeAccount('root', { devices: [makeDevice({ last_used_step })] });
  const expected = until === null ? [] : [{ device: 'default', until_ms: until * 30_000 }];
  expect(codesAheadOfClock(account, { nowMs, windowSteps })).toEqual(expected);
});

test('each device by its own interval', () => {
  const slow = makeDevice({ name: 'slow', interval: 60, last_used_step: baseStep / 2 + 60 });
  const account = makeAccount('root', { devices: [makeDevice({ last_used_step: baseStep }), slow] });
  expect(codesAheadOfClock(account, { nowMs, windowSteps: 1 })).toEqual([
    { device: 'slow', until_ms: (baseStep / 2 + 60) * 60_000 },
  ]);
});
