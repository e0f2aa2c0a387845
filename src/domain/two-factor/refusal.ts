import type { JsonObject } from '../../json.ts';
import { toIso } from '../account-view.ts';
import type { Refusal } from './outcome.ts';

/** Why a code was refused, as a clause for the person at the console. */
export function explainRefusal(refusal: Refusal, nowMs: number): string {
  const lock =
    refusal.reason !== 'locked' && refusal.locked_until_ms !== undefined
      ? `; codes are locked until ${toIso(refusal.locked_until_ms)}`
      : '';
  return `${explainReason(refusal, nowMs)}${lock}`;
}

function explainReason(refusal: Refusal, nowMs: number): string {
  switch (refusal.reason) {
    case 'wrong':
      return explainWrong(refusal);
    case 'already_used': {
      if (refusal.clock_behind_seconds !== undefined) {
        return `it was used already: this clock was set back by ${refusal.clock_behind_seconds} s or more since a code was accepted`;
      }
      const wait =
        refusal.next_code_ms === undefined
          ? undefined
          : Math.max(1, Math.ceil((refusal.next_code_ms - nowMs) / 1000));
      return `it was used already: wait for the next code${wait === undefined ? '' : `, ${wait} s`}`;
    }
    case 'out_of_window': {
      const drift = refusal.drift_seconds ?? 0;
      return `it is right for a clock ${Math.abs(drift)} s ${drift > 0 ? 'ahead of' : 'behind'} this one: set the clock of one of them right`;
    }
    case 'locked':
      return refusal.locked_until_ms === undefined
        ? 'the account is locked by an administrator'
        : `after too many wrong codes none is looked at until ${toIso(refusal.locked_until_ms)}`;
    case 'not_enrolled':
      return 'the account has no device';
    case 'malformed':
      return 'it is not a code: a code has 6 to 8 digits, a recovery code 10 letters and digits';
    default:
      return refusal.reason satisfies never;
  }
}

function explainWrong({ other_account, other_device }: Refusal): string {
  if (other_account !== undefined) return `it is wrong, and looks like the code of ${other_account}`;
  if (other_device !== undefined)
    return `it is wrong for this device, and looks like the code of device ${other_device}`;
  return 'it is wrong';
}

/** The refusal as a value: times in ISO 8601. */
export function refusalView({ locked_until_ms, next_code_ms, ...refusal }: Refusal): JsonObject {
  return {
    ...refusal,
    ...(locked_until_ms === undefined ? {} : { locked_until: toIso(locked_until_ms) }),
    ...(next_code_ms === undefined ? {} : { next_code: toIso(next_code_ms) }),
  };
}
