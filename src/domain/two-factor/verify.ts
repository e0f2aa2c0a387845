import type { Account, Device } from '../account.ts';
import { explainWrongCode } from './explain.ts';
import { boundLockout, clearFailures, isLockedOut, recordFailure } from './lockout.ts';
import { acceptMatch, matchCode } from './match.ts';
import type { Refusal, Verification } from './outcome.ts';
import { findRecoveryCode } from './recovery-codes.ts';
import { parseToken, type Token } from './token.ts';

export type { Acceptance, Outcome, Refusal, Verification } from './outcome.ts';

export type VerifyOptions = {
  /** Unix time in milliseconds. */
  readonly nowMs: number;
  /** Steps before and after the present one in which a code is accepted. */
  readonly windowSteps: number;
  /**
   * Asks for the true cause of a refusal. Only for the console: a stranger must learn nothing. It changes what is
   * answered, never what is counted or saved.
   */
  readonly explain?: {
    /** Accounts whose code it may be; read one by one, and only when nothing else explains the code. */
    readonly otherAccounts?: Iterable<Account>;
  };
};

/**
 * Decides on a code or recovery code, and uses it up when it is right: its step, on every device with that secret, and
 * every step before. An accepted code confirms its device and clears failures and lockouts.
 *
 * What counts as a failure: every input that was compared and did not fit. Not what cannot be a code (nothing was
 * compared), and not a right code that was used before (it says nothing new, and simultaneous sign-ins with one code
 * must not lock the account). Of an account that is locked, by wrong
 * codes or by an administrator, no code is looked at and nothing is counted or used up.
 */
export function verifyToken(account: Account, token: string, options: VerifyOptions): Verification {
  const { nowMs, windowSteps, explain } = options;
  const input = parseToken(token);
  const present = boundLockout(account, nowMs);
  if (present.locked) {
    spendSameTime(input, options);
    return refuse(present, { reason: 'locked' });
  }
  if (isLockedOut(present, nowMs)) {
    spendSameTime(input, options);
    return refuse(present, { reason: 'locked', locked_until_ms: present.locked_until_ms as number });
  }
  if (present.devices.length === 0) {
    spendSameTime(input, options);
    return refuse(present, { reason: 'not_enrolled' });
  }
  switch (input.kind) {
    case 'malformed':
      return refuse(present, { reason: 'malformed' });
    case 'recovery':
      return verifyRecoveryCode(present, input.code, nowMs);
    case 'code': {
      const match = matchCode(present, present.devices, input.code, options);
      if (match?.fresh === true) return acceptMatch(clearFailures(present), match, nowMs);
      const saved = match === undefined ? recordFailure(present, nowMs) : present;
      const cause =
        explain === undefined
          ? { reason: 'wrong' as const }
          : explainWrongCode(present, input.code, { nowMs, windowSteps, ...explain });
      return refuse(saved, { ...cause, ...lockOf(saved, nowMs) });
    }
    default:
      return input satisfies never;
  }
}

/**
 * An account for names that do not exist: verifying against it costs what a real one costs, and never succeeds,
 * since every step of its only device counts as used.
 */
export function unknownAccount(): Account {
  const device: Device = {
    name: 'default',
    secret: 'A'.repeat(32),
    otp_digits: 6,
    interval: 30,
    confirmed: true,
    created_ms: 0,
    last_used_step: Number.MAX_SAFE_INTEGER,
    last_used_ms: null,
  };
  return {
    username: '',
    full_name: '',
    admin: false,
    locked: false,
    devices: [device],
    recovery_codes: [],
    failures: 0,
    lockouts: 0,
    locked_until_ms: null,
  };
}

function verifyRecoveryCode(account: Account, code: string, nowMs: number): Verification {
  const place = findRecoveryCode(account.recovery_codes, code);
  if (place < 0) {
    const failed = recordFailure(account, nowMs);
    return refuse(failed, { reason: 'wrong', ...lockOf(failed, nowMs) });
  }
  return {
    account: {
      ...clearFailures(account),
      recovery_codes: account.recovery_codes.filter((_, index) => index !== place),
    },
    outcome: { valid: true, device: null, drift_steps: 0, recovery_code: true },
  };
}

/** Does for a locked or unenrolled account the work that an enrolled one costs. */
function spendSameTime(input: Token, options: VerifyOptions): void {
  const nobody = unknownAccount();
  if (input.kind === 'code') matchCode(nobody, nobody.devices, input.code, options);
  if (input.kind === 'recovery') findRecoveryCode([], input.code);
}

function lockOf(account: Account, nowMs: number): { locked_until_ms?: number } {
  return account.locked_until_ms !== null && isLockedOut(account, nowMs)
    ? { locked_until_ms: account.locked_until_ms }
    : {};
}

function refuse(account: Account, refusal: Omit<Refusal, 'valid'>): Verification {
  return { account, outcome: { valid: false, ...refusal } };
}
