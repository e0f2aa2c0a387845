import type { RetiredSecret } from './account.ts';
import type { Deadline } from './deadline.ts';

/** The longest `remember`, in seconds: addresses change hands, and a month is what other systems trust a device for. */
export const longestRemember = 30 * 86_400;

/** A way to sign in that can ask for codes. */
export type Service = 'ssh';

/** The two-factor settings, in the words of the command line. */
export type TwoFactorSettings = {
  readonly enabled: boolean;
  readonly services: { readonly [S in Service]: boolean };
  /** Steps before and after the present one in which a code is accepted, 0 to 10. */
  readonly window: number;
  /** Digits of codes of secrets made from now on, 6 to 8. */
  readonly otp_digits: number;
  /** Seconds of a how long a code lasts, for new secrets, 15 to 300. */
  readonly interval: number;
  /** Name shown by authenticators; ASCII. */
  readonly issuer: string;
  /** Whether accounts without a device may sign in on their password. */
  readonly unenrolled: 'allow' | 'deny' | 'enroll';
  /** Groups of the system whose members are not asked. */
  readonly exempt_groups: readonly string[];
  /** Networks (`10.0.0.0/8`, no bits of a host set) from which nobody is asked. */
  readonly exempt_networks: readonly string[];
  /** Whether a FIDO key that was touched is as good as a code. */
  readonly security_keys: boolean;
  /** Seconds for which a code counts for the address it was given from; 0: not at all. */
  readonly remember: number;
};

/** A change of settings that is due at a time: `for` and `confirm_within`. */
export type PendingChange = Deadline & {
  readonly reason: 'for' | 'confirm_within';
  /** What is put in force then. */
  readonly restore: TwoFactorSettings;
};

/** What Postern asks of sshd; null: as the machine's own sshd_config has it. */
export type SshSettings = {
  readonly passwordauth: boolean | null;
  /** Whether root may sign in with a password; its keys are left to sshd_config. */
  readonly rootlogin: boolean | null;
};

/** The whole content of config.json. */
export type Settings = {
  readonly two_factor: TwoFactorSettings;
  readonly pending: PendingChange | null;
  readonly ssh: SshSettings;
  /** What remembered addresses must bear to count: the time (Unix, milliseconds) when all were forgotten. Absent: 0. */
  readonly remember_epoch?: number;
  /** Used secrets of accounts that were deleted, newest last; absent: none. */
  readonly forgotten_secrets?: readonly RetiredSecret[];
  /**
   * Unix time in milliseconds up to which codes count as used whose secrets are not known any more: an account, or the
   * settings, were lost then. Absent: never.
   */
  readonly forgotten_until_ms?: number;
};
