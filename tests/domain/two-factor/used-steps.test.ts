import { expect, test } from 'vitest';
import { encodeBase32 } from '../../../src/domain/two-factor/totp.ts';
import { lastUsedStep, replaceDevices } from '../../../src/domain/two-factor/used-steps.ts';
import { makeAccount, makeDevice, makeRandom, secretA } from '../../support/accounts.ts';

const random = makeRandom();
const newSecret = () => encodeBase32(random.bytes(20));

test('the last 32 used secrets that left are known, older ones forgotten', () => {
  const secrets = Array.from({ length: 34 }, newSecret);
  let account = makeAccount('root', { devices: [] });
  for (const [step, secret] of secrets.entries())
    account = replaceDevices(account, [makeDevice({ secret, last_used_step: step })]);
  const known = secrets.map((secret) => lastUsedStep(account, secret, 30));
  // The 34th is still there, the 33 before it left.
  expect(known).toEqual([null, ...Array.from({ length: 33 }, (_, index) => index + 1)]);
  expect(account.retired_secrets).toHaveLength(32);
});

test('a secret that leaves unused is not remembered', () => {
  expect(replaceDevices(makeAccount(), [])).toEqual(makeAccount('root', { devices: [] }));
});

test('a secret that stays under another name is not remembered', () => {
  const account = makeAccount('root', { devices: [makeDevice({ last_used_step: 5 })] });
  const renamed = makeDevice({ name: 'phone', last_used_step: 5 });
  expect(replaceDevices(account, [renamed]).retired_secrets).toBeUndefined();
});

test('steps of another interval are other steps', () => {
  const account = makeAccount('root', { devices: [makeDevice({ last_used_step: 100 })] });
  expect(lastUsedStep(account, secretA, 30)).toBe(100);
  expect(lastUsedStep(account, secretA, 60)).toBeNull();
});
