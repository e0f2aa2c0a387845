import type { Account, Device } from '../account.ts';
import { findDevice } from './devices.ts';
import { explainWrongCode, type Refusal } from './explain.ts';
import { boundLockout, clearFailures, isLockedOut, recordFailure } from './lockout.ts';
import { findRecoveryCode, readRecoveryCode } from './recovery-codes.ts';
import { findSteps, stepAt } from './totp.ts';
import { lastUsedStep, useStep } from './used-steps.ts';

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

/**
 * Confirms a device by its code and uses the code up; a wrong one is explained. An act of enrolment at the console: the
 * lockout neither stops it nor is changed by it. Errors: `not_found.device`.
 */
export function confirmDevice(
  account: Account,
  options: {
    readonly device: string;
    readonly token: string;
    readonly nowMs: number;
    readonly windowSteps: number;
  },
): Verification {
  const { nowMs, windowSteps } = options;
  const device = findDevice(account, options.device);
  const input = parseToken(options.token);
  if (input.kind !== 'code')
    return { account, outcome: { valid: false, reason: input.kind === 'recovery' ? 'wrong' : 'malformed' } };
  const match = matchCode(account, [device], input.code, options);
  if (match?.fresh === true) return acceptMatch(account, match, nowMs);
  const cause = explainWrongCode(account, input.code, { nowMs, windowSteps, only: device });
  return { account, outcome: { valid: false, ...cause } };
}

/** A device and a step that a code belongs to; `fresh`: not used up. */
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
  { nowMs, windowSteps }: { readonly nowMs: number; readonly windowSteps: number },
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
  return matches.filter((match) => match.fresh).at(-1) ?? matches.at(-1);
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

/** What was typed in the place of a code, after normalising. */
export type Token =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'recovery'; readonly code: string }
  | { readonly kind: 'malformed' };

/** Longer input cannot be a code, however it is spaced. */
const longestInput = 256;

/**
 * Reads what a person typed as a code (6 to 8 digits) or a recovery code. Spaces, dashes and invisible characters of
 * any kind are dropped and fullwidth digits are digits, before anything is compared or counted, so that no spelling of
 * a code counts as another code.
 */
export function parseToken(text: string): Token {
  if (text.length > longestInput) return { kind: 'malformed' };
  // Most are typed plainly, and compiling the expression for the others costs a sign-in most of a millisecond.
  const bare = /^[0-9A-Za-z]*$/.test(text) ? text : stripSeparators(text);
  if (/^[0-9]{6,8}$/.test(bare)) return { kind: 'code', code: bare };
  const recovery = readRecoveryCode(bare);
  return recovery === undefined ? { kind: 'malformed' } : { kind: 'recovery', code: recovery };
}

/** Text in compatibility form (NFKC) without spaces, dashes, control and invisible characters. */
export function stripSeparators(text: string): string {
  return text.normalize('NFKC').replace(/[\s\p{Z}\p{Pd}\p{Cc}\p{Cf}\u2212]/gu, '');
}
