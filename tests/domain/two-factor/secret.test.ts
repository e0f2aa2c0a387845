import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupSecret, makeSecret, normaliseSecret } from '../../../src/domain/two-factor/secret.ts';
import { decodeBase32, encodeBase32 } from '../../../src/domain/two-factor/totp.ts';
import { PosternError } from '../../../src/errors.ts';
import { makeRandom, secretA } from '../../support/accounts.ts';

function refusalOf(text: string): PosternError {
  try {
    normaliseSecret(text);
  } catch (error) {
    if (error instanceof PosternError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test.each(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar', '\x00\xff\x80\x7f', 'x'.repeat(48)])(
  'base32 of %j is what coreutils makes of it',
  (text) => {
    const bytes = Buffer.from(text, 'latin1');
    const judged = execFileSync('base32', ['-w0'], { input: bytes, encoding: 'utf8' }).replace(/=+$/, '');
    expect(encodeBase32(bytes)).toBe(judged);
    expect(Buffer.from(decodeBase32(judged))).toEqual(bytes);
  },
);

test('a new secret is 20 random bytes in 32 characters', () => {
  const secret = makeSecret(makeRandom());
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(Buffer.from(decodeBase32(secret))).toEqual(Buffer.from(makeRandom().bytes(20)));
});

test('groups of four', () => {
  expect(groupSecret(secretA)).toBe('GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ');
  expect(groupSecret('ABCDEFGHIJ')).toBe('ABCD EFGH IJ');
});

describe('an imported secret', () => {
  test.each([
    ['in groups', groupSecret(secretA)],
    ['with dashes', groupSecret(secretA).replaceAll(' ', '-')],
    ['in small letters', secretA.toLowerCase()],
    ['padded', `${secretA}======`],
    ['with no-break spaces and a line end', `${groupSecret(secretA).replaceAll(' ', '\u00a0')}\n`],
    [
      'in fullwidth letters',
      [...secretA].map((c) => String.fromCodePoint(0xfee0 + c.charCodeAt(0))).join(''),
    ],
  ])('%s', (_, text) => {
    expect(normaliseSecret(text)).toEqual({ secret: secretA, warnings: [] });
  });

  test('bits after the last byte are cleared, so that equal secrets are equal texts', () => {
    expect(normaliseSecret('MFRGGZDFMZTWQ2LKNNWG23TPOB').secret).toBe('MFRGGZDFMZTWQ2LKNNWG23TPOA');
  });

  test('of 10 bytes is accepted with a warning, of 16 without, of 9 not at all', () => {
    expect(normaliseSecret('JBSWY3DPEHPK3PXP').warnings).toEqual([expect.stringContaining('only 10 bytes')]);
    expect(normaliseSecret('MFRGGZDFMZTWQ2LKNNWG23TPOA').warnings).toEqual([]);
    expect(refusalOf('JBSWY3DPEHPK3PX').message).toContain('at least 16');
  });

  test.each([
    ['JBSWY3DPEHPK3PX0', 'character 16 of the secret is the digit 0', 'the letter O'],
    ['1BSWY3DPEHPK3PXP', 'character 1 of the secret is the digit 1', 'I or L'],
    ['JB SW-Y8DPEHPK3PXP', 'character 6 of the secret is the digit 8', 'the letter B'],
    ['JBSWY3DPEHPK3P_P', 'character 15', 'A to Z and 2 to 7'],
    ['', 'empty', ''],
    ['====', 'empty', ''],
    ['JBSWY3DPEHPK3PXPA', '17 characters', 'missing or too many'],
    ['A'.repeat(78), 'no possible length in base32', ''],
    ['A'.repeat(80), 'at most 77', 'QR code'],
  ])('%j is refused with the cause', (text, cause, advice) => {
    const error = refusalOf(text);
    expect(error.code).toBe('rule.secret');
    expect(error.message).toContain(cause);
    expect(error.message).toContain(advice);
    expect(error.problems[0]?.hint).toBeTruthy();
  });

  test('no refusal repeats the secret', () => {
    const spoiled = [`${secretA}0`, `${secretA}A`, secretA.repeat(4), `otpauth://hotp/x?secret=${secretA}`];
    for (const text of [...spoiled, `otpauth://totp/x?secret=${secretA}&algorithm=SHA512`]) {
      const said = JSON.stringify(refusalOf(text).problems);
      for (let at = 0; at + 8 <= secretA.length; at += 1)
        expect(said).not.toContain(secretA.slice(at, at + 8));
    }
  });

  test('any bytes of a permitted length come through any spelling', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 48 }), fc.boolean(), (bytes, small) => {
        const secret = encodeBase32(bytes);
        const typed = groupSecret(small ? secret.toLowerCase() : secret);
        expect(normaliseSecret(typed).secret).toBe(secret);
        expect(Buffer.from(decodeBase32(secret))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe('a whole URI', () => {
  test.each([
    [`otpauth://totp/nas:root?secret=${secretA}&issuer=nas`, 6, 30],
    [`OTPAUTH://TOTP/nas:root?SECRET=${secretA.toLowerCase()}`, 6, 30],
    [`  otpauth://totp/x?secret=${secretA}&digits=8&period=60&algorithm=SHA1\n`, 8, 60],
    [`otpauth://totp/x?secret=${secretA}&algorithm=HmacSHA1`, 6, 30],
    [`otpauth://totp/a%20b?secret=${secretA}%3D%3D&algorithm=sha-1&period=300&digits=7`, 7, 300],
  ])('%s', (text, otp_digits, interval) => {
    expect(normaliseSecret(text)).toEqual({
      secret: secretA,
      warnings: [],
      parameters: { otp_digits, interval },
    });
  });

  test.each([
    [`otpauth://totp/x?secret=${secretA}&SECRET=${secretA}`, 'twice'],
    [`otpauth://totp/x?secret=${secretA}&digits=6&digits=8`, 'twice'],
    [`otpauth://totp/x?secret=${secretA}&algorithm=SHA256`, 'SHA-1'],
    [`otpauth://totp/x?secret=${secretA}&algorithm=SHA512`, 'SHA-1'],
    [`otpauth://hotp/x?secret=${secretA}&counter=1`, 'time-based'],
    ['otpauth://totp/x?issuer=nas', 'no secret='],
    ['otpauth-migration://offline?data=CjEKCkhello', 'contains many secrets'],
    [`otpauth://totp/x?secret=${secretA}&digits=5`, 'digits='],
    [`otpauth://totp/x?secret=${secretA}&digits=6.5`, 'digits='],
    [`otpauth://totp/x?secret=${secretA}&period=10`, 'period='],
    [`otpauth://totp/x?secret=${secretA}&period=1e2`, 'period='],
    ['otpauth:', 'time-based'],
  ])('%s is refused', (text, cause) => {
    const error = refusalOf(text);
    expect(error.code).toBe('rule.secret');
    expect(error.message).toContain(cause);
  });
});
