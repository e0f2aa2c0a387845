import type { Account } from '../domain/account.ts';
import type { Settings } from '../domain/settings.ts';
import type { StoreChange } from '../ports/store.ts';

/** Settings that stores of older versions do not hold: nobody is exempt. */
export const nobodyExempt = {
  exempt_groups: [],
  exempt_networks: [],
  security_keys: false,
  remember: 0,
} as const;

/** The settings of a store that does not exist yet: everything off. */
export function defaultSettings(hostName: string): Settings {
  return {
    two_factor: {
      enabled: false,
      services: { ssh: false },
      window: 1,
      otp_digits: 6,
      interval: 30,
      issuer: reduceToIssuer(hostName),
      unenrolled: 'allow',
      ...nobodyExempt,
    },
    pending: null,
    ssh: { passwordauth: null, rootlogin: null },
  };
}

/** The account that every store begins with: root, an administrator, with no device. */
export function firstAccount(): Account {
  return {
    username: 'root',
    full_name: '',
    admin: true,
    locked: false,
    devices: [],
    recovery_codes: [],
    failures: 0,
    lockouts: 0,
    locked_until_ms: null,
  };
}

/** A host name as an issuer: accents dropped, printable ASCII without `:` only, at most 63 characters. */
export function reduceToIssuer(hostName: string): string {
  const decomposed = hostName.normalize('NFKD');
  const ascii = decomposed.replace(/[^\x20-\x7e]|:/g, '').trim();
  return ascii.slice(0, 63).trim() || 'Postern';
}

/** The first change of a store as it is written: with the whole first content, except where the change says else. */
export function completeFirstChange(change: StoreChange, hostName: string): StoreChange {
  const root = firstAccount();
  return {
    settings: change.settings ?? defaultSettings(hostName),
    accounts: new Map([[root.username, root], ...(change.accounts ?? [])]),
  };
}
