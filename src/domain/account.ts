import type { Deadline } from './deadline.ts';

/** One authenticator of an account: one secret. */
export type Device = {
  readonly name: string;
  /** Base32 (RFC 4648), upper case, no padding. */
  readonly secret: string;
  /** Digits of a code, 6 to 8. */
  readonly otp_digits: number;
  /** Seconds of a time step (X of RFC 6238), 15 to 300. */
  readonly interval: number;
  /** Whether its first code was seen. */
  readonly confirmed: boolean;
  readonly created_ms: number;
  /** Time step (T of RFC 6238) of the last code accepted: that step and all before it are used up. */
  readonly last_used_step: number | null;
  /** Unix time in milliseconds of the last code accepted. */
  readonly last_used_ms: number | null;
};

/** A recovery code, as stored: base64 of scrypt or PBKDF2 of the code with its own salt. */
export type RecoveryCodeHash = { readonly salt: string; readonly hash: string };

/**
 * What is remembered of a secret that the account no longer has: enough to refuse its used codes should the same
 * secret be imported again, not enough to make a code.
 */
export type RetiredSecret = {
  /** Base64 of SHA-256 of the secret. */
  readonly fingerprint: string;
  readonly interval: number;
  readonly last_used_step: number;
};

/** An address from which a code was given, and until when that counts. */
export type RememberedAddress = Deadline & {
  /** From the code to the end. */
  readonly duration_ms: number;
  /** `remember_epoch` of the settings then. */
  readonly epoch: number;
  /** Base64 of 16 random bytes. */
  readonly salt: string;
  /** Base64 of HMAC-SHA-256 (remembered.ts). */
  readonly hash: string;
};

/** The whole content of accounts/NAME.json. */
export type Account = {
  readonly username: string;
  readonly full_name: string;
  readonly admin: boolean;
  readonly locked: boolean;
  readonly devices: readonly Device[];
  readonly recovery_codes: readonly RecoveryCodeHash[];
  /** Wrong codes in a row since the last success, lockout or unlock. */
  readonly failures: number;
  /** Lockouts in a row: the next one lasts 15 minutes x 2^lockouts, at most 24 hours. */
  readonly lockouts: number;
  /** Unix time in milliseconds until which no code is looked at. */
  readonly locked_until_ms: number | null;
  /** Newest last; absent: none. */
  readonly retired_secrets?: readonly RetiredSecret[];
  /** Whether it is never asked for a code; absent: false. */
  readonly exempt?: boolean;
  /** Newest last; absent: none. */
  readonly remembered_addresses?: readonly RememberedAddress[];
};

/** An account as it was read; `damage` says why it could not be. */
export type ReadAccount = {
  readonly name: string;
  readonly account: Account | undefined;
  readonly damage?: string;
};

/** Whether someone can sign in to the account with a code: it has a device whose first code was seen. */
export function isEnrolled({ devices }: Account): boolean {
  return devices.some(({ confirmed }) => confirmed);
}

/** Whether it is an administrator who can sign in with a code. */
export function isEnrolledAdministrator(account: Account): boolean {
  return account.admin && !account.locked && isEnrolled(account);
}

/** The account remembering no address; the same reference where it remembered none. */
export function forgetAddresses(account: Account): Account {
  if (account.remembered_addresses === undefined) return account;
  const { remembered_addresses: _, ...rest } = account;
  return rest;
}
