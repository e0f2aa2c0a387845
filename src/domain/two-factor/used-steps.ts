import { createHash } from 'node:crypto';
import { type Account, type Device, forgetAddresses, type RetiredSecret } from '../account.ts';
import type { Settings } from '../settings.ts';
import { stepAt } from './totp.ts';

/** Used secrets that are remembered after they left the account. */
const maxRetired = 32;

/** What is known of secrets that no account has any more. */
export type Forgotten = {
  readonly secrets?: readonly RetiredSecret[] | undefined;
  /** Unix time in milliseconds at which something was lost: codes up to then count as used, of whatever secret. */
  readonly untilMs?: number | undefined;
};

/** The most steps that a code may be ahead of the clock and still be accepted. */
const widestWindow = 10;

/**
 * Whether two secrets (base32, canonical) make the same codes. HMAC pads a short key with zero bytes, so keys that
 * differ in zero bytes at their end are the same key (RFC 2104 section 2).
 */
export function isSameSecret(a: string, b: string): boolean {
  return stripPadding(a) === stripPadding(b);
}

/**
 * The last step of a secret that is used up, as far as the account knows from its devices and from secrets that it had
 * before, or is known of accounts that are gone; null: none. Steps of another interval are other steps.
 */
export function lastUsedStep(
  account: Account,
  secret: string,
  interval: number,
  forgotten: Forgotten = {},
): number | null {
  const retired = [...(account.retired_secrets ?? []), ...(forgotten.secrets ?? [])];
  // What takes fingerprints is loaded only where there is something to compare.
  const print = retired.length > 0 ? takeFingerprint(secret) : undefined;
  const { untilMs } = forgotten;
  const lost = untilMs === undefined ? [] : [stepAt(untilMs, interval) + widestWindow];
  const known = [
    ...account.devices.filter((device) => isSameSecret(device.secret, secret)),
    ...retired.filter(({ fingerprint }) => fingerprint === print),
  ].flatMap((used) =>
    used.interval === interval && used.last_used_step !== null ? [used.last_used_step] : [],
  );
  const steps = [...known, ...lost];
  return steps.length === 0 ? null : Math.max(...steps);
}

/** The account with a step used up on every device that shares the secret; the accepting one is confirmed. */
export function useStep(account: Account, accepting: Device, step: number, nowMs: number): Account {
  const devices = account.devices.map((device) => {
    if (device.interval !== accepting.interval || !isSameSecret(device.secret, accepting.secret))
      return device;
    const used = { ...device, last_used_step: Math.max(step, device.last_used_step ?? step) };
    return device.name === accepting.name ? { ...used, confirmed: true, last_used_ms: nowMs } : used;
  });
  return { ...account, devices };
}

/**
 * The account with other devices, remembering the used steps of the secrets that leave with the present ones. Where one
 * leaves, remembered addresses end.
 */
export function replaceDevices(account: Account, devices: readonly Device[]): Account {
  const leaving = account.devices.flatMap(({ secret, interval, last_used_step }) => {
    const stays = devices.some(
      (device) => device.interval === interval && isSameSecret(device.secret, secret),
    );
    return last_used_step === null || stays
      ? []
      : [{ fingerprint: takeFingerprint(secret), interval, last_used_step }];
  });
  const secrets = devices.map(({ secret }) => secret);
  const isReplaced = account.devices.some(({ secret }) => !secrets.includes(secret));
  return rememberSecrets({ ...(isReplaced ? forgetAddresses(account) : account), devices }, leaving);
}

/** The account remembering these secrets too. */
export function rememberSecrets(account: Account, secrets: readonly RetiredSecret[]): Account {
  const merged = mergeSecrets(account.retired_secrets ?? [], secrets, maxRetired);
  return merged.length === 0 ? account : { ...account, retired_secrets: merged };
}

/** The newest of all these secrets, at most `most`, the newest last, each with the highest step known. */
export function mergeSecrets(
  former: readonly RetiredSecret[],
  newer: readonly RetiredSecret[],
  most: number,
): readonly RetiredSecret[] {
  const known = new Map<string, RetiredSecret>();
  for (const secret of [...former, ...newer]) {
    const key = `${secret.fingerprint} ${secret.interval}`;
    const step = Math.max(secret.last_used_step, known.get(key)?.last_used_step ?? 0);
    known.delete(key);
    known.set(key, { ...secret, last_used_step: step });
  }
  return [...known.values()].slice(-most);
}

function stripPadding(secret: string): string {
  return secret.replace(/A+$/, '');
}

function takeFingerprint(secret: string): string {
  return createHash('sha256').update(stripPadding(secret)).digest('base64');
}

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

/** Used secrets of deleted accounts that are remembered. */
const maxRetiredOfDeleted = 128;

/** What the settings remember of accounts that are gone. `lostMs`: another one is lost, at that time. */
export function forgottenOf(settings: Settings, lostMs?: number): Forgotten {
  const untilMs = latest(settings.forgotten_until_ms, lostMs);
  return { secrets: settings.forgotten_secrets, ...(untilMs === undefined ? {} : { untilMs }) };
}

/**
 * `next` with what `present` remembers of accounts that are gone, and what is to be remembered of `deleted` ones: a code
 * that was used must not be good again when someone recreates the account and gives it the same secret. `lostMs`: an
 * account was lost at that time, and nobody knows which of its codes were used.
 */
export function rememberDeleted(
  next: Settings,
  present: Settings,
  deleted: readonly Account[],
  lostMs?: number,
): Settings {
  const { forgotten_secrets: _s, forgotten_until_ms: _u, ...settings } = next;
  const known = present.forgotten_secrets;
  const used = deleted.flatMap((account) => replaceDevices(account, []).retired_secrets ?? []);
  const secrets = used.length === 0 ? known : mergeSecrets(known ?? [], used, maxRetiredOfDeleted);
  const untilMs = latest(present.forgotten_until_ms, lostMs);
  return {
    ...settings,
    ...(secrets === undefined ? {} : { forgotten_secrets: secrets }),
    ...(untilMs === undefined ? {} : { forgotten_until_ms: untilMs }),
  };
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
