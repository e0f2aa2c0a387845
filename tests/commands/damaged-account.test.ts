import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { renewRecoveryCodes } from '../../src/domain/two-factor/devices.ts';
import { createAccount } from '../../src/domain/two-factor/enrol.ts';
import { systemRandom } from '../../src/platform/random.ts';
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
import { readCode } from '../support/oathtool.ts';
import { openLab, openReal } from '../support/store-lab.ts';

/*
 * One damaged account harms one account: ben's file holds `{` and its last good copy is gone, on an appliance that asks
 * for codes; and the same where its file is missing, which the roster tells.
 */

const lab = openLab();
const [template, directory] = [join(lab.folder, 'template'), join(lab.folder, 'store')];
const step = Math.floor(fakeNowMs / 30_000);
beforeAll(prepare);
beforeEach(() => {
  rmSync(directory, { recursive: true, force: true });
  cpSync(template, directory, { recursive: true });
});
afterAll(() => lab.remove());

const goOn: readonly (readonly [line: string, why: string])[] = [
  ['account user query', 'lists the others, and ben'],
  ['account user unset_2fa_secret ann', 'is about ann'],
  ['account user renew_2fa_secret ann', 'is about ann'],
  ['account user update ann locked=true', 'is about ann'],
  ['account user remove_2fa_device ann default', 'is about ann'],
  ['system config export file=x.json', 'writes the others'],
  ['auth two_factor status', 'tells of everybody'],
  ['system config reset accounts=true', 'is the way back in'],
];
describe('goes on, and names the damaged account', () => {
  for (const [line, why] of goOn) {
    for (const mode of ['table', 'json'] as const) {
      test(`${line} (${mode}): ${why}`, async () => {
        damage();
        const ran = await runText(openWorld(), line, { mode });
        expect(ran.code, ran.all).toBe(0);
        expect(
          mode === 'json' && !line.includes('query') && !line.includes('renew') ? ran.out : ran.all,
        ).toContain('ben');
      });
    }
  }
});

const unharmed = [
  'account user get_instance ann',
  'account user create carl',
  'account user renew_recovery_codes ann',
  'account user show_2fa_qr ann',
  'account user unlock ann',
  'auth two_factor update enabled=false',
  'auth two_factor update window=2',
  'system config reset',
];
test.each(unharmed)('goes on: %s', async (line) => {
  damage();
  expect(await runText(openWorld(), line)).toMatchObject({ code: 0 });
});

test('a damaged account is a row with a reason, and nothing else of it is known', async () => {
  damage();
  const { out } = await runText(openWorld(), 'account user query', { mode: 'json' });
  const rows = JSON.parse(out) as { username: string; damage: string | null; enrolled: boolean | null }[];
  expect(rows.map(({ username, enrolled }) => [username, enrolled])).toEqual([
    ['ann', true],
    ['ben', null],
    ['root', true],
  ]);
  expect(rows.map(({ damage: reason }) => reason)).toEqual([null, expect.stringContaining('ben.json'), null]);
  expect(
    await runText(openWorld(), 'account user query username where damage != null', { mode: 'csv' }),
  ).toMatchObject({
    out: expect.stringMatching(/^username\r?\nben\r?\n$/),
  });
});

test('status and export list it', async () => {
  damage();
  const world = openWorld();
  const status = JSON.parse((await runText(world, 'auth two_factor status', { mode: 'json' })).out);
  expect(status.damaged).toEqual([{ username: 'ben', reason: expect.stringContaining('not JSON') }]);
  expect(status.enrolled).toEqual(['ann', 'root']);
  const exported = await runText(world, 'system config export file=x.json', { mode: 'json' });
  expect(JSON.parse(exported.out)).toMatchObject({ accounts: 2, damaged: ['ben'] });
});

