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
        return `that code has been used: this clock was set back by ${refusal.clock_behind_seconds} s or more since a code was accepted`;
      }
      const wait =
        refusal.next_code_ms === undefined
          ? undefined
          : Math.max(1, Math.ceil((refusal.next_code_ms - nowMs) / 1000));
      return `that code has been used: ${wait === undefined ? 'wait for the next one' : `the next one comes in ${wait} s`}`;
    }
    case 'out_of_window': {
      const drift = refusal.drift_seconds ?? 0;
      const when = drift > 0 ? `is right in ${drift} s` : `was right ${-drift} s ago`;
      return `that code ${when}: try the next one; if that fails too, the clock of the phone or of this machine is wrong (system clock)`;
    }
    case 'locked':
      return refusal.locked_until_ms === undefined
        ? 'the account is locked by an administrator'
        : `too many wrong codes: none is accepted until ${toIso(refusal.locked_until_ms)}`;
    case 'not_enrolled':
      return 'the account has no device';
    case 'malformed':
      return 'not a code: type the digits that the app shows, or a recovery code of 10 letters and digits';
    default:
      return refusal.reason satisfies never;
  }
}

function explainWrong({ other_account, other_device }: Refusal): string {
  if (other_account !== undefined) return `wrong code: it looks like the code of ${other_account}`;
  if (other_device !== undefined)
    return `wrong code for this device: it looks like the code of device ${other_device}`;
  return 'wrong code: wait for the next one and try again';
}

/** The refusal as a value: times in ISO 8601. */
export function refusalView({ locked_until_ms, next_code_ms, ...refusal }: Refusal): JsonObject {
  return {
    ...refusal,
    ...(locked_until_ms === undefined ? {} : { locked_until: toIso(locked_until_ms) }),
    ...(next_code_ms === undefined ? {} : { next_code: toIso(next_code_ms) }),
  };
}
