import type { Account } from '../account.ts';
import { findDevice } from './devices.ts';
import { explainWrongCode } from './explain.ts';
import { acceptMatch, matchCode } from './match.ts';
import type { Verification } from './outcome.ts';
import { parseToken } from './token.ts';

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
