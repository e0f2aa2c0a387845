import { expect, test } from 'vitest';
import { askOathtool, recordedCodes } from '../support/oathtool.ts';

// The unit tests compare with what is recorded; this compares the record with the program itself.
test.each(Object.entries(recordedCodes))('the codes of %s are those of oathtool', (key, codes) => {
  const [secret = '', ...numbers] = key.split(' ');
  const [digits, interval, fromStep, count] = numbers.map(Number) as [number, number, number, number];
  expect(askOathtool(secret, { fromStep, count, digits, interval }).join(' ')).toBe(codes);
});
