import type { Account } from '../account.ts';

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
