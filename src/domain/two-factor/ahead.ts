import type { Account } from '../account.ts';
import { stepAt } from './totp.ts';

/** A device of which no code in the window is fresh, for its last used one lies ahead of the clock. */
export type AheadOfClock = {
  readonly device: string;
  /** Unix time in milliseconds from which its codes are accepted again. */
  readonly until_ms: number;
};

/**
 * The devices that are kept out because the clock was set back since they were used: all that the window lets in is
 * used up. An account can sign in while it has a device that is not among them.
 */
export function codesAheadOfClock(
  account: Account,
  { nowMs, windowSteps }: { readonly nowMs: number; readonly windowSteps: number },
): readonly AheadOfClock[] {
  return account.devices.flatMap(({ name, interval, last_used_step }) => {
    const firstFresh = (last_used_step ?? -1) + 1 - windowSteps;
    // One used at the far end of the window is no sign of a clock set back: the next step brings a fresh one.
    if (firstFresh <= stepAt(nowMs, interval) + 1) return [];
    return [{ device: name, until_ms: firstFresh * interval * 1000 }];
  });
}
