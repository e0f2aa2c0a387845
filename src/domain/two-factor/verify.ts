import type { Account, Device } from '../account.ts';
import { explainWrongCode } from './explain.ts';
import { boundLockout, clearFailures, isLockedOut, recordFailure } from './lockout.ts';
import { findRecoveryCode } from './recovery-codes.ts';
import { parseToken, type Token } from './token.ts';
import { findSteps, stepAt } from './totp.ts';
import { lastUsedStep, useStep } from './used-steps.ts';

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

export type Refusal = {
  readonly valid: false;
  readonly reason: 'wrong' | 'already_used' | 'out_of_window' | 'locked' | 'not_enrolled' | 'malformed';
  /** `out_of_window`: how far the device's clock is ahead of this one; negative: behind. */
  readonly drift_seconds?: number;
  /** Unix time in milliseconds: when codes are looked at again. Also given by the wrong code that locked. */
  readonly locked_until_ms?: number;
  /** `already_used`: Unix time in milliseconds from which on a new code is there. */
  readonly next_code_ms?: number;
  /** `already_used`: by so much at least was this clock set back since a code was accepted. */
  readonly clock_behind_seconds?: number;
  /** `wrong`: the account whose code it is, or absent for a device of this one. */
  readonly other_account?: string;
  /** `wrong`: the device whose code it is. */
  readonly other_device?: string;
};

export type Acceptance = {
  readonly valid: true;
  /** null: a recovery code. */
  readonly device: string | null;
  /** Steps that the code's device is ahead of the clock; negative: behind. */
  readonly drift_steps: number;
  readonly recovery_code: boolean;
};

export type Outcome = Acceptance | Refusal;

/** What a verification answers, and the account to save: the same reference when nothing changed. */
export type Verification = { readonly account: Account; readonly outcome: Outcome };

/**
 * Decides on a code or recovery code, and uses it up when it is right: its step, on every device with that secret, and
 * every step before. An accepted code confirms its device and clears failures and lockouts.
 *
 * What counts as a failure: every input that was compared and did not fit. Not what cannot be a code (nothing was
 * compared), and not a right code that was used before (it says nothing new, and simultaneous sign-ins with one code
 * must not lock the account). Locked, the account is left alone and the input not compared with its secrets.
 */
export function verifyToken(account: Account, token: string, options: VerifyOptions): Verification {
  const { nowMs, windowSteps, explain } = options;
  const input = parseToken(token);
  const present = boundLockout(account, nowMs);
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

/** A device and a step that a code belongs to; `fresh`: not used up. `used_step` is the last one that is. */
export type CodeMatch = {
  readonly device: Device;
  readonly step: number;
  readonly currentStep: number;
  readonly fresh: boolean;
};

/**
 * Where a code fits among devices, within the window: a fresh place before a used one, the latest step first (were it
 * the code of two steps, using up the later one uses up both). All devices are worked through, whatever matched.
 */
export function matchCode(
  account: Account,
  devices: readonly Device[],
  code: string,
  { nowMs, windowSteps }: Pick<VerifyOptions, 'nowMs' | 'windowSteps'>,
): CodeMatch | undefined {
  const matches = devices.flatMap((device) => {
    const currentStep = stepAt(nowMs, device.interval);
    const used = lastUsedStep(account, device.secret, device.interval) ?? -1;
    return findSteps(device, code, currentStep - windowSteps, currentStep + windowSteps).map((step) => ({
      device,
      step,
      currentStep,
      fresh: step > used,
    }));
  });
  return matches.findLast((match) => match.fresh) ?? matches.at(-1);
}

/** The account with the matched step used up, and the answer for it. */
export function acceptMatch(account: Account, match: CodeMatch, nowMs: number): Verification {
  return {
    account: useStep(account, match.device, match.step, nowMs),
    outcome: {
      valid: true,
      device: match.device.name,
      drift_steps: match.step - match.currentStep,
      recovery_code: false,
    },
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
