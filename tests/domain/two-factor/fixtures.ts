import { createHash } from 'node:crypto';
import type { Account, Device } from '../../../src/domain/account.ts';
import type { RandomBytes } from '../../../src/domain/two-factor/recovery-codes.ts';

export const secretA = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
export const secretB = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
/** A step of 30 s in 2026, and a moment within it. */
export const baseStep = 59_000_000;
export const nowMs = baseStep * 30_000 + 7_000;

/** Bytes that look random and are the same in each run. */
export function makeRandom(seed = 'seed'): RandomBytes {
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

export function makeAccount(changes: Partial<Account> = {}): Account {
  return {
    username: 'root',
    full_name: '',
    admin: true,
    locked: false,
    devices: [makeDevice()],
    recovery_codes: [],
    failures: 0,
    lockouts: 0,
    locked_until_ms: null,
    ...changes,
  };
}
