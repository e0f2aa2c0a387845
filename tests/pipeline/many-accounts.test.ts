import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { createAccount } from '../../src/domain/two-factor/enrol.ts';
import { PosternError } from '../../src/errors.ts';
import { systemRandom } from '../../src/platform/random.ts';
import type { Appliance } from '../../src/ports/appliance.ts';
import type { LongWork } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/store.ts';
import { makeDevice } from '../support/accounts.ts';
import {
  createFakeWorld,
  createTrialAppliance,
  type FakeWorld,
  fakeNowMs,
  readExportText,
  runText,
} from '../support/fake-world.ts';
import { createRecordingAppliance } from '../support/recording-appliance.ts';
import { listLeftovers, listRoster, openLab, openReal, photograph } from '../support/store-lab.ts';

// An import of more accounts than are changed at once: others change the store while it is written.

// In memory where that is: a sync of the whole disk waits for what others write to it.
const lab = openLab(existsSync('/dev/shm') ? '/dev/shm' : undefined);
const directory = join(lab.folder, 'store');
const line = 'system config import file=x.json';
afterAll(() => lab.remove());

const count = 201;
const nameOf = (index: number) => `u${index}`;
const enrolled = (name: string): Account => ({
  ...createAccount(name),
  devices: [makeDevice({ last_used_step: null })],
});

beforeEach(async () => {
  rmSync(directory, { recursive: true, force: true });
  const store = openReal(directory);
  const present = ['ann', 'ben', nameOf(0), nameOf(1)].map((name) => [name, enrolled(name)] as const);
  await store.withLock(({ settings, save }) =>
    save({ settings: settings(), accounts: new Map<string, Account>(present) }),
  );
});

function exportText(change: (account: Account, index: number) => unknown = (account) => account): string {
  const settings = { ...openReal(directory).settings(), ssh: { passwordauth: true, rootlogin: null } };
  const accounts = Array.from({ length: count }, (_, index) =>
    change({ ...enrolled(nameOf(index)), full_name: 'imported' }, index),
  );
  return JSON.stringify({ postern_export: 1, exported: 'x', host: 'nas', secrets: true, settings, accounts });
}

type Hooks = {
  /** Called at each step: `what` is being done. */
  readonly step?: (what: string) => Promise<void> | void;
  readonly appliance?: Appliance;
  readonly dryRun?: boolean;
};

function openWorld({ step = () => {}, appliance, dryRun = false }: Hooks = {}): FakeWorld {
  const world = createFakeWorld({
    yes: true,
    dryRun,
    appliance: appliance ?? createTrialAppliance(),
  });
  world.files.set('x.json', exportText());
  return Object.assign(world, {
    store: openStore({
      directory,
      clock: world.clock,
      random: systemRandom,
      hostName: 'nas',
      isReadOnly: dryRun,
    }),
    runLong: <T>(work: (long: LongWork) => Promise<T>) =>
      work({ step: async (what) => step(what), finish: () => {} }),
  });
}

/** Does something once, when a step of that name is reached. */
function once(name: string, work: () => Promise<void>): (what: string) => Promise<void> {
  let isDone = false;
  return async (what) => {
    if (what !== name || isDone) return;
    isDone = true;
    await work();
  };
}

/** As another process: it changes one account. */
function change(name: string, edit: (account: Account) => Account | null): Promise<void> {
  const store = openReal(directory);
  return store.withLock(({ account, save }) => {
    const present = account(name) ?? createAccount(name);
    save({ accounts: new Map([[name, edit(present)]]) });
  });
}

const useUp = (step: number) => (account: Account) => ({
  ...account,
  devices: account.devices.map((device) => ({ ...device, last_used_step: step })),
});

function expectWhole(): void {
  expect(listLeftovers(directory)).toEqual([]);
  expect(listRoster(directory)).toEqual(openReal(directory).accountNames());
}

test('all accounts are imported, those that are not named stay, and the answer has each change', async () => {
  const world = openWorld();
  const ran = await runText(world, `${line}`, { mode: 'json' });
  expect(ran).toMatchObject({ code: 0, err: '' });
  const { changes } = JSON.parse(ran.out) as { changes: { key: string }[] };
  expect(new Set(changes.map(({ key }) => key.split('.')[1])).size).toBeGreaterThan(count);
  const store = openReal(directory);
  expect(store.accountNames()).toHaveLength(count + 3);
  expect(store.account(nameOf(7))).toMatchObject({ full_name: 'imported' });
  expect(store.account('ben')).toMatchObject({ full_name: '' });
  expect(store.settings().ssh.passwordauth).toBe(true);
  expect(world.entries).toMatchObject([{ line, outcome: 'done' }]);
  expectWhole();
});