const refused = [
  'account user get_instance ben',
  'account user update ben admin=true',
  'account user unset_2fa_secret ben',
  'account user add_2fa_device ben tablet',
  'account user verify_twofactor_token ben token=123456',
];
test.each(refused)('a command that needs what was lost says how to begin anew: %s', async (line) => {
  damage();
  const ran = await runText(openWorld(), line);
  expect(ran.code).toBe(4);
  expect(ran.err).toContain('hint: account user renew_2fa_secret username=ben');
});

const losses = { 'its file is broken': damage, 'its files are gone': remove };
describe.each(Object.entries(losses))('where %s', (_, lose) => {
  test('it can be deleted, after a question', async () => {
    lose();
    const asked = await runText(openWorld({ yes: false }), 'account user delete ben');
    expect(asked.err).toContain('rule.needs_confirmation');
    expect(await runText(openWorld(), 'account user delete ben')).toMatchObject({ code: 0 });
    const world = openWorld();
    expect(world.store.account('ben')).toBeUndefined();
    expect(world.store.accountNames()).toEqual(['ann', 'root']);
  });

  test('it can be enrolled anew with a new secret, whose codes are good at once', async () => {
    lose();
    const world = openWorld();
    const ran = await runText(world, 'account user renew_2fa_secret ben', { mode: 'json' });
    expect(ran.code, ran.all).toBe(0);
    const { secret, changes } = JSON.parse(ran.out);
    expect(changes[0]).toEqual({ key: 'damaged', from: true, to: false });
    expect(await runText(world, confirm(secret, step))).toMatchObject({ code: 0 });
  });

  const anew: readonly (readonly [how: string, lines: readonly string[]])[] = [
    ['renewed', []],
    ['created', ['account user create ben']],
    ['deleted and created', ['account user delete ben', 'account user create ben']],
  ];
  test.each(anew)(
    'no code up to now is good again when it is %s with its former secret',
    async (_how, lines) => {
      lose();
      const world = openWorld();
      for (const line of lines) expect(await runText(world, line)).toMatchObject({ code: 0 });
      const renewed = await runText(world, `account user renew_2fa_secret ben secret=${ben}`);
      expect(renewed.code, renewed.all).toBe(0);
      expect(renewed.err).toContain('codes of this secret are accepted from 2026-01-15T12:05:30.000Z on');
      // With a window of ten steps, a code may have been used that lies ten steps ahead.
      for (const at of [step - 1, step, step + 1])
        expect((await runText(world, confirm(ben, at))).err).toContain('code.already_used');
      world.nowMs += 11 * 30_000;
      expect(await runText(world, confirm(ben, step + 11))).toMatchObject({ code: 0 });
    },
  );

  test('a backup over it brings no code and no recovery code back', async () => {
    const world = openWorld();
    await runText(world, 'system config export file=x.json secrets=true');
    lose();
    const ran = await runText(world, 'system config import file=x.json');
    expect(ran.code, ran.all).toBe(0);
    expect(ran.err).toContain('ben was damaged');
    expect(world.store.account('ben')).toMatchObject({
      devices: [{ last_used_step: step + 10 }],
      recovery_codes: [],
    });
    expect(world.store.account('ann')?.recovery_codes).toHaveLength(10);
  });

  test('a backup without secrets leaves it damaged, for it would have no device', async () => {
    const world = openWorld();
    await runText(world, 'system config export file=x.json');
    lose();
    const ran = await runText(world, 'system config import file=x.json');
    expect(ran.code, ran.all).toBe(0);
    expect(ran.err).toContain('ben stays damaged');
    expect(() => world.store.account('ben')).toThrow('damaged');
  });

  test('everything is forgotten of it by the reset', async () => {
    lose();
    const world = openWorld();
    expect(await runText(world, 'system config reset accounts=true')).toMatchObject({ code: 0 });
    expect(world.store.accountNames()).toEqual(['root']);
    expect(world.store.settings().forgotten_until_ms).toBe(fakeNowMs);
  });
});

