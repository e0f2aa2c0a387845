import { describe, expect, test } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import { makeRecoveryCodes } from '../../../src/domain/two-factor/recovery-codes.ts';
import { unknownAccount, verifyToken } from '../../../src/domain/two-factor/verify.ts';
import {
  baseStep,
  makeAccount,
  makeDevice,
  makeRandom,
  nowMs,
  secretA,
  secretB,
} from '../../support/accounts.ts';
import { readCode, readCodes } from '../../support/oathtool.ts';

/** Codes of secretA from ten steps before the present one on. */
const around = readCodes(secretA, { fromStep: baseStep - 10, count: 21 });
const codeAt = (offset: number) => around[offset + 10] as string;
const presentCode = codeAt(0);
const wrongCode = ['000000', '111111', '222222'].find((code) => !around.includes(code)) as string;

const verify = (account: Account, token: string, windowSteps = 1, atMs = nowMs) =>
  verifyToken(account, token, { nowMs: atMs, windowSteps });
const explain = (account: Account, token: string, otherAccounts: Iterable<Account> = [], atMs = nowMs) =>
  verifyToken(account, token, { nowMs: atMs, windowSteps: 1, explain: { otherAccounts } });

describe('a right code', () => {
  test.each([0, 1, 2, 10])('window %i: accepted within, not beyond', (windowSteps) => {
    for (const offset of [-10, -3, -2, -1, 0, 1, 2, 3, 10]) {
      const { outcome } = verify(makeAccount(), codeAt(offset), windowSteps);
      expect(outcome.valid, `offset ${offset}`).toBe(Math.abs(offset) <= windowSteps);
      if (outcome.valid) expect(outcome.drift_steps).toBe(offset);
    }
  });

  test('uses up its step and says whose it was', () => {
    const { account, outcome } = verify(makeAccount(), codeAt(1));
    expect(outcome).toEqual({ valid: true, device: 'default', drift_steps: 1, recovery_code: false });
    expect(account.devices[0]).toMatchObject({ last_used_step: baseStep + 1, last_used_ms: nowMs });
  });

  test('confirms its device only', () => {
    const devices = [
      makeDevice({ confirmed: false }),
      makeDevice({ name: 'phone', secret: secretB, confirmed: false }),
    ];
    const { account } = verify(makeAccount('root', { devices }), readCode(secretB, baseStep));
    expect(account.devices.map(({ confirmed }) => confirmed)).toEqual([false, true]);
    expect(account.devices[0]).toBe(devices[0]);
  });

  test.each([
    ['7 digits', { otp_digits: 7 }, readCode(secretA, baseStep, 7)],
    ['8 digits', { otp_digits: 8 }, readCode(secretA, baseStep, 8)],
    ['60 s', { interval: 60 }, readCode(secretA, baseStep / 2, 6, 60)],
    ['300 s', { interval: 300 }, readCode(secretA, baseStep / 10, 6, 300)],
  ])('%s', (_, parameters, code) => {
    const { outcome } = verify(makeAccount('root', { devices: [makeDevice(parameters)] }), code);
    expect(outcome).toMatchObject({ valid: true, drift_steps: 0 });
  });

  const spellings = {
    'in two groups': `${presentCode.slice(0, 3)} ${presentCode.slice(3)}`,
    'with a dash': `${presentCode.slice(0, 3)}-${presentCode.slice(3)}`,
    'with an em dash': `${presentCode.slice(0, 3)}\u2014${presentCode.slice(3)}`,
    'with a minus sign': `${presentCode.slice(0, 3)}\u2212${presentCode.slice(3)}`,
    'with a no-break space': `\u00a0${presentCode}`,
    'with a zero-width space': `${presentCode}\u200b`,
    'with a line end': `${presentCode}\r\n`,
    'with a tab and a NUL': `\t${presentCode}\0`,
    'in fullwidth digits': [...presentCode].map((d) => String.fromCodePoint(0xff10 + Number(d))).join(''),
  };
  test.each(Object.entries(spellings))('typed %s is the same code, and used up with it', (_, spelling) => {
    const { account, outcome } = verify(makeAccount(), spelling);
    expect(outcome.valid).toBe(true);
    expect(verify(account, presentCode).outcome.valid).toBe(false);
    const used = verify(makeAccount(), presentCode).account;
    expect(verify(used, spelling).outcome.valid).toBe(false);
  });
});

