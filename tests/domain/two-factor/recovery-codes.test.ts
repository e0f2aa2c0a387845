import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { findRecoveryCode, makeRecoveryCodes } from '../../../src/domain/two-factor/recovery-codes.ts';
import { parseToken } from '../../../src/domain/two-factor/verify.ts';
import { makeRandom } from '../../support/accounts.ts';

const { codes, hashes } = makeRecoveryCodes(makeRandom());

/** What a person typed, as the recovery code that is looked for. */
function readTyped(text: string): string {
  const token = parseToken(text);
  if (token.kind !== 'recovery') throw new Error(`${text} is read as ${token.kind}`);
  return token.code;
}

test('ten codes of ten signs, 50 bits, none of them i, l, o or u', () => {
  expect(codes).toHaveLength(10);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
});

test('every sign is as likely as any other', () => {
  const counts = new Map<string, number>();
  const random = { bytes: (count: number) => (count === 16 ? randomBytes(16) : allBytes(count)) };
  let next = 0;
  function allBytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => next++ % 256);
  }
  for (let set = 0; set < 4; set += 1)
    for (const code of makeRecoveryCodes(random).codes)
      for (const sign of code.replace('-', '')) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  expect(counts.size).toBe(32);
  expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
});

test('each code is found at its place, and no other code is', () => {
  expect(codes.map((code) => findRecoveryCode(hashes, readTyped(code)))).toEqual([...codes.keys()]);
  const others = makeRecoveryCodes(makeRandom('others')).codes;
  for (const code of others) expect(findRecoveryCode(hashes, readTyped(code))).toBe(-1);
  expect(findRecoveryCode([], readTyped(codes[0] as string))).toBe(-1);
});

test('codes are found whatever case and spacing, and with letters that look like digits', () => {
  const at = codes.findIndex((code) => /[01]/.test(code));
  const code = codes[at] as string;
  const typings = [
    code.replace('-', ''),
    code.toUpperCase(),
    [...code].join(' '),
    code.replace('-', '\u2013'),
    code.replaceAll('0', 'O').replaceAll('1', 'l'),
    code.replaceAll('0', 'o').replaceAll('1', 'I'),
  ];
  for (const typed of typings) expect(findRecoveryCode(hashes, readTyped(typed)), typed).toBe(at);
});

test('what is stored holds no code, and the same code is stored otherwise in another set', () => {
  const stored = JSON.stringify(hashes);
  for (const code of codes) expect(stored).not.toContain(code.replace('-', ''));
  for (const { salt, hash } of hashes) {
    expect(Buffer.from(salt, 'base64')).toHaveLength(16);
    expect(Buffer.from(hash, 'base64')).toHaveLength(32);
  }
  let salt = 0;
  const sameCodes = { bytes: (count: number) => new Uint8Array(count).fill(count === 16 ? salt : 1) };
  const first = makeRecoveryCodes(sameCodes).hashes[0];
  salt = 1;
  expect(makeRecoveryCodes(sameCodes).hashes[0]?.hash).not.toBe(first?.hash);
});

test('the hash is PBKDF2-HMAC-SHA-256 of the bare code, 10,000 rounds: stored sets must open in every version', () => {
  // From Python: hashlib.pbkdf2_hmac('sha256', b'1111111111', bytes(16), 10000)
  const zeroSalt = { bytes: (count: number) => new Uint8Array(count).fill(count === 16 ? 0 : 1) };
  expect(Buffer.from(makeRecoveryCodes(zeroSalt).hashes[0]?.hash ?? '', 'base64').toString('hex')).toBe(
    '23c0fc91e742a7e491bc4c6e8d53f28e3eec1b06ecebbd195da9814c8a303185',
  );
});