test('root, damaged, begins anew as an administrator', async () => {
  damage('root');
  const world = openWorld();
  expect(await runText(world, 'account user renew_2fa_secret root')).toMatchObject({ code: 0 });
  expect(world.store.account('root')?.admin).toBe(true);
  damage('root');
  expect(await runText(world, 'system config reset accounts=true')).toMatchObject({ code: 0 });
  expect(world.store.account('root')).toEqual(createAccount('root', { admin: true }));
});

const settingsLost = [
  'auth two_factor update enabled=false',
  'system config reset',
  'system config reset accounts=true',
];
test.each(settingsLost)(
  'lost settings never stop the way back in, beside a damaged account: %s',
  async (line) => {
    damage();
    for (const name of ['config.json', 'config.json.last-good']) writeFileSync(join(directory, name), '{');
    const world = openWorld();
    const ran = await runText(world, line);
    expect(ran.code, ran.all).toBe(0);
    expect(world.store.settings()).toMatchObject({
      two_factor: { enabled: false },
      // What they remembered of used codes is lost with them.
      forgotten_until_ms: fakeNowMs,
    });
  },
);

test('a folder of accounts that is gone does not stop the reset', async () => {
  rmSync(join(directory, 'accounts'), { recursive: true });
  const world = openWorld();
  const ran = await runText(world, 'system config reset accounts=true');
  expect(ran.code, ran.all).toBe(0);
  expect(world.store.account('root')).toEqual(createAccount('root', { admin: true }));
});

test('what was kept is beside the new file, for a person to look at, and goes with the account', async () => {
  const kept = () => readdirSync(join(directory, 'accounts')).filter((name) => name.includes('.damaged-'));
  damage();
  const { err } = await runText(openWorld(), 'account user renew_2fa_secret ben');
  expect(err).toContain('the damaged content is kept beside it');
  expect(kept()).toHaveLength(1);
  expect(await runText(openWorld(), 'account user delete ben')).toMatchObject({ code: 0 });
  expect(kept()).toEqual([]);
});

test.each([
  ['account user update ben admin=true', { admin: true, locked: false }],
  ['account user update ben locked=true', { admin: false, locked: true }],
])('a lost account is, after a new secret, what it was: %s', async (line, expected) => {
  await runText(openWorld(), line);
  rmSync(join(directory, 'accounts', 'ben.json'));
  rmSync(join(directory, 'accounts', 'ben.json.last-good'));
  expect(await runText(openWorld(), 'account user renew_2fa_secret ben')).toMatchObject({ code: 0 });
  expect(openReal(directory).account('ben')).toMatchObject(expected);
});

const ben = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const confirm = (secret: string, at: number) =>
  `account user confirm_2fa_secret ben token=${readCode(secret, at)}`;

async function prepare(): Promise<void> {
  const accounts = ['ann', 'ben', 'root'].map((name) => {
    const account = { ...createAccount(name, { admin: name === 'root' }), devices: [makeDevice()] };
    return [name, renewRecoveryCodes(account, systemRandom).account] as const;
  });
  const store = openReal(template);
  const settings = store.settings();
  const two_factor = { ...settings.two_factor, enabled: true, services: { ssh: true } };
  await store.withLock(({ save }) =>
    save({ settings: { ...settings, two_factor }, accounts: new Map(accounts) }),
  );
}

function damage(name = 'ben'): void {
  writeFileSync(join(directory, `accounts/${name}.json`), '{');
  rmSync(join(directory, `accounts/${name}.json.last-good`), { force: true });
}

function remove(): void {
  for (const end of ['', '.last-good']) rmSync(join(directory, `accounts/ben.json${end}`));
  expect(existsSync(join(directory, 'roster'))).toBe(true);
}

function openWorld({ yes = true } = {}): FakeWorld {
  const appliance = createTrialAppliance();
  const world = createFakeWorld({ yes, appliance });
  const files = world.files;
  return Object.assign(world, {
    store: openStore({ directory, clock: world.clock, random: systemRandom, hostName: 'nas' }),
    readExport: (path: string) => readExportText(files.get(path) ?? readFileSync(path, 'utf8'), path),
  });
}
