import { pbkdf2Sync } from 'node:crypto';
import type { RecoveryCodeHash } from '../account.ts';
import { isEqualText } from './totp.ts';

/** A source of cryptographically secure random bytes. */
export type RandomBytes = { bytes(count: number): Uint8Array };

const codeCount = 10;
const codeLength = 10;
// Crockford's base32: 32 signs, 5 bits each, with no i, l, o or u to be mistaken for another.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

// 50 random bits need no slow hash against people at a prompt; this much makes trying all 2^50 against a stolen file a
// matter of years (2^63 HMACs). All codes of a set share one salt, so that a wrong attempt costs one derivation (3 ms,
// not 30) however many codes are left.
const rounds = 10_000;
const hashBytes = 32;

/** Ten recovery codes of 50 random bits each, as shown (`abcde-fghjk`) and as stored (PBKDF2-HMAC-SHA-256, salted). */
export function makeRecoveryCodes(random: RandomBytes): {
  readonly codes: readonly string[];
  readonly hashes: readonly RecoveryCodeHash[];
} {
  const salt = Buffer.from(random.bytes(16)).toString('base64');
  const bare = Array.from({ length: codeCount }, () => makeCode(random));
  return {
    codes: bare.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`),
    hashes: bare.map((code) => ({ salt, hash: hashCode(code, salt) })),
  };
}

/**
 * The recovery code in text that holds no separators any more, in lower case, with i and l read as 1 and o as 0;
 * undefined where the text has not the shape of one.
 */
export function readRecoveryCode(bare: string): string | undefined {
  const code = bare.toLowerCase().replace(/[il]/g, '1').replace(/o/g, '0');
  return code.length === codeLength && [...code].every((sign) => alphabet.includes(sign)) ? code : undefined;
}

/**
 * The place of a code among stored hashes; -1: not there. The code is as `readRecoveryCode` gives it. Costs one
 * derivation a salt, and one where there are no hashes, so that an account without recovery codes answers as slowly.
 */
export function findRecoveryCode(hashes: readonly RecoveryCodeHash[], code: string): number {
  const bySalt = new Map<string, string>();
  if (hashes.length === 0) hashCode(code, '');
  let found = -1;
  for (const [index, { salt, hash }] of hashes.entries()) {
    const own = bySalt.get(salt) ?? hashCode(code, salt);
    bySalt.set(salt, own);
    if (isEqualText(own, hash)) found = index;
  }
  return found;
}

function makeCode(random: RandomBytes): string {
  return Array.from(random.bytes(codeLength), (byte) => alphabet[byte & 31]).join('');
}

function hashCode(code: string, salt: string): string {
  return pbkdf2Sync(code, Buffer.from(salt, 'base64'), rounds, hashBytes, 'sha256').toString('base64');
}
