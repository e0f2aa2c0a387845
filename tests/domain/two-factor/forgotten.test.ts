import { expect, test } from 'vitest';
import { createFakeWorld, createTrialAppliance, fakeNowMs, runText } from '../../support/fake-world.ts';
import { readCode } from '../../support/oathtool.ts';

const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const step = Math.floor(fakeNowMs / 30_000);
const enrol = `account user renew_2fa_secret bob secret=${secret}`;
const confirm = (at: number) => `account user confirm_2fa_secret bob token=${readCode(secret, at)}`;

const ends = [
  { because: 'the account is deleted', line: 'account user delete bob' },
  { because: 'every account is forgotten', line: 'system config reset accounts=true' },
];
test.each(ends)('a used code stays used where $because and made anew', async ({ line }) => {
  const world = createFakeWorld({ yes: true });
  const before = ['account user create bob', enrol, confirm(step)];
  for (const one of [...before, line, 'system config reset', 'account user create bob', enrol])
    expect(await runText(world, one)).toMatchObject({ code: 0 });
  const again = await runText(world, confirm(step));
  expect(again.code).toBe(1);
  expect(again.err).toContain('code.already_used');
  // Whoever enrols waits for the next code, no longer.
  expect(await runText(world, confirm(step + 1))).toMatchObject({ code: 0 });
});

test('remembering a deleted account is no change that the system is to follow', async () => {
  // Whatever of the appliance is called fails.
  const world = createFakeWorld({ yes: true, appliance: { ...createTrialAppliance(), manages: true } });
  for (const line of ['account user create bob', enrol, confirm(step), 'account user delete bob'])
    expect(await runText(world, line)).toMatchObject({ code: 0 });
  expect(world.store.settingsNow.forgotten_secrets).toHaveLength(1);
});

test('an export tells nothing of deleted accounts', async () => {
  const world = createFakeWorld({ yes: true });
  for (const line of ['account user create bob', enrol, confirm(step), 'account user delete bob'])
    expect(await runText(world, line)).toMatchObject({ code: 0 });
  expect(await runText(world, 'system config export file=/tmp/a.json')).toMatchObject({ code: 0 });
  expect(world.files.get('/tmp/a.json')).not.toContain('forgotten');
});
