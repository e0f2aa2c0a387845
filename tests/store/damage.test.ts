import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { firstAccount } from '../../src/store/defaults.ts';
import { listLeftovers, openLab, openReal, photograph } from '../support/store-lab.ts';

const lab = openLab();
afterAll(() => lab.remove());

/** A store with an issuer and an account of its own, so that no answer can be a default. */
async function makeStore(): Promise<string> {
  const directory = join(lab.folder, 'store');
  const template = join(lab.folder, 'template');
  rmSync(directory, { recursive: true, force: true });
  if (!existsSync(template)) await fillStore(template);
  cpSync(template, directory, { recursive: true });
  return directory;
}

async function fillStore(directory: string): Promise<void> {
  await openReal(directory).withLock((transaction) => {
    const settings = transaction.settings();
    const two_factor = { ...settings.two_factor, enabled: true, issuer: 'mine' };
    const accounts = new Map([['ann', { ...firstAccount(), username: 'ann', full_name: 'Ann' }]]);
    transaction.save({ settings: { ...settings, two_factor }, accounts });
  });
}

function edit(path: string, key: RegExp, text: string): void {
  const content = readFileSync(path, 'utf8');
  expect(content).toMatch(key);
  writeFileSync(path, content.replace(key, text));
}

const deep = `${'{"x":'.repeat(20_000)}1${'}'.repeat(20_000)}`;

const anyDamage: readonly [kind: string, damage: (path: string) => void][] = [
  ['empty', (path) => writeFileSync(path, '')],
  ['cut in half', (path) => truncateSync(path, 100)],
  ['an open brace', (path) => writeFileSync(path, '{')],
  ['zeros', (path) => writeFileSync(path, Buffer.alloc(300))],
  ['null', (path) => writeFileSync(path, 'null')],
  ['a list', (path) => writeFileSync(path, '[1,2]')],
  ['a text', (path) => writeFileSync(path, '"abc"')],
  ['a number', (path) => writeFileSync(path, '1')],
  ['an empty object', (path) => writeFileSync(path, '{}')],
  ['only a version', (path) => writeFileSync(path, '{"version":1}')],
  ['no version', (path) => edit(path, /"version": 1,/, '')],
  ['version 0', (path) => edit(path, /"version": 1/, '"version": 0')],
  ['a version in quotes', (path) => edit(path, /"version": 1/, '"version": "1"')],
  ['half a version', (path) => edit(path, /"version": 1/, '"version": 1.5')],
  ['JSON of 20,000 levels', (path) => writeFileSync(path, '['.repeat(20_000) + ']'.repeat(20_000))],
  [
    'our own JSON with 20,000 levels in it',
    (path) => edit(path, / *"checksum".*\n( *"version": 1,)/, `$1 "x": ${deep},`),
  ],
  ['a number without end', (path) => edit(path, /"version": 1/, `"version": 1${'0'.repeat(400)}`)],
  [
    'bytes that are not UTF-8',
    (path) => writeFileSync(path, readFileSync(path, 'latin1').replace(/mine|Ann/, '\xff\xfe'), 'latin1'),
  ],
  ['far too large', (path) => truncateSync(path, 5 * 1024 * 1024)],
  ['missing', (path) => rmSync(path)],
  ['a directory', (path) => replace(path, () => mkdirSync(path))],
  ['a full directory', (path) => replace(path, () => mkdirSync(join(path, 'deep'), { recursive: true }))],
  ['a link to nowhere', (path) => replace(path, () => symlinkSync('nowhere', path))],
  ['a link to a good copy', (path) => linkOut(path)],
  ['a pipe', (path) => replace(path, () => execFileSync('mkfifo', [path]))],
];

function replace(path: string, make: () => void): void {
  rmSync(path);
  make();
}

function linkOut(path: string): void {
  const outside = join(lab.folder, 'outside');
  copyFileSync(path, outside);
  replace(path, () => symlinkSync(outside, path));
}

const settingsDamage: typeof anyDamage = [
  ...anyDamage,
  ['a text for a truth', (path) => edit(path, /"enabled": true/, '"enabled": "true"')],
  ['a window out of bounds', (path) => edit(path, /"window": 1/, '"window": 11')],
  ['a key that is missing', (path) => edit(path, /"unenrolled": "allow"/, '"x": 1')],
  ['a word that means nothing', (path) => edit(path, /"allow"/, '"maybe"')],
];

const accountDamage: typeof anyDamage = [
  ...anyDamage,
  ['the file of another account', (path) => copyFileSync(join(dirname(path), 'root.json'), path)],
  ['devices that are no list', (path) => edit(path, /"devices": \[\]/, '"devices": {}')],
  ['a negative count', (path) => edit(path, /"failures": 0/, '"failures": -1')],
];

