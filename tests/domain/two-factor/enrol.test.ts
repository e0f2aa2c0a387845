import { describe, expect, test } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import { isEnrolled } from '../../../src/domain/account.ts';
import { removeDevice, renewRecoveryCodes, unsetSecrets } from '../../../src/domain/two-factor/devices.ts';
import {
  addDevice,
  createAccount,
  enrolmentOf,
  renewSecret,
  unlock,
  warnOfParameters,
} from '../../../src/domain/two-factor/enrol.ts';
import { confirmDevice, verifyToken } from '../../../src/domain/two-factor/verify.ts';
import { PosternError } from '../../../src/errors.ts';
import {
  baseStep,
  makeAccount,
  makeDevice,
  makeRandom,
  nowMs,
  secretA,
  secretB,
} from '../../support/accounts.ts';
import { readCode } from '../../support/oathtool.ts';

const order = {
  device: 'default',
  otp_digits: 6,
  interval: 30,
  issuer: 'nas',
  random: makeRandom(),
  nowMs,
};
const verify = (account: Account, token: string) => verifyToken(account, token, { nowMs, windowSteps: 1 });
const codeA = readCode(secretA, baseStep);
const codeB = readCode(secretB, baseStep);

function refusalOf(work: () => unknown): PosternError {
  try {
    work();
  } catch (error) {
    if (error instanceof PosternError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('renewSecret', () => {
  test('makes a device, unconfirmed, with secret, URI and ten recovery codes to show', () => {
    const { account, enrolment, warnings } = renewSecret(createAccount('root', { admin: true }), order);
    expect(warnings).toEqual([]);
    expect(account.devices).toEqual([
      makeDevice({ secret: enrolment.secret, confirmed: false, created_ms: nowMs }),
    ]);
    expect(enrolment).toMatchObject({ username: 'root', device: 'default', digits: 6, periodSeconds: 30 });
    expect(enrolment.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(enrolment.uri).toBe(`otpauth://totp/nas:root?secret=${enrolment.secret}&issuer=nas`);
    expect(enrolment.recoveryCodes).toHaveLength(10);
    expect(verify(account, enrolment.recoveryCodes[9]!).outcome.valid).toBe(true);
    expect(verify(account, readCode(enrolment.secret, baseStep)).outcome.valid).toBe(true);
    expect(isEnrolled(account)).toBe(false);
  });

  test('voids the old secret and recovery codes at once, and leaves other devices alone', () => {
    const other = makeDevice({ name: 'tablet', secret: secretB, last_used_step: 5 });
    const before = renewRecoveryCodes(
      makeAccount('root', { devices: [makeDevice(), other] }),
      makeRandom('old'),
    );
    const { account } = renewSecret(before.account, order);
    expect(verify(account, codeA).outcome.valid).toBe(false);
    expect(verify(account, before.recoveryCodes[0]!).outcome.valid).toBe(false);
    expect(account.devices.map(({ name }) => name)).toEqual(['default', 'tablet']);
    expect(account.devices[1]).toBe(other);
    expect(verify(account, codeB).outcome.valid).toBe(true);
  });

  test('imports a secret, with the parameters of a URI before those of the settings', () => {
    const secret = `otpauth://totp/x?secret=${secretB}&digits=8&period=60`;
    const { account, enrolment, warnings } = renewSecret(makeAccount(), { ...order, secret });
    expect(enrolment).toMatchObject({ secret: secretB, digits: 8, periodSeconds: 60 });
    expect(account.devices[0]).toMatchObject({ secret: secretB, otp_digits: 8, interval: 60 });
    expect(warnings).toEqual([expect.stringContaining('8 digits or 60 s')]);
    expect(verify(account, readCode(secretB, baseStep / 2, 8, 60)).outcome.valid).toBe(true);
  });

  test('a short import is accepted with a warning', () => {
    const { warnings } = renewSecret(makeAccount(), { ...order, secret: 'JBSWY3DPEHPK3PXP' });
    expect(warnings).toEqual([expect.stringContaining('only 10 bytes')]);
  });

  test('to the same secret keeps its used codes used', () => {
    const used = verify(makeAccount(), codeA).account;
    const { account } = renewSecret(used, { ...order, secret: secretA });
    expect(account.devices[0]).toMatchObject({ confirmed: false, last_used_step: baseStep });
    expect(verify(account, codeA).outcome.valid).toBe(false);
  });

  test('to another and back keeps them used too, without the old secret being stored', () => {
    const used = verify(makeAccount(), codeA).account;
    const between = renewSecret(used, order).account;
    expect(JSON.stringify(between)).not.toContain(secretA);
    const { account } = renewSecret(between, { ...order, secret: secretA });
    expect(verify(account, codeA).outcome.valid).toBe(false);
    expect(verify(account, readCode(secretA, baseStep + 1)).outcome.valid).toBe(true);
  });

  test('a lockout stays, with a warning that says how to end it', () => {
    const locked = makeAccount('a b', { lockouts: 1, locked_until_ms: nowMs + 5 });
    const { account, warnings } = renewSecret(locked, order);
    expect(account.locked_until_ms).toBe(nowMs + 5);
    expect(warnings).toEqual([expect.stringContaining('account user unlock username="a b"')]);
  });

  test('a bad secret or device name changes nothing', () => {
    expect(refusalOf(() => renewSecret(makeAccount(), { ...order, secret: 'x' })).code).toBe('rule.secret');
    for (const device of ['', '-x', 'a b', 'x'.repeat(33), 'gerät', 'a/b', '../x'])
      expect(refusalOf(() => renewSecret(makeAccount(), { ...order, device })).code).toBe('rule.device_name');
  });
});

describe('addDevice', () => {
  test('keeps the recovery codes that are there', () => {
    const before = renewRecoveryCodes(makeAccount(), makeRandom()).account;
    const { account, enrolment } = addDevice(before, { ...order, device: 'tablet' });
    expect(account.recovery_codes).toBe(before.recovery_codes);
    expect(enrolment.recoveryCodes).toEqual([]);
    expect(enrolment.uri).toContain('nas:root%20(tablet)?');
  });

  test('makes them where there are none', () => {
    const { account, enrolment } = addDevice(makeAccount(), { ...order, device: 'tablet' });
    expect(account.recovery_codes).toHaveLength(10);
    expect(enrolment.recoveryCodes).toHaveLength(10);
  });

  test('with the secret of another device shares its used steps', () => {
    const used = verify(makeAccount(), codeA).account;
    const { account } = addDevice(used, { ...order, device: 'twin', secret: secretA });
    expect(account.devices[1]).toMatchObject({ name: 'twin', last_used_step: baseStep });
    expect(verify(removeDevice(account, 'default'), codeA).outcome.valid).toBe(false);
  });

  test('refuses a name that is taken, and a ninth device', () => {
    const taken = refusalOf(() => addDevice(makeAccount(), order));
    expect(taken.code).toBe('rule.device_exists');
    expect(taken.problems[0]?.hint).toBe('account user renew_2fa_secret username=root device=default');
    let account = makeAccount();
    for (let count = 2; count <= 8; count += 1)
      account = addDevice(account, { ...order, device: `d${count}` }).account;
    expect(refusalOf(() => addDevice(account, { ...order, device: 'd9' })).code).toBe(
      'rule.too_many_devices',
    );
    expect(renewSecret(account, { ...order, device: 'd8' }).account.devices).toHaveLength(8);
  });
});

describe('confirmDevice', () => {
  const devices = [
    makeDevice({ confirmed: false }),
    makeDevice({ name: 'tablet', secret: secretB, confirmed: false }),
  ];
  const confirm = (account: Account, device: string, token: string) =>
    confirmDevice(account, { device, token, nowMs, windowSteps: 1 });

  test('confirms by the right code, and uses it up', () => {
    const { account, outcome } = confirm(makeAccount('root', { devices }), 'tablet', codeB);
    expect(outcome).toEqual({ valid: true, device: 'tablet', drift_steps: 0, recovery_code: false });
    expect(account.devices.map(({ confirmed }) => confirmed)).toEqual([false, true]);
    expect(isEnrolled(account)).toBe(true);
    expect(verify(account, codeB).outcome.valid).toBe(false);
    expect(confirm(account, 'tablet', codeB).outcome).toMatchObject({ reason: 'already_used' });
  });

  test.each([
    ['another device', codeA, { reason: 'wrong', other_device: 'default' }],
    ['a clock ahead', readCode(secretB, baseStep + 3), { reason: 'out_of_window', drift_seconds: 90 }],
    ['a clock behind', readCode(secretB, baseStep - 3), { reason: 'out_of_window', drift_seconds: -90 }],
    ['no code', 'hello', { reason: 'malformed' }],
    ['a recovery code', 'abcde-fghjk', { reason: 'wrong' }],
  ])('explains a wrong one: %s', (_, token, cause) => {
    const before = makeAccount('root', { devices });
    const { account, outcome } = confirm(before, 'tablet', token);
    expect(outcome).toEqual({ valid: false, ...cause });
    expect(account).toBe(before);
  });

  test('works on a locked account, and leaves it locked', () => {
    const locked = makeAccount('root', { devices, failures: 2, lockouts: 1, locked_until_ms: nowMs + 5 });
    const { account, outcome } = confirm(locked, 'tablet', codeB);
    expect(outcome.valid).toBe(true);
    expect(account).toMatchObject({ failures: 2, lockouts: 1, locked_until_ms: nowMs + 5 });
  });

  test('a device that is not there: the hint names those that are', () => {
    const error = refusalOf(() => confirm(makeAccount('root', { devices }), 'phone', codeA));
    expect(error.code).toBe('not_found.device');
    expect(error.message).toBe("root has no device named 'phone'");
    expect(error.problems[0]?.hint).toBe('use device=default or device=tablet');
  });
});

describe('taking away', () => {
  const { account } = renewRecoveryCodes(
    makeAccount('root', { devices: [makeDevice(), makeDevice({ name: 'tablet', secret: secretB })] }),
    makeRandom(),
  );

  test('removeDevice takes the one named; the recovery codes go with the last', () => {
    const one = removeDevice(account, 'default');
    expect(one.devices.map(({ name }) => name)).toEqual(['tablet']);
    expect(one.recovery_codes).toBe(account.recovery_codes);
    expect(removeDevice(one, 'tablet')).toMatchObject({ devices: [], recovery_codes: [] });
    expect(refusalOf(() => removeDevice(makeAccount('root', { devices: [] }), 'x')).problems[0]?.hint).toBe(
      'account user renew_2fa_secret username=root',
    );
  });

  test('a removed secret that comes back has its codes used', () => {
    const gone = removeDevice(verify(account, codeA).account, 'default');
    const { account: back } = addDevice(gone, { ...order, secret: secretA });
    expect(verify(back, codeA).outcome.valid).toBe(false);
  });

  test('unsetSecrets takes all, once', () => {
    const bare = unsetSecrets(account);
    expect(bare).toMatchObject({ devices: [], recovery_codes: [] });
    expect(isEnrolled(bare)).toBe(false);
    expect(unsetSecrets(bare)).toBe(bare);
    const used = unsetSecrets(verify(account, codeA).account);
    expect(verify(renewSecret(used, { ...order, secret: secretA }).account, codeA).outcome.valid).toBe(false);
  });

  test('unlock clears failures and lockout', () => {
    const locked = makeAccount('root', { failures: 2, lockouts: 3, locked_until_ms: nowMs + 1e6 });
    expect(unlock(locked)).toEqual(makeAccount());
  });
});

test('renewRecoveryCodes voids the former ones, and needs a device', () => {
  const first = renewRecoveryCodes(makeAccount(), makeRandom('first'));
  const second = renewRecoveryCodes(first.account, makeRandom('second'));
  expect(verify(second.account, first.recoveryCodes[0]!).outcome.valid).toBe(false);
  expect(verify(second.account, second.recoveryCodes[0]!).outcome.valid).toBe(true);
  const error = refusalOf(() => renewRecoveryCodes(makeAccount('root', { devices: [] }), makeRandom()));
  expect(error.code).toBe('rule.not_enrolled');
});

test('enrolmentOf shows a secret again, without recovery codes', () => {
  const account = makeAccount('root', { devices: [makeDevice({ otp_digits: 8, interval: 60 })] });
  expect(enrolmentOf(account, 'default', 'nas')).toEqual({
    enrolment: {
      username: 'root',
      device: 'default',
      secret: secretA,
      uri: `otpauth://totp/nas:root?secret=${secretA}&issuer=nas&digits=8&period=60`,
      digits: 8,
      periodSeconds: 60,
      recoveryCodes: [],
    },
    warnings: [],
  });
  expect(refusalOf(() => enrolmentOf(account, 'phone', 'nas')).code).toBe('not_found.device');
});

test('warnings for what common authenticators ignore', () => {
  expect(warnOfParameters(6, 30)).toEqual([]);
  for (const [digits, seconds] of [
    [7, 30],
    [6, 60],
    [8, 15],
  ] as const)
    expect(warnOfParameters(digits, seconds)).toHaveLength(1);
});
