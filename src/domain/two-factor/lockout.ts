import { type Account, forgetAddresses } from '../account.ts';

/** Wrong codes in a row that lock an account's codes. */
export const failuresToLock = 8;
const firstLockMs = 15 * 60_000;
const longestLockMs = 24 * 3_600_000;

/** How long the next lockout lasts after so many in a row, in milliseconds: 15 minutes, doubling up to 24 hours. */
export function lockDurationMs(lockouts: number): number {
  return Math.min(firstLockMs * 2 ** Math.min(lockouts, 30), longestLockMs);
}

/** Whether the account's codes are locked at a moment. */
export function isLockedOut(account: Account, nowMs: number): boolean {
  return account.locked_until_ms !== null && nowMs < account.locked_until_ms;
}

/**
 * The account with a lockout that ends later than its own length from now cut to that length: it was set while the
 * clock was wrong, and without this it could last for years. The same reference where nothing is to be done.
 */
export function boundLockout(account: Account, nowMs: number): Account {
  const latestMs = nowMs + lockDurationMs(Math.max(0, account.lockouts - 1));
  return account.locked_until_ms !== null && account.locked_until_ms > latestMs
    ? { ...account, locked_until_ms: latestMs }
    : account;
}

/** The account after one more wrong code: at the eighth in a row its codes are locked and counting starts afresh. */
export function recordFailure(account: Account, nowMs: number): Account {
  const failures = account.failures + 1;
  if (failures < failuresToLock) return { ...account, failures, locked_until_ms: null };
  return {
    ...forgetAddresses(account),
    failures: 0,
    lockouts: account.lockouts + 1,
    locked_until_ms: nowMs + lockDurationMs(account.lockouts),
  };
}

/** The account with failures, lockouts and lock cleared: after a right code, and by `unlock`. Same reference if clear. */
export function clearFailures(account: Account): Account {
  return account.failures === 0 && account.lockouts === 0 && account.locked_until_ms === null
    ? account
    : { ...account, failures: 0, lockouts: 0, locked_until_ms: null };
}
