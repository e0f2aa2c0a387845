import { createHash } from 'node:crypto';
import type { Account, Device } from '../../src/domain/account.ts';
import type { Settings } from '../../src/domain/settings.ts';
import type { Random } from '../../src/ports/machine.ts';

/** The secret of RFC 6238 appendix B ("12345678901234567890"). Its code at 59 s is 287082 (8 digits: 94287082). */
export const secretA = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
export const secretB = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
/** A step of 30 s in 2026, and a moment within it. */
export const baseStep = 59_000_000;
export const nowMs = baseStep * 30_000 + 7_000;

/** Bytes that look random and are the same in each run: hashes of a counter. */
export function makeRandom(seed = 'seed'): Random {
  let round = 0;
  return {
    bytes(count) {
      const bytes: number[] = [];
      while (bytes.length < count) {
        bytes.push(...createHash('sha256').update(`${seed} ${round}`).digest());
        round += 1;
      }
      return Uint8Array.from(bytes.slice(0, count));
    },
  };
}

/** A confirmed device with secretA. */
export function makeDevice(changes: Partial<Device> = {}): Device {
  return {
    name: 'default',
    secret: secretA,
    otp_digits: 6,
    interval: 30,
    confirmed: true,
    created_ms: 0,
    last_used_step: null,
    last_used_ms: null,
    ...changes,
  };
}

/** An account with one such device, no administrator. */
export function makeAccount(username = 'root', changes: Partial<Account> = {}): Account {
  return {
    username,
    full_name: '',
    admin: false,
    locked: false,
    devices: [makeDevice()],
    recovery_codes: [],
    failures: 0,
    lockouts: 0,
    locked_until_ms: null,
    ...changes,
  };
}

/** Codes are asked for over SSH; who has no device signs in without. */
export const settingsOn: Settings = {
  two_factor: {
    enabled: true,
    services: { ssh: true },
    window: 1,
    otp_digits: 6,
    interval: 30,
    issuer: 'lab',
    unenrolled: 'allow',
    exempt_groups: [],
    exempt_networks: [],
    security_keys: false,
    remember: 0,
  },
  pending: null,
  ssh: { passwordauth: null, rootlogin: null },
};
