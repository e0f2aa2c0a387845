import type { Account } from '../domain/account.ts';
import type { Refusal } from '../domain/two-factor/explain.ts';
import type { Acceptance } from '../domain/two-factor/verify.ts';
import { escapeWord } from './log-line.ts';

/** How someone got in, for the log; `account` is the account after it. */
export function describeAcceptance(acceptance: Acceptance, account: Account): string {
  return acceptance.recovery_code
    ? `recovery code, ${account.recovery_codes.length} left`
    : `code of device ${escapeWord(acceptance.device ?? '')}`;
}

/** Why someone did not get in, for the log. The person at the prompt is never told. */
export function describeRefusal({ reason, locked_until_ms, drift_seconds = 0 }: Refusal): string {
  const until = locked_until_ms === undefined ? '' : ` until ${new Date(locked_until_ms).toISOString()}`;
  switch (reason) {
    case 'wrong':
      return until === '' ? 'wrong code' : `wrong code, codes are now locked${until}`;
    case 'out_of_window':
      return `wrong code, right for a clock ${Math.abs(drift_seconds)} s ${drift_seconds > 0 ? 'ahead' : 'behind'}`;
    case 'already_used':
      return 'code used already';
    case 'locked':
      return `locked${until}`;
    case 'not_enrolled':
      return 'no device enrolled';
    case 'malformed':
      return 'not a code';
    default:
      return reason satisfies never;
  }
}
