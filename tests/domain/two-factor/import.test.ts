import { describe, expect, test } from 'vitest';
import { renewSecret } from '../../../src/domain/two-factor/enrol.ts';
import { mergeImportedAccount } from '../../../src/domain/two-factor/import.ts';
import { makeRecoveryCodes } from '../../../src/domain/two-factor/recovery-codes.ts';
import { verifyToken } from '../../../src/domain/two-factor/verify.ts';
import { baseStep, makeAccount, makeDevice, makeRandom, nowMs, secretB } from '../../support/accounts.ts';

const backup = makeAccount('root', { full_name: 'from the backup' });

describe('codes', () => {
  test('all up to now are void where nothing is known of the account', () => {
    const merged = mergeImportedAccount(undefined, backup, nowMs);
    expect(merged.devices).toEqual([makeDevice({ last_used_step: baseStep })]);
    expect(merged.full_name).toBe('from the backup');
  });

  test.each([
    ['the present device', baseStep + 1, 5, baseStep + 1],
    ['the backup', 5, baseStep + 2, baseStep + 2],
    ['the clock', 5, 6, baseStep],
  ])('the last used step of %s counts where it is the highest', (_, present, imported, expected) => {
    const merged = mergeImportedAccount(
      makeAccount('root', { devices: [makeDevice({ name: 'renamed', last_used_step: present })] }),
      makeAccount('root', { devices: [makeDevice({ last_used_step: imported })] }),
      nowMs,
    );
    expect(merged.devices).toEqual([makeDevice({ last_used_step: expected })]);
  });

  test('a secret that left since the backup has its used steps remembered, clock set back or not', () => {
    const used = makeAccount('root', { devices: [makeDevice({ last_used_step: baseStep + 50 })] });
    const order = { device: 'default', otp_digits: 6, interval: 30, issuer: 'nas', random: makeRandom() };
    const renewed = renewSecret(used, { ...order, nowMs }).account;
    expect(mergeImportedAccount(renewed, backup, nowMs).devices[0]?.last_used_step).toBe(baseStep + 50);
  });

  test('what the backup remembers of a secret does not lower what is known', () => {
    const order = { device: 'default', otp_digits: 6, interval: 30, issuer: 'nas', random: makeRandom() };
    const renewed = (last_used_step: number) =>
      renewSecret(makeAccount('root', { devices: [makeDevice({ last_used_step })] }), { ...order, nowMs })
        .account;
    for (const [present, imported] of [
      [9, 5],
      [5, 9],
    ] as const) {
      const merged = mergeImportedAccount(renewed(present), renewed(imported), nowMs);
      expect(merged.retired_secrets?.map((retired) => retired.last_used_step)).toEqual([9]);
    }
  });

  test('a device that the backup does not have goes, remembered', () => {
    const present = makeAccount('root', {
      devices: [makeDevice({ secret: secretB, last_used_step: baseStep + 9 })],
    });
    const merged = mergeImportedAccount(present, backup, nowMs);
    expect(merged.devices.map(({ secret }) => secret)).toEqual([backup.devices[0]?.secret]);
    const restored = mergeImportedAccount(
      merged,
      makeAccount('root', { devices: [makeDevice({ secret: secretB })] }),
      nowMs,
    );
    expect(restored.devices[0]?.last_used_step).toBe(baseStep + 9);
  });
});

describe('recovery codes', () => {
  const { codes, hashes } = makeRecoveryCodes(makeRandom());
  const full = makeAccount('root', { recovery_codes: hashes });

  test('one used since the backup stays used', () => {
    const present = verifyToken(full, codes[0]!, { nowMs, windowSteps: 1 }).account;
    const merged = mergeImportedAccount(present, full, nowMs);
    expect(merged.recovery_codes).toEqual(hashes.slice(1));
  });

  test('come back to an account that never had a device', () => {
    const fresh = makeAccount('root', { devices: [] });
    expect(mergeImportedAccount(fresh, full, nowMs).recovery_codes).toEqual(hashes);
    expect(mergeImportedAccount(undefined, full, nowMs).recovery_codes).toEqual(hashes);
  });

  test('stay away from one whose secrets were unset', () => {
    const retired_secrets = [{ fingerprint: 'x', interval: 30, last_used_step: 1 }];
    const unset = makeAccount('root', { devices: [], retired_secrets });
    expect(mergeImportedAccount(unset, full, nowMs).recovery_codes).toEqual([]);
  });
});

describe('lockout', () => {
  test.each([
    ['present', { failures: 7, lockouts: 3, locked_until_ms: nowMs + 9, locked: true }, {}],
    ['backup', {}, { failures: 7, lockouts: 3, locked_until_ms: nowMs + 9, locked: true }],
  ])('of the %s holds where it is the stricter', (_, present, imported) => {
    expect(
      mergeImportedAccount(makeAccount('root', present), makeAccount('root', imported), nowMs),
    ).toMatchObject({
      failures: 7,
      lockouts: 3,
      locked_until_ms: nowMs + 9,
      locked: true,
    });
  });
});