describe('a used code', () => {
  const used = verify(makeAccount(), presentCode).account;

  test('and every earlier one is refused, a later one accepted', () => {
    expect(verify(used, presentCode).outcome).toEqual({ valid: false, reason: 'wrong' });
    expect(verify(used, codeAt(-1)).outcome).toEqual({ valid: false, reason: 'wrong' });
    expect(verify(used, codeAt(1)).outcome.valid).toBe(true);
  });

  test('is not counted as a failure: parallel sign-ins with one code must not lock the account', () => {
    expect(verify(used, presentCode).account).toBe(used);
    expect(explain(used, presentCode).account).toBe(used);
  });

  test('is explained on the console, with the moment of the next code', () => {
    const next_code_ms = (baseStep + 1) * 30_000;
    expect(explain(used, presentCode).outcome).toEqual({
      valid: false,
      reason: 'already_used',
      next_code_ms,
    });
    expect(explain(used, codeAt(-1)).outcome).toEqual({ valid: false, reason: 'already_used', next_code_ms });
  });

  test('the last one used is known again after it left the window', () => {
    const later = nowMs + 300_000;
    expect(explain(used, presentCode, [], later).outcome).toMatchObject({ reason: 'already_used' });
  });

  test('with the clock set back since, it is answered and says by how much', () => {
    const back = nowMs - 240_000;
    const { outcome } = explain(used, codeAt(-8), [], back);
    expect(outcome).toMatchObject({ reason: 'already_used', clock_behind_seconds: 240 });
    expect(verify(used, codeAt(-8), 1, back).outcome).toEqual({ valid: false, reason: 'wrong' });
  });

  test('two devices that share a secret do not double it', () => {
    const devices = [makeDevice(), makeDevice({ name: 'twin' }), makeDevice({ name: 'long', otp_digits: 8 })];
    const { account } = verify(makeAccount('root', { devices }), presentCode);
    expect(account.devices.map((device) => device.last_used_step)).toEqual(Array(3).fill(baseStep));
    expect(verify(account, presentCode).outcome.valid).toBe(false);
    expect(verify(account, readCode(secretA, baseStep, 8)).outcome.valid).toBe(false);
  });

  test('a secret with zero bytes at its end is the same HMAC key', () => {
    const devices = [makeDevice(), makeDevice({ name: 'padded', secret: `${secretA}AAAAAAAA` })];
    expect(readCode(`${secretA}AAAAAAAA`, baseStep)).toBe(presentCode);
    const { account } = verify(makeAccount('root', { devices }), presentCode);
    expect(verify(account, presentCode).outcome.valid).toBe(false);
  });
});

