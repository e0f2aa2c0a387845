import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import type { Settings } from '../../../src/domain/settings.ts';
import { removeDevice, unsetSecrets } from '../../../src/domain/two-factor/devices.ts';
import { addDevice, createAccount, renewSecret, unlock } from '../../../src/domain/two-factor/enrol.ts';
import { mergeImportedAccount } from '../../../src/domain/two-factor/import.ts';
import { makeRecoveryCodes } from '../../../src/domain/two-factor/recovery-codes.ts';
import { forgottenOf, rememberDeleted } from '../../../src/domain/two-factor/used-steps.ts';
import { confirmDevice, verifyToken } from '../../../src/domain/two-factor/verify.ts';
import { PosternError } from '../../../src/errors.ts';
import { baseStep, makeAccount, makeRandom, secretA, secretB, settingsOn } from '../../support/accounts.ts';
import { effort } from '../../support/effort.ts';
import { readCodes } from '../../support/oathtool.ts';

// The last two differ in zero bytes at the end: one HMAC key.
const secrets = [secretA, secretB, `${secretB}AA`];
const stepCount = 12;
const tables = new Map(
  [6, 8].map((digits) => [
    digits,
    secrets.map((secret) => readCodes(secret, { fromStep: baseStep, count: stepCount, digits })),
  ]),
);

// Any order of what can be done to an account, under a clock that goes any way. Renewals are the rarer for what the
// hashes of their recovery codes cost; taking a device away and adding it again does as well.
const secretIndex = fc.nat({ max: secrets.length - 1 });
const device = fc.constantFrom('default', 'tablet');
const digits = fc.constantFrom(6, 6, 6, 8);
const step = fc.nat({ max: stepCount - 1 });
const kind = <T extends string>(name: T) => fc.constant(name);
const action = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: kind('verify'), secretIndex, step, digits }) },
  { weight: 4, arbitrary: fc.record({ do: kind('confirm'), secretIndex, step, digits, device }) },
  { weight: 6, arbitrary: fc.record({ do: kind('set clock'), step }) },
  { weight: 1, arbitrary: fc.record({ do: kind('renew'), secretIndex, device, digits }) },
  { weight: 1, arbitrary: fc.record({ do: kind('renew at random'), device }) },
  { weight: 4, arbitrary: fc.record({ do: kind('add'), secretIndex, device, digits }) },
  { weight: 4, arbitrary: fc.record({ do: kind('remove'), device }) },
  { weight: 1, arbitrary: fc.record({ do: kind('unset') }) },
  { weight: 2, arbitrary: fc.record({ do: kind('delete and create') }) },
  { weight: 2, arbitrary: fc.record({ do: kind('back up') }) },
  { weight: 2, arbitrary: fc.record({ do: kind('restore') }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
type World = { account: Account; backup: Account; settings: Settings; nowMs: number };

const random = makeRandom();
const spare = makeRecoveryCodes(random);
const order = (
  changes: { device: string; secret?: string; otp_digits?: number },
  { nowMs, settings }: World,
) => ({
  forgotten: forgottenOf(settings),
  otp_digits: 6,
  interval: 30,
  issuer: 'nas',
  random,
  nowMs,
  ...changes,
});

/** Carries out one action; the key of the code that was accepted, if one was. */
function act(world: World, action: Action): string | undefined {
  const { account, nowMs } = world;
  switch (action.do) {
    case 'verify':
    case 'confirm': {
      const token = tables.get(action.digits)?.[action.secretIndex]?.[action.step] as string;
      const { account: next, outcome } =
        action.do === 'verify'
          ? verifyToken(unlock(account), token, { nowMs, windowSteps: 4 })
          : confirmDevice(account, { device: action.device, token, nowMs, windowSteps: 4 });
      world.account = next;
      return outcome.valid ? `key ${Math.min(action.secretIndex, 1)} step ${action.step}` : undefined;
    }
    case 'set clock':
      world.nowMs = (baseStep + action.step) * 30_000 + 1;
      return undefined;
    case 'renew':
    case 'add': {
      const enrol = action.do === 'renew' ? renewSecret : addDevice;
      const secret = secrets[action.secretIndex] as string;
      world.account = enrol(
        account,
        order({ device: action.device, secret, otp_digits: action.digits }, world),
      ).account;
      return undefined;
    }
    case 'renew at random':
      world.account = renewSecret(account, order({ device: action.device }, world)).account;
      return undefined;
    case 'remove':
      world.account = removeDevice(account, action.device);
      return undefined;
    case 'unset':
      world.account = unsetSecrets(account);
      return undefined;
    case 'delete and create':
      world.settings = rememberDeleted(world.settings, world.settings, [account]);
      world.account = createAccount(account.username);
      return undefined;
    case 'back up':
      world.backup = account;
      return undefined;
    case 'restore':
      world.account = mergeImportedAccount(account, world.backup, nowMs, forgottenOf(world.settings));
      return undefined;
    default:
      return action satisfies never;
  }
}

test('no code is accepted twice, whatever happens to the account and the clock', () => {
  let acceptances = 0;
  fc.assert(
    fc.property(fc.array(action, { minLength: 20, maxLength: 60, size: 'max' }), (actions) => {
      const start = makeAccount('root', { recovery_codes: spare.hashes });
      const world: World = { account: start, backup: start, settings: settingsOn, nowMs: baseStep * 30_000 };
      const accepted = new Set<string>();
      for (const one of actions) {
        let key: string | undefined;
        try {
          key = act(world, one);
        } catch (error) {
          // A device that is there already or is not there: a refusal, which changes nothing.
          if (!(error instanceof PosternError)) throw error;
        }
        if (key === undefined) continue;
        acceptances += 1;
        expect(accepted).not.toContain(key);
        accepted.add(key);
      }
    }),
    { numRuns: 20 * effort },
  );
  // The property would hold as well of a program that accepts nothing.
  expect(acceptances).toBeGreaterThan(20);
});
