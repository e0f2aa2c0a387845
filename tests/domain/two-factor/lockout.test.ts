import { describe, expect, test } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import { boundLockout, clearFailures, lockDurationMs } from '../../../src/domain/two-factor/lockout.ts';
import { verifyToken } from '../../../src/domain/two-factor/verify.ts';
import { baseStep, makeAccount, nowMs, secretA } from '../../support/accounts.ts';
import { readCode, readCodes } from '../../support/oathtool.ts';

const minuteMs = 60_000;
const shown = readCodes(secretA, { fromStep: baseStep - 1, count: 3 });
const wrongCode = ['000000', '111111', '222222'].find((code) => !shown.includes(code)) as string;

/** Eight wrong codes at one moment; the account and what the eighth answered. */
function failEightTimes(account: Account, atMs: number) {
  let result = { account, outcome: {} as object };
  for (let count = 0; count < 8; count += 1)
    result = verifyToken(result.account, wrongCode, { nowMs: atMs, windowSteps: 1 });
  return result;
}

test('seven wrong codes do not lock; the eighth does, and says until when', () => {
  let account = makeAccount();
  for (let count = 1; count <= 7; count += 1) {
    const result = verifyToken(account, wrongCode, { nowMs, windowSteps: 1 });
    account = result.account;
    expect(result.outcome).toEqual({ valid: false, reason: 'wrong' });
    expect(account).toMatchObject({ failures: count, lockouts: 0, locked_until_ms: null });
  }
  const { account: locked, outcome } = verifyToken(account, wrongCode, { nowMs, windowSteps: 1 });
  const locked_until_ms = nowMs + 15 * minuteMs;
  expect(locked).toMatchObject({ failures: 0, lockouts: 1, locked_until_ms });
  expect(outcome).toEqual({ valid: false, reason: 'wrong', locked_until_ms });
});

test('each lockout doubles, up to 24 hours, and lasts to its last millisecond', () => {
  let account = makeAccount();
  let atMs = nowMs;
  for (const minutes of [15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]) {
    account = failEightTimes(account, atMs).account;
    expect(account.locked_until_ms).toBe(atMs + minutes * minuteMs);
    atMs = account.locked_until_ms as number;
    const last = verifyToken(account, wrongCode, { nowMs: atMs - 1, windowSteps: 1 });
    expect(last.outcome).toMatchObject({ reason: 'locked' });
    expect(last.account).toBe(account);
  }
  expect(lockDurationMs(5000)).toBe(24 * 60 * minuteMs);
});

test('a right code after a lockout clears failures, lockouts and lock', () => {
  const locked = failEightTimes(makeAccount('root', { lockouts: 3 }), nowMs - 10 * 60 * minuteMs).account;
  const missed = verifyToken(locked, wrongCode, { nowMs, windowSteps: 1 }).account;
  expect(missed).toMatchObject({ failures: 1, lockouts: 4, locked_until_ms: null });
  const { account, outcome } = verifyToken(missed, readCode(secretA, baseStep), { nowMs, windowSteps: 1 });
  expect(outcome.valid).toBe(true);
  expect(account).toMatchObject({ failures: 0, lockouts: 0, locked_until_ms: null });
});

describe('boundLockout', () => {
  test('cuts a lockout set under a clock that was years ahead to its own length', () => {
    const account = makeAccount('root', { lockouts: 2, locked_until_ms: nowMs + 1e11 });
    expect(boundLockout(account, nowMs).locked_until_ms).toBe(nowMs + 30 * minuteMs);
    const { account: saved, outcome } = verifyToken(account, wrongCode, { nowMs, windowSteps: 1 });
    expect(outcome).toMatchObject({ reason: 'locked', locked_until_ms: nowMs + 30 * minuteMs });
    expect(saved.locked_until_ms).toBe(nowMs + 30 * minuteMs);
  });

  test('leaves a genuine one alone', () => {
    const account = makeAccount('root', { lockouts: 2, locked_until_ms: nowMs + 30 * minuteMs });
    expect(boundLockout(account, nowMs)).toBe(account);
  });
});

test('clearFailures answers the same account where there is nothing to clear', () => {
  const account = makeAccount();
  expect(clearFailures(account)).toBe(account);
  for (const changes of [{ failures: 1 }, { lockouts: 1 }, { locked_until_ms: 5 }])
    expect(clearFailures(makeAccount('root', changes))).toEqual(account);
});
