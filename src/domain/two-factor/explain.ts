import type { JsonObject } from '../../json.ts';
import type { Account, Device } from '../account.ts';
import { toIso } from '../account-view.ts';
import { findSteps, stepAt } from './totp.ts';
import { lastUsedStep } from './used-steps.ts';

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

/** How far on either side a right code is looked for, in seconds: an hour, as by a forgotten summer time, and more. */
const searchedSeconds = 3900;

/** Other accounts looked at for one code: each costs a file and a few HMACs. */
export const otherAccountsSearched = 100;

export type Cause = Pick<
  Refusal,
  'reason' | 'drift_seconds' | 'next_code_ms' | 'clock_behind_seconds' | 'other_account' | 'other_device'
>;

/**
 * The true cause of a code's refusal: used before; right, but of another time; another device's of the account; another
 * account's (of the first 100 given). `only` is the device it should be of; by default any of the account.
 */
export function explainWrongCode(
  account: Account,
  code: string,
  options: {
    readonly nowMs: number;
    readonly windowSteps: number;
    readonly only?: Device;
    readonly otherAccounts?: Iterable<Account>;
  },
): Cause {
  const { nowMs, only, otherAccounts = [] } = options;
  const devices = only === undefined ? account.devices : [only];
  return (
    findUsed(account, devices, code, options) ??
    findOtherDevice(account, only, code, nowMs) ??
    findDrift(devices, code, nowMs) ??
    findOtherAccount(account, otherAccounts, code, nowMs) ?? { reason: 'wrong' }
  );
}

type Times = { readonly nowMs: number; readonly windowSteps: number };

/** The code fits in the window, or is the very one accepted last, however long ago. */
function findUsed(
  account: Account,
  devices: readonly Device[],
  code: string,
  { nowMs, windowSteps }: Times,
): Cause | undefined {
  for (const device of devices) {
    const used = lastUsedStep(account, device.secret, device.interval);
    if (used === null) continue;
    const currentStep = stepAt(nowMs, device.interval);
    const found =
      findSteps(device, code, currentStep - windowSteps, Math.min(used, currentStep + windowSteps)).length >
        0 || findSteps(device, code, used, used).length > 0;
    if (found) return { reason: 'already_used', ...adviseNextCode(device, used, nowMs) };
  }
  return undefined;
}

function adviseNextCode(device: Device, usedStep: number, nowMs: number): Omit<Cause, 'reason'> {
  const next_code_ms = (usedStep + 1) * device.interval * 1000;
  const behindMs = (device.last_used_ms ?? nowMs) - nowMs;
  return {
    next_code_ms: Math.max(next_code_ms, nowMs),
    ...(behindMs > 0 ? { clock_behind_seconds: Math.ceil(behindMs / 1000) } : {}),
  };
}

function findDrift(devices: readonly Device[], code: string, nowMs: number): Cause | undefined {
  const drifts = devices.flatMap((device) => {
    const currentStep = stepAt(nowMs, device.interval);
    const reach = Math.ceil(searchedSeconds / device.interval);
    return findSteps(device, code, currentStep - reach, currentStep + reach).map(
      (step) => (step - currentStep) * device.interval,
    );
  });
  const nearest = drifts.sort((a, b) => Math.abs(a) - Math.abs(b))[0];
  return nearest === undefined ? undefined : { reason: 'out_of_window', drift_seconds: nearest };
}

function findOtherDevice(
  account: Account,
  only: Device | undefined,
  code: string,
  nowMs: number,
): Cause | undefined {
  if (only === undefined) return undefined;
  const others = account.devices.filter((device) => device.name !== only.name);
  const owner = others.find((device) => isPresentCode(device, code, nowMs));
  return owner === undefined ? undefined : { reason: 'wrong', other_device: owner.name };
}

function findOtherAccount(
  account: Account,
  otherAccounts: Iterable<Account>,
  code: string,
  nowMs: number,
): Cause | undefined {
  let searched = 0;
  for (const other of otherAccounts) {
    if (other.username === account.username) continue;
    const owner = other.devices.find((device) => isPresentCode(device, code, nowMs));
    if (owner !== undefined)
      return { reason: 'wrong', other_account: other.username, other_device: owner.name };
    searched += 1;
    if (searched === otherAccountsSearched) break;
  }
  return undefined;
}

function isPresentCode(device: Device, code: string, nowMs: number): boolean {
  const currentStep = stepAt(nowMs, device.interval);
  return findSteps(device, code, currentStep - 1, currentStep + 1).length > 0;
}

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
