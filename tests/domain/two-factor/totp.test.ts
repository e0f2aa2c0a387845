import { describe, expect, test } from 'vitest';
import { codeAtStep, findSteps, stepAt } from '../../../src/domain/two-factor/totp.ts';
import { baseStep, secretA } from '../../support/accounts.ts';
import { readCodes } from '../../support/oathtool.ts';

describe('published vectors', () => {
  // Both RFCs use the key "12345678901234567890", which is secretA in base32.
  const rfc4226 = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ');
  test.each(rfc4226.map((code, count) => ({ code, count })))(
    'RFC 4226 D: count $count',
    ({ code, count }) => {
      expect(codeAtStep({ secret: secretA, otp_digits: 6, interval: 30 }, count)).toBe(code);
    },
  );

  test.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('RFC 6238 B, SHA-1: at %i s', (seconds, code) => {
    const step = stepAt(seconds * 1000, 30);
    expect(codeAtStep({ secret: secretA, otp_digits: 8, interval: 30 }, step)).toBe(code);
  });
});

describe('against oathtool', () => {
  const cases = [6, 7, 8].flatMap((digits) =>
    [15, 30, 60, 300].map((interval) => ({ secret: secretA, why: '20 bytes', digits, interval })),
  );
  const others = [
    ['JBSWY3DPEHPK3PXP', '10 bytes, as older systems exported'],
    ['7777777777777777777777777777777777777777777777777777', '52 characters, all bits set'],
    ['MFRGGZDFMZTWQ2LKNNWG23TPOA', '16 bytes: the last character is not full'],
  ] as const;
  for (const [secret, why] of others)
    cases.push({ secret, why, digits: 6, interval: 30 }, { secret, why, digits: 8, interval: 300 });
  test.each(cases)('$why, $digits digits, $interval s', ({ secret, digits, interval }) => {
    for (const startSeconds of [0, 1_790_000_000]) {
      const fromStep = stepAt(startSeconds * 1000, interval);
      const ours = Array.from({ length: 20 }, (_, offset) =>
        codeAtStep({ secret, otp_digits: digits, interval }, fromStep + offset),
      );
      expect(ours).toEqual(readCodes(secret, { fromStep, count: 20, digits, interval }));
    }
  });
});

test('a step lasts from its first millisecond to its last', () => {
  expect([0, 29_999, 30_000, 59_999].map((ms) => stepAt(ms, 30))).toEqual([0, 0, 1, 1]);
  expect([14_999, 15_000].map((ms) => stepAt(ms, 15))).toEqual([0, 1]);
});

describe('findSteps', () => {
  const device = { secret: secretA, otp_digits: 6, interval: 30 };
  const codes = readCodes(secretA, { fromStep: baseStep, count: 5 });

  test('finds a code at both ends of the range and not beyond', () => {
    expect(findSteps(device, codes[0]!, baseStep, baseStep + 4)).toEqual([baseStep]);
    expect(findSteps(device, codes[4]!, baseStep, baseStep + 4)).toEqual([baseStep + 4]);
    expect(findSteps(device, codes[0]!, baseStep + 1, baseStep + 4)).toEqual([]);
    expect(findSteps(device, codes[4]!, baseStep, baseStep + 3)).toEqual([]);
  });

  test('knows no step before the first', () => {
    expect(findSteps(device, '755224', -10, 0)).toEqual([0]);
  });

  test('answers nothing for another number of digits, and does not throw', () => {
    const eight = readCodes(secretA, { fromStep: baseStep, digits: 8 })[0]!;
    expect(findSteps(device, eight, baseStep, baseStep)).toEqual([]);
    for (const text of ['', '1', '12345a', '१२३४५६']) expect(findSteps(device, text, 0, 2)).toEqual([]);
  });
});
