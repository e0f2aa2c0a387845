import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { Random } from '../ports/machine.ts';

/** The kernel's cryptographically secure random source: for secrets. */
export const systemRandom: Random = { bytes: (count) => randomBytes(count) };

/**
 * The same source by its device file, for names that only have to be unique: locks and temporary files. node:crypto
 * costs a tenth of a start, and most starts make no secret. Where the file is missing, node:crypto it is.
 */
export const nonceRandom: Random = {
  bytes(count) {
    try {
      return readDevice(count);
    } catch {
      return randomBytes(count);
    }
  },
};

function readDevice(count: number): Uint8Array {
  const device = openSync('/dev/urandom', 'r');
  try {
    const bytes = new Uint8Array(count);
    if (readSync(device, bytes) !== count) throw new Error('/dev/urandom gave too little');
    return bytes;
  } finally {
    closeSync(device);
  }
}