describe('a wrong code', () => {
  test('counts, explained or not, and changes nothing else', () => {
    const account = makeAccount();
    expect(verify(account, wrongCode)).toEqual({
      account: { ...account, failures: 1 },
      outcome: { valid: false, reason: 'wrong' },
    });
    expect(explain(account, wrongCode)).toEqual(verify(account, wrongCode));
  });

  test.each([
    [-4, -120],
    [4, 120],
    [-120, -3600],
    [120, 3600],
    [-130, -3900],
  ])('%i steps off is explained as drift, and counted', (offset, drift_seconds) => {
    const code = readCode(secretA, baseStep + offset);
    const { account, outcome } = explain(makeAccount(), code);
    expect(outcome).toEqual({ valid: false, reason: 'out_of_window', drift_seconds });
    expect(account.failures).toBe(1);
    expect(verify(makeAccount(), code).outcome).toEqual({ valid: false, reason: 'wrong' });
  });

  test('of another account is named, and the search stops there', () => {
    const read: string[] = [];
    function* others() {
      for (const username of ['root', 'ann', 'bob', 'eve']) {
        read.push(username);
        const secret = username === 'bob' ? secretB : 'MFRGGZDFMZTWQ2LKNNWG23TPOA';
        yield makeAccount(username, { devices: [makeDevice({ secret, name: 'phone' })] });
      }
    }
    const { outcome } = explain(makeAccount(), readCode(secretB, baseStep), others());
    expect(outcome).toEqual({
      valid: false,
      reason: 'wrong',
      other_account: 'bob',
      other_device: 'phone',
    });
    expect(read).toEqual(['root', 'ann', 'bob']);
  });

  test('reads no more than 100 other accounts', () => {
    let read = 0;
    function* others() {
      for (;;) {
        read += 1;
        yield makeAccount('root', { username: `user${read}`, devices: [] });
      }
    }
    expect(explain(makeAccount(), wrongCode, others()).outcome).toEqual({ valid: false, reason: 'wrong' });
    expect(read).toBe(100);
  });

  test.each(['', ' ', '-', '12345', '123456789', '12345a', 'hunter2', '१२३४५६', '1'.repeat(300)])(
    'what cannot be a code is malformed and not counted: %j',
    (token) => {
      const account = makeAccount('root', { failures: 7 });
      const result = verify(account, token);
      expect(result.outcome).toEqual({ valid: false, reason: 'malformed' });
      expect(result.account).toBe(account);
    },
  );
});

describe('an account that takes no codes', () => {
  test('locked by wrong codes: the right code is neither accepted nor used up', () => {
    const account = makeAccount('root', { lockouts: 1, locked_until_ms: nowMs + 60_000 });
    for (const token of [presentCode, wrongCode, '']) {
      const result = explain(account, token);
      expect(result.outcome).toEqual({ valid: false, reason: 'locked', locked_until_ms: nowMs + 60_000 });
      expect(result.account).toBe(account);
    }
  });

  test('locked by an administrator', () => {
    const account = makeAccount('root', { locked: true });
    const result = verify(account, presentCode);
    expect(result).toEqual({ account, outcome: { valid: false, reason: 'locked' } });
    expect(result.account).toBe(account);
  });

  test('without a device, nothing is counted', () => {
    const account = makeAccount('root', { devices: [] });
    const result = verify(account, presentCode);
    expect(result).toEqual({ account, outcome: { valid: false, reason: 'not_enrolled' } });
    expect(result.account).toBe(account);
  });

  test('the unknown one refuses the very code of its secret', () => {
    const account = unknownAccount();
    const code = readCode(account.devices[0]!.secret, baseStep);
    expect(verify(account, code).outcome).toEqual({ valid: false, reason: 'wrong' });
  });
});

describe('a recovery code', () => {
  const { codes, hashes } = makeRecoveryCodes(makeRandom());
  const account = makeAccount('root', { recovery_codes: hashes, failures: 3, lockouts: 2 });

  test('is accepted once, clears failures and leaves the device as it was', () => {
    const { account: left, outcome } = verify(account, codes[4]!);
    expect(outcome).toEqual({ valid: true, device: null, drift_steps: 0, recovery_code: true });
    expect(left.recovery_codes).toEqual(hashes.filter((_, index) => index !== 4));
    expect(left).toMatchObject({ failures: 0, lockouts: 0, devices: account.devices });
    expect(verify(left, codes[4]!)).toEqual({
      account: { ...left, failures: 1 },
      outcome: { valid: false, reason: 'wrong' },
    });
    expect(verify(left, codes[5]!).outcome.valid).toBe(true);
  });

  test('is not looked at while locked', () => {
    const locked = { ...account, locked_until_ms: nowMs + 1 };
    expect(verify(locked, codes[0]!)).toMatchObject({ account: locked, outcome: { reason: 'locked' } });
  });
});
