import { PosternError } from '../../errors.ts';
import { type Account, type Device, forgetAddresses } from '../account.ts';
import { findDevice, maxDevices, renewRecoveryCodes } from './devices.ts';
import { clearFailures, isLockedOut } from './lockout.ts';
import { checkDeviceName, checkUsername, writeWord } from './names.ts';
import type { RandomBytes } from './recovery-codes.ts';
import { makeSecret, normaliseSecret } from './secret.ts';
import { stepAt } from './totp.ts';
import { makeUri } from './uri.ts';
import { type Forgotten, isSameSecret, lastUsedStep, replaceDevices } from './used-steps.ts';

/** A secret to show once, with plain recovery codes; none where none were made. */
export type Enrolment = {
  readonly username: string;
  readonly device: string;
  /** Base32, upper case, no padding. */
  readonly secret: string;
  readonly uri: string;
  readonly digits: number;
  readonly periodSeconds: number;
  readonly recoveryCodes: readonly string[];
};

/** What a device is to be. */
export type DeviceOrder = {
  readonly device: string;
  /** A secret to import: base32, or an otpauth:// URI, whose digits and period then count. Absent: a new one. */
  readonly secret?: string | undefined;
  readonly otp_digits: number;
  readonly interval: number;
  readonly issuer: string;
  /** What is known of accounts that are gone. */
  readonly forgotten?: Forgotten | undefined;
  readonly random: RandomBytes;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
};

/** The account to save, the secret to show once, and what the person should know. */
export type Enrolled = {
  readonly account: Account;
  readonly enrolment: Enrolment;
  readonly warnings: readonly string[];
};

/** A new account without devices. Errors: `rule.username`. */
export function createAccount(
  username: string,
  {
    full_name = '',
    admin = false,
    locked = false,
    exempt = false,
  }: Partial<Pick<Account, 'full_name' | 'admin' | 'locked' | 'exempt'>> = {},
): Account {
  checkUsername(username);
  return {
    username,
    full_name,
    admin,
    locked,
    ...(exempt ? { exempt } : {}),
    devices: [],
    recovery_codes: [],
    failures: 0,
    lockouts: 0,
    locked_until_ms: null,
  };
}

/**
 * Gives a device a new or imported secret and the account fresh recovery codes. The old secret is void at once, the new
 * one unconfirmed; other devices stay. A device that is not there is made. An imported secret that the account, or
 * one that was deleted, has or had keeps its used steps. Errors: `rule.secret`, `rule.device_name`, `rule.too_many_devices`.
 */
export function renewSecret(account: Account, order: DeviceOrder): Enrolled {
  return enrolDevice(account, order, true);
}

/**
 * Adds a device with its own secret; recovery codes are made only if the account has none. Errors: `rule.device_exists`
 * and those of `renewSecret`.
 */
export function addDevice(account: Account, order: DeviceOrder): Enrolled {
  if (account.devices.some((device) => device.name === order.device))
    throw new PosternError({
      code: 'rule.device_exists',
      message: `${account.username} already has a device named '${order.device}'`,
      hint: `account user renew_2fa_secret username=${writeWord(account.username)} device=${order.device}`,
    });
  return enrolDevice(account, order, account.recovery_codes.length === 0);
}

/** The present secret of a device, to show again; never with recovery codes. Errors: `not_found.device`. */
export function enrolmentOf(
  account: Account,
  name: string,
  issuer: string,
): { readonly enrolment: Enrolment; readonly warnings: readonly string[] } {
  const device = findDevice(account, name);
  const parameters = { digits: device.otp_digits, periodSeconds: device.interval, secret: device.secret };
  const subject = { username: account.username, device: name };
  const { uri, warnings } = makeUri({ ...subject, ...parameters, issuer });
  return { enrolment: { ...subject, ...parameters, uri, recoveryCodes: [] }, warnings };
}

/** The account with failures and lockout cleared and no address remembered; the same reference where there were none. */
export function unlock(account: Account): Account {
  return forgetAddresses(clearFailures(account));
}

/** What to know about digits and seconds that common authenticators ignore: anything but 6 and 30. */
export function warnOfParameters(digits: number, periodSeconds: number): readonly string[] {
  if (digits === 6 && periodSeconds === 30) return [];
  return [
    `many authenticators ignore ${digits} digits or ${periodSeconds} s and then show wrong codes; 6 digits and 30 s work everywhere`,
  ];
}

function enrolDevice(account: Account, order: DeviceOrder, withRecoveryCodes: boolean): Enrolled {
  checkDeviceName(order.device);
  const imported = order.secret === undefined ? undefined : normaliseSecret(order.secret);
  const device = makeDevice(
    account,
    order,
    imported?.secret ?? makeSecret(order.random),
    imported?.parameters,
  );
  const present = account.devices.some((candidate) => candidate.name === device.name);
  if (!present && account.devices.length >= maxDevices)
    throw new PosternError({
      code: 'rule.too_many_devices',
      message: `${account.username} already has ${maxDevices} devices, the maximum`,
      hint: `account user remove_2fa_device username=${writeWord(account.username)} device=${account.devices[0]?.name}`,
    });
  const devices = present
    ? account.devices.map((candidate) => (candidate.name === device.name ? device : candidate))
    : [...account.devices, device];
  // The same secret again is renewed, too.
  const replaced = replaceDevices(present ? forgetAddresses(account) : account, devices);
  const recovery = withRecoveryCodes ? renewRecoveryCodes(replaced, order.random) : undefined;
  const { enrolment, warnings } = enrolmentOf(replaced, device.name, order.issuer);
  return {
    account: recovery?.account ?? replaced,
    enrolment: { ...enrolment, recoveryCodes: recovery?.recoveryCodes ?? [] },
    warnings: [
      ...(imported?.warnings ?? []),
      ...warnOfParameters(device.otp_digits, device.interval),
      ...warnings,
      ...warnOfUsedCodes(device, order.nowMs),
      ...warnOfLock(account, order.nowMs),
    ],
  };
}

function makeDevice(
  account: Account,
  order: DeviceOrder,
  secret: string,
  { otp_digits, interval } = { otp_digits: order.otp_digits, interval: order.interval },
): Device {
  const former = account.devices.find((device) => isSameSecret(device.secret, secret));
  return {
    name: order.device,
    secret,
    otp_digits,
    interval,
    confirmed: false,
    created_ms: order.nowMs,
    // A secret that was made just now has no codes that someone used.
    last_used_step:
      order.secret === undefined ? null : lastUsedStep(account, secret, interval, order.forgotten),
    last_used_ms: former?.last_used_ms ?? null,
  };
}

/** An account was lost a moment ago: of an imported secret, nobody knows which codes were used. */
function warnOfUsedCodes({ interval, last_used_step }: Device, nowMs: number): readonly string[] {
  if (last_used_step === null || last_used_step <= stepAt(nowMs, interval)) return [];
  const from = new Date((last_used_step + 1) * interval * 1000).toISOString();
  return [`codes of this secret are accepted from ${from} on: earlier ones may have been used`];
}

function warnOfLock(account: Account, nowMs: number): readonly string[] {
  if (!isLockedOut(account, nowMs)) return [];
  return [
    `${account.username} is still locked out by wrong codes; account user unlock username=${writeWord(account.username)}`,
  ];
}