describe('what others change meanwhile is not lost', () => {
  const later = Math.floor(fakeNowMs / 30_000) + 7;
  const moments = ['writing the accounts', 'adding the other accounts', 'adding what has changed'];

  test.each(moments)('a code that is used while it is %s stays used', async (moment) => {
    const world = openWorld({
      step: once(moment, async () => {
        await change(nameOf(1), useUp(later));
        await change('ann', useUp(later));
      }),
    });
    expect((await runText(world, line)).code).toBe(0);
    const store = openReal(directory);
    for (const name of [nameOf(1), 'ann']) {
      expect(store.account(name)?.devices[0]?.last_used_step, name).toBe(later);
    }
    expect(store.account(nameOf(1))?.full_name).toBe('imported');
    const { devices } = store.account(nameOf(1)) as Account;
    expect(devices[0]?.confirmed).toBe(true);
    expectWhole();
  });

  test.each(moments)('accounts that are made, deleted and locked while it is %s', async (moment) => {
    const world = openWorld({
      step: once(moment, async () => {
        await change('new', (account) => account);
        await change('ben', (account) => ({ ...account, locked: true }));
        await change(nameOf(2), (account) => ({ ...account, locked: true, full_name: 'by another' }));
      }),
    });
    expect((await runText(world, line)).code).toBe(0);
    const store = openReal(directory);
    expect(store.account('new')).toMatchObject({ username: 'new' });
    expect(store.account('ben')).toMatchObject({ locked: true });
    expect(store.account(nameOf(2))).toMatchObject({ locked: true, full_name: 'imported' });
    expect(store.accountNames(({ locked }) => locked)).toEqual(['ben', nameOf(2)]);
    expectWhole();
  });

  test.each(moments)('an account that is deleted while it is %s leaves its used secret', async (moment) => {
    let begun = 0;
    const deleteAnn = once(moment, async () => {
      await change(nameOf(1), useUp(later));
      const world = createFakeWorld({ yes: true });
      Object.assign(world, { store: openReal(directory) });
      expect((await runText(world, `account user delete ${nameOf(1)}`)).code).toBe(0);
    });
    const world = openWorld({
      step: async (what) => {
        if (what === 'adding the other accounts') begun += 1;
        await deleteAnn(what);
      },
    });
    expect((await runText(world, line)).code).toBe(0);
    // Every account may have had that secret: all are planned anew.
    expect(begun).toBeGreaterThan(1);
    expect(openReal(directory).account(nameOf(9))?.devices[0]?.last_used_step).toBe(later);
    expectWhole();
  });

  test('a change that could not be noted makes it begin anew', async () => {
    const world = openWorld({
      step: once('adding the other accounts', async () => {
        rmSync(join(directory, 'accounts.changed'));
        await change('ann', useUp(later));
      }),
    });
    expect((await runText(world, line)).code).toBe(0);
    expect(openReal(directory).account('ann')?.devices[0]?.last_used_step).toBe(later);
    expectWhole();
  });

  test('changes that never end are an end of it', async () => {
    const before = openReal(directory).accountNames();
    const world = openWorld({ step: () => rmSync(join(directory, 'accounts.changed'), { force: true }) });
    expect(await runText(world, line)).toMatchObject({ code: 4, err: expect.stringContaining('store.busy') });
    expect(openReal(directory).accountNames()).toEqual(before);
    expectWhole();
  });

  test('another import is refused, and the way back in is not held up', async () => {
    const world = openWorld({
      step: once('adding the other accounts', async () => {
        const second = await runText(openWorld(), line);
        expect(second).toMatchObject({ code: 4, err: expect.stringContaining('another import') });
        const off = openWorld();
        expect((await runText(off, 'auth two_factor update enabled=false')).code).toBe(0);
      }),
    });
    expect((await runText(world, line)).code).toBe(0);
    expectWhole();
  });
});

describe('the store is as it was', () => {
  const untouched = async (world: FakeWorld, code: number, text: string) => {
    const before = photograph(directory);
    const ran = await runText(world, line);
    expect(ran.code).toBe(code);
    expect(ran.all).toContain(text);
    expect(photograph(directory)).toEqual(before);
  };

  test.each([
    'checking the file',
    'writing the accounts',
    'adding the other accounts',
    'adding what has changed',
  ])('after Ctrl-C while it is %s', async (moment) => {
    const cancel = () => {
      throw new PosternError({ code: 'cancelled.by_user', message: 'cancelled' });
    };
    const world = openWorld({ step: (what) => (what === moment ? cancel() : undefined) });
    if (moment === 'checking the file') {
      Object.assign(world, {
        readExport: (path: string, long: LongWork) => readExportText(world.files.get(path) ?? '', path, long),
      });
    }
    await untouched(world, 130, 'Nothing was changed');
  });

  test('after a wrong account in the middle, which is named', async () => {
    const world = openWorld();
    world.files.set(
      'x.json',
      exportText((account, index) => (index === 111 ? { ...account, failures: -1 } : account)),
    );
    await untouched(world, 1, 'accounts.111: failures is missing or wrong; nothing was changed');
  });

  test('after a dry run', async () => {
    const world = openWorld({ dryRun: true });
    await untouched(world, 0, 'accounts.u200.username: - -> u200');
  });

  test('after a rule refused it, when all was written', async () => {
    const world = openWorld();
    const settings = { ...openReal(directory).settings() };
    const text = JSON.parse(exportText()) as { settings: unknown };
    text.settings = { ...settings, two_factor: { ...settings.two_factor, enabled: true } };
    world.files.set('x.json', JSON.stringify(text));
    await untouched(world, 1, 'rule.no_administrator_enrolled');
  });

  test('after the system refused its settings', async () => {
    const former = openReal(directory);
    const before = former.accountNames().map((name) => former.account(name));
    const appliance: Partial<Appliance> = {
      apply: async (_settings, _accounts, store) => {
        store.save();
        store.restore();
        throw new PosternError({ code: 'apply.sshd', message: 'sshd refuses it' });
      },
    };
    const world = openWorld({ appliance: { ...createRecordingAppliance().appliance, ...appliance } });
    const settings = openReal(directory).settings();
    expect(await runText(world, line)).toMatchObject({ code: 3 });
    const store = openReal(directory);
    expect(store.settings()).toEqual(settings);
    expect(store.accountNames().map((name) => store.account(name))).toEqual(before);
    expectWhole();
  });
});
