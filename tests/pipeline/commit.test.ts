import { expect, test } from 'vitest';
import { createAccount } from '../../src/domain/two-factor/enrol.ts';
import { PosternError } from '../../src/errors.ts';
import { commit } from '../../src/pipeline/commit.ts';
import { makeDevice } from '../support/accounts.ts';
import { createFakeWorld, createTrialAppliance, fakeNowMs } from '../support/fake-world.ts';

/* What outlives an account is kept by commit, whatever a command says or forgets to say. */

const record = { before: () => {} };
const view = { shape: 'changes', data: null } as const;
const used = { ...createAccount('bob'), devices: [makeDevice({ last_used_step: 7 })] };
const remembered = [{ fingerprint: expect.any(String), interval: 30, last_used_step: 7 }];

function openWorld(appliance = createTrialAppliance()) {
  const world = createFakeWorld({ appliance });
  world.store.accountsNow.set('bob', used);
  return world;
}

test('an account that goes is remembered, under another name as well', async () => {
  const world = openWorld();
  const accounts = new Map([
    ['bob', null],
    ['robert', { ...used, username: 'robert', devices: [] }],
  ]);
  await world.store.withLock((transaction) =>
    commit({ change: { accounts }, view }, transaction, world, record),
  );
  expect(world.store.settingsNow.forgotten_secrets).toEqual(remembered);
});

test('settings that know nothing of it take nothing of it away', async () => {
  const world = openWorld();
  const { settingsNow: settings } = world.store;
  await world.store.withLock(async (transaction) => {
    await commit({ change: { accounts: new Map([['bob', null]]) }, view }, transaction, world, record);
    const forged = { ...settings, forgotten_until_ms: 9e15 };
    await commit({ change: { settings: forged }, view }, transaction, world, record);
  });
  expect(world.store.settingsNow).toEqual({ ...settings, forgotten_secrets: remembered });
});

test('an account that was lost is noted by its time; a change that fails puts everything else back', async () => {
  const world = openWorld({
    ...createTrialAppliance(),
    manages: true,
    apply: async (_settings, _accounts, { save, restore }) => {
      save();
      restore();
      throw new PosternError({ code: 'apply.service', message: 'sshd did not start' });
    },
  });
  const { settingsNow: settings } = world.store;
  const damaged = new PosternError({ code: 'store.damaged', message: 'bob.json is damaged' });
  const anew = { ...used, locked: true };
  const change = {
    settings: { ...settings, two_factor: { ...settings.two_factor, enabled: true } },
    accounts: new Map([['bob', anew]]),
  };
  const saved: unknown[] = [];
  const failing = world.store.withLock((transaction) => {
    const account = () => {
      throw damaged;
    };
    const save = (content: Parameters<typeof transaction.save>[0]) => void saved.push(content);
    const lost = new Set(['bob']);
    return commit({ change, view }, { ...transaction, account, save }, world, record, { lost });
  });
  await expect(failing).rejects.toThrow('sshd did not start');
  expect(saved).toEqual([
    { ...change, settings: { ...change.settings, forgotten_until_ms: fakeNowMs } },
    // To put back that there was nothing would make him somebody without a device.
    { settings },
  ]);
});
