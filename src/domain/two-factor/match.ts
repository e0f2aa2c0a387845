import type { Account, Device } from '../account.ts';
import type { Verification } from './outcome.ts';
import { findSteps, stepAt } from './totp.ts';
import { lastUsedStep, useStep } from './used-steps.ts';

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
