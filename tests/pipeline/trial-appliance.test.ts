import { expect, it } from 'vitest';
import { createAppliance } from '../../src/pipeline/appliance.ts';
import { settingsOn } from '../support/accounts.ts';
import { createTrialAppliance, fakeNowMs } from '../support/fake-world.ts';

// Never `createAppliance`: a test that fails must not reach the machine that it runs on.
const trial = createTrialAppliance();
const accounts = { account: () => undefined, accountNames: () => [] };

it.each([
  ['/home/ann/.local/state/postern', 0, false],
  ['/var/lib/postern', 1000, false],
  ['/var/lib/postern', 0, true],
])('is what all get but root with the own store of the appliance: %s, %i', (stateDirectory, uid, manages) => {
  const places = { program: ['/p'], helper: '/p', programDirectory: '/', moduleDirectories: [] } as const;
  const appliance = createAppliance({ ...places, stateDirectory, uid }, { nowMs: () => fakeNowMs });
  expect(appliance.manages).toBe(manages);
});

it.each([
  ['install', () => trial.install(settingsOn, accounts)],
  ['remove', () => trial.remove(accounts)],
  ['service', () => trial.controlService('stop')],
  ['boot', () => trial.setStartAtBoot(false)],
  ['password', () => trial.setPassword('root', 'x')],
  ['power', () => trial.power('reboot')],
  ['shell', () => trial.openSystemShell()],
  ['test', () => trial.test('root')],
  ['rehearsal of install', () => trial.rehearse.install(settingsOn, accounts)],
  ['rehearsal of power', () => trial.rehearse.power()],
])('refuses what would change the machine: %s', async (_what, act) => {
  await expect(act()).rejects.toMatchObject({
    code: 'permission.trial_mode',
    message: expect.stringContaining('with the store /home/ann/.local/state/postern nothing of the system'),
  });
});

it('saves a change, and has nothing to put in force, to switch off or to watch', async () => {
  const done: string[] = [];
  const store = { save: () => void done.push('save'), restore: () => void done.push('restore') };
  expect(await trial.apply(settingsOn, accounts, store)).toEqual({ warnings: [] });
  expect(done).toEqual(['save']);
  expect(await trial.switchOff(settingsOn)).toBeUndefined();
  expect(await trial.diff(settingsOn, accounts)).toBe('');
  expect(await trial.watch(settingsOn, accounts)).toMatchObject({ alert: null });
  expect([await trial.isAccount('nobody-of-this-name'), await trial.loginAccounts()]).toEqual([true, []]);
});