test.each(settingsDamage)(
  'settings: %s: answered from the last good copy, then repaired',
  async (_, damage) => {
    const directory = await makeStore();
    const path = join(directory, 'config.json');
    damage(path);
    const store = openReal(directory);
    expect(store.exists()).toBe(true);
    expect(store.settings().two_factor).toMatchObject({ enabled: true, issuer: 'mine' });
    expect(store.takeNotices()).toEqual([
      expect.stringMatching(/config\.json is damaged \(.+\): using its last good copy/),
    ]);
    expect(store.account('ann')?.full_name).toBe('Ann');
    await expectRepair(directory, path);
  },
);

test.each(accountDamage)(
  'an account: %s: answered from the last good copy, then repaired',
  async (_, damage) => {
    const directory = await makeStore();
    const path = join(directory, 'accounts', 'ann.json');
    damage(path);
    const store = openReal(directory);
    expect(store.account('ann')?.full_name).toBe('Ann');
    expect(store.takeNotices()).toEqual([
      expect.stringMatching(/ann\.json is damaged \(.+\): using its last good copy/),
    ]);
    expect(store.accountNames()).toEqual(['ann', 'root']);
    expect(store.account('root')?.admin).toBe(true);
    await expectRepair(directory, path);
  },
);

/** One read under the lock puts the good content back, keeps the damaged one aside, and follows no link. */
async function expectRepair(directory: string, path: string): Promise<void> {
  const wasThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  await openReal(directory).withLock((transaction) => {
    transaction.settings();
    transaction.account('ann');
  });
  const again = openReal(directory);
  expect(again.settings().two_factor.issuer).toBe('mine');
  expect(again.account('ann')?.full_name).toBe('Ann');
  expect(again.takeNotices()).toEqual([]);
  expect(lstatSync(path).isFile()).toBe(true);
  const aside = readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.damaged-`));
  expect(aside.length).toBe(wasThere ? 1 : 0);
  expect(listLeftovers(directory)).toEqual([]);
}

test.each(settingsDamage)(
  'settings: %s, and no good copy: an error, and saving makes new ones',
  async (_, damage) => {
    const directory = await makeStore();
    const path = join(directory, 'config.json');
    rmSync(`${path}.last-good`);
    damage(path);
    const store = openReal(directory);
    const problem = {
      code: 'store.damaged',
      message: expect.stringContaining(path),
      hint: 'auth two_factor update enabled=false',
    };
    expect(() => store.settings()).toThrow(expect.objectContaining({ problems: [problem] }));
    expect(store.account('ann')?.full_name).toBe('Ann');
    await store.withLock((transaction) => {
      expect(() => transaction.settings()).toThrow(expect.objectContaining({ code: 'store.damaged' }));
      transaction.save({ settings: openReal(join(lab.folder, 'none')).settings() });
    });
    expect(openReal(directory).settings().two_factor.enabled).toBe(false);
    expect(openReal(directory).account('ann')?.full_name).toBe('Ann');
    expect(listLeftovers(directory)).toEqual([]);
  },
);

test.each(accountDamage.filter(([kind]) => kind !== 'missing'))(
  'an account: %s, and no good copy: an error, never "no such account"',
  async (_, damage) => {
    const directory = await makeStore();
    const path = join(directory, 'accounts', 'ann.json');
    rmSync(`${path}.last-good`);
    // What was kept of an earlier damage.
    writeFileSync(`${path}.damaged-20260101T000000000Z`, 'a secret');
    damage(path);
    const isMovedAway = !lstatSync(path).isFile();
    const store = openReal(directory);
    const error = { code: 'store.damaged', message: expect.stringContaining(path) };
    expect(() => store.account('ann')).toThrow(expect.objectContaining(error));
    expect(store.accountNames()).toEqual(['ann', 'root']);
    expect(store.settings().two_factor.issuer).toBe('mine');
    await store.withLock((transaction) => transaction.save({ accounts: new Map([['ann', null]]) }));
    expect(store.takeNotices().join('\n')).toMatch(
      /and is removed(; the damaged content is kept beside it)?$/m,
    );
    expect(openReal(directory).account('ann')).toBeUndefined();
    // A secret must not outlive its account. What is no file is moved away, for it is not ours to empty.
    const left = readdirSync(join(directory, 'accounts')).filter((name) => name.includes('ann'));
    expect(left.filter((name) => lstatSync(join(directory, 'accounts', name)).isFile())).toEqual([]);
    expect(left).toHaveLength(isMovedAway ? 1 : 0);
  },
);

test.each(['removed', 'a file', 'a link'])(
  'the folder of the accounts is %s: nobody is told to be unknown',
  async (kind) => {
    const directory = await makeStore();
    const path = join(directory, 'accounts');
    rmSync(path, { recursive: true });
    if (kind === 'a file') writeFileSync(path, '');
    if (kind === 'a link') symlinkSync(lab.folder, path);
    const store = openReal(directory);
    expect(() => store.account('ann')).toThrow(expect.objectContaining({ code: 'store.damaged' }));
    expect(() => openReal(directory).accountNames()).toThrow(
      expect.objectContaining({ code: 'store.damaged' }),
    );
  },
);

test.each(['a file', 'a link', 'a link to nowhere'])(
  'the folder of the accounts is %s: the settings are read and written, and codes can be switched off',
  async (kind) => {
    for (const settings of ['kept', 'lost']) {
      const directory = await makeStore();
      const path = join(directory, 'accounts');
      rmSync(path, { recursive: true });
      if (kind === 'a file') writeFileSync(path, '');
      else symlinkSync(kind === 'a link' ? lab.folder : 'nowhere', path);
      if (settings === 'lost') {
        rmSync(join(directory, 'config.json'));
        rmSync(join(directory, 'config.json.last-good'));
      } else expect(openReal(directory).settings().two_factor.enabled).toBe(true);
      const off = openReal(join(lab.folder, 'none')).settings();
      await openReal(directory).withLock((transaction) => transaction.save({ settings: off }), 'recovery');
      expect(openReal(directory).settings().two_factor.enabled).toBe(false);
      const ann = new Map([['ann', firstAccount()]]);
      const saving = openReal(directory).withLock((transaction) => transaction.save({ accounts: ann }));
      await expect(saving).rejects.toMatchObject({ code: 'store.damaged' });
      expect(openReal(directory).exists()).toBe(true);
    }
  },
);

test('accounts without settings are not a new store', async () => {
  const directory = await makeStore();
  rmSync(join(directory, 'config.json'));
  rmSync(join(directory, 'config.json.last-good'));
  expect(() => openReal(directory).settings()).toThrow(expect.objectContaining({ code: 'store.damaged' }));
});

test('the last good copy is the present content, not the one before', async () => {
  const directory = await makeStore();
  const ann = join(directory, 'accounts', 'ann.json');
  for (const path of [join(directory, 'config.json'), ann]) {
    expect(readFileSync(`${path}.last-good`, 'utf8')).toBe(readFileSync(path, 'utf8'));
    expect(lstatSync(`${path}.last-good`).ino).not.toBe(lstatSync(path).ino);
  }
});

test('of damaged files a few are kept', async () => {
  const directory = await makeStore();
  const path = join(directory, 'config.json');
  for (let time = 1; time <= 6; time++) {
    writeFileSync(path, `{ damage ${time}`);
    await openReal(directory).withLock((transaction) => void transaction.settings());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const kept = readdirSync(directory).filter((name) => name.includes('.damaged-'));
  expect(kept.sort().map((name) => readFileSync(join(directory, name), 'utf8'))).toEqual(
    [4, 5, 6].map((time) => `{ damage ${time}`),
  );
});

const newer: readonly [what: string, relative: string, content: string][] = [
  ['settings', 'config.json', '{"version":2}'],
  ['settings, otherwise like ours', 'config.json', '{"version":2,"two_factor":{"enabled":true}}'],
  ['an account', 'accounts/ann.json', '{"version":7,"user":"ann"}\n\n'],
  ['a journal', 'journal.json', '{"version":2,"moves":[]}'],
];

test.each(newer)('%s of a newer version: refused, and left byte for byte', async (_, relative, content) => {
  const directory = await makeStore();
  writeFileSync(join(directory, relative), content, { mode: 0o600 });
  const before = photograph(directory);
  const store = openReal(directory);
  const refused = expect.objectContaining({ code: 'store.newer_version' });
  const readBoth = () => [store.settings(), store.account('ann')];
  expect(readBoth).toThrow(refused);
  const settings = openReal(join(lab.folder, 'none')).settings();
  const ann = { ...firstAccount(), username: 'ann' };
  for (const account of [ann, null]) {
    const saving = store.withLock((transaction) =>
      transaction.save({ settings, accounts: new Map([['ann', account]]) }),
    );
    await expect(saving).rejects.toEqual(refused);
  }
  expect(photograph(directory)).toEqual(before);
});

test('a damaged file with a newer last good copy is refused as well', async () => {
  const directory = await makeStore();
  const path = join(directory, 'config.json');
  writeFileSync(path, '{');
  writeFileSync(`${path}.last-good`, '{"version":2}');
  const before = photograph(directory);
  const refused = expect.objectContaining({ code: 'store.newer_version' });
  expect(() => openReal(directory).settings()).toThrow(refused);
  const saving = openReal(directory).withLock((transaction) =>
    transaction.save({ settings: openReal(join(lab.folder, 'none')).settings() }),
  );
  await expect(saving).rejects.toEqual(refused);
  expect(photograph(directory)).toEqual(before);
});
