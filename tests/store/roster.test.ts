import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import type { StoreTransaction } from '../../src/ports/store.ts';
import { firstAccount } from '../../src/store/defaults.ts';
import { judgeShard, shardOf, writeShard } from '../../src/store/roster.ts';
import { listLeftovers, openLab, openReal } from '../support/store-lab.ts';

const lab = openLab();
const directory = join(lab.folder, 'store');
const roster = join(directory, 'roster');
beforeEach(async () => {
  rmSync(directory, { recursive: true, force: true });
  await save(...['ann', 'ben', 'eve'].map((name) => named(name)));
});
afterAll(() => lab.remove());

const device: Account['devices'][number] = {
  name: 'default',
  secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  otp_digits: 6,
  interval: 30,
  confirmed: true,
  created_ms: 0,
  last_used_step: null,
  last_used_ms: null,
};

function named(username: string, more: Partial<Account> = {}): Account {
  return { ...firstAccount(), username, admin: false, devices: [device], ...more };
}

const change = (work: (transaction: StoreTransaction) => void) => openReal(directory).withLock(work);
const put = (name: string, account: Account | null) =>
  change((transaction) => transaction.save({ accounts: new Map([[name, account]]) }));
const save = (...accounts: readonly Account[]) =>
  change((transaction) =>
    transaction.save({ accounts: new Map(accounts.map((account) => [account.username, account])) }),
  );

/** Removes documents with their last good copies. */
function lose(...relatives: readonly string[]): void {
  for (const relative of relatives)
    for (const copy of ['', '.last-good']) rmSync(join(directory, `${relative}${copy}`));
}

const read = (name: string) => openReal(directory).account(name);
const damaged = (text: string | RegExp) =>
  expect.objectContaining({ code: 'store.damaged', message: expect.stringMatching(text) });

/** Makes the store one from before the roster. */
function age(): void {
  rmSync(roster, { recursive: true });
  for (const copy of ['config.json', 'config.json.last-good']) {
    const path = join(directory, copy);
    const { roster: _, checksum: __, ...settings } = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify(settings));
  }
}

describe('an account whose files are gone', () => {
  test('is damaged, not unknown, and still listed; the others are as they were', () => {
    lose('accounts/ann.json');
    expect(() => read('ann')).toThrow(damaged(/accounts\/ann\.json is damaged \(it is missing\)/));
    expect(openReal(directory).accountNames()).toEqual(['ann', 'ben', 'eve', 'root']);
    expect(read('ben')).toEqual(named('ben'));
    expect(read('nobody')).toBeUndefined();
  });

  test('is damaged under the lock too, and while others are saved', async () => {
    lose('accounts/ann.json');
    await put('ben', named('ben', { failures: 1 }));
    await change((transaction) => expect(() => transaction.account('ann')).toThrow(damaged('missing')));
  });

  test('is unknown once it is deleted, and as new once it is saved', async () => {
    lose('accounts/ann.json', 'accounts/ben.json');
    await put('ann', null);
    await put('ben', named('ben', { full_name: 'new' }));
    expect(read('ann')).toBeUndefined();
    expect(read('ben')?.full_name).toBe('new');
    expect(openReal(directory).accountNames()).toEqual(['ben', 'eve', 'root']);
  });
});

test('a deleted account is unknown, and one made anew is known again', async () => {
  await put('ann', null);
  expect(read('ann')).toBeUndefined();
  await save(named('ann'));
  lose('accounts/ann.json');
  expect(() => read('ann')).toThrow(damaged('ann'));
});

describe('a shard', () => {
  const path = `roster/${shardOf('ann')}.json`;

  test.each(['{', '', '{"version":1}', '{"version":1,"rows":["d ben"]}', '{"version":1,"rows":[1]}'])(
    'that holds %j is answered from its last good copy',
    (content) => {
      writeFileSync(join(directory, path), content);
      lose('accounts/ann.json');
      const store = openReal(directory);
      expect(() => store.account('ann')).toThrow(damaged('ann.json'));
      expect(store.takeNotices().join()).toContain('using its last good copy');
    },
  );

  const losses: readonly [how: string, loss: () => void][] = [
    ['removed', () => lose(path)],
    [
      'damaged, both copies',
      () => ['', '.last-good'].map((copy) => writeFileSync(join(directory, path + copy), '{')),
    ],
    ['removed with the whole roster', () => rmSync(roster, { recursive: true })],
    [
      'gone, for the roster is a file',
      () => {
        rmSync(roster, { recursive: true });
        writeFileSync(roster, '');
      },
    ],
    [
      'gone, for the roster is a link',
      () => {
        rmSync(roster, { recursive: true });
        symlinkSync(lab.folder, roster);
      },
    ],
  ];
  test.each(losses)('%s: an enrolled account never passes as unknown', async (_, loss) => {
    loss();
    expect(read('ann')).toEqual(named('ann'));
    lose('accounts/ann.json');
    expect(() => read('ann')).toThrow(damaged(/roster\/..\.json is lost/));
    // Also not once the shard has been made anew, by a change to another account of it.
    const neighbour = Array.from({ length: 5000 }, (_, index) => `n${index}`).find(
      (name) => shardOf(name) === shardOf('ann'),
    ) as string;
    await save(named(neighbour));
    expect(read(neighbour)).toEqual(named(neighbour));
    expect(existsSync(join(directory, path))).toBe(true);
    expect(() => read('ann')).toThrow(damaged(/is lost/));
    await put('ann', null);
    expect(read('ann')).toBeUndefined();
    expect(listLeftovers(directory)).toEqual([]);
  });

  test('that is lost keeps nobody out whose file is there, and codes can be used up', async () => {
    lose(path);
    await put('ann', named('ann', { failures: 1 }));
    expect(read('ann')?.failures).toBe(1);
    lose('accounts/ann.json');
    expect(() => read('ann')).toThrow(damaged('ann.json is damaged'));
  });
});

test('settings that are lost with the roster are made anew, and the roster with them', async () => {
  rmSync(roster, { recursive: true });
  lose('config.json');
  await change((transaction) =>
    transaction.save({ settings: openReal(join(lab.folder, 'none')).settings() }),
  );
  lose('accounts/eve.json');
  expect(() => read('eve')).toThrow(damaged('eve.json is damaged'));
});

describe('a store from before the roster', () => {
  beforeEach(age);

  test('is read as it stands', () => {
    expect(read('ann')).toEqual(named('ann'));
    expect(read('nobody')).toBeUndefined();
    expect(openReal(directory).accountNames()).toEqual(['ann', 'ben', 'eve', 'root']);
  });

  test.each([
    ['a code that is used up', () => put('ann', named('ann', { failures: 1 }))],
    [
      'a change of settings',
      () => change((transaction) => transaction.save({ settings: transaction.settings() })),
    ],
  ])('gets one with %s, and every account in it', async (_, first) => {
    await first();
    lose('accounts/ann.json', 'accounts/ben.json');
    for (const name of ['ann', 'ben']) expect(() => read(name)).toThrow(damaged(name));
    expect(read('nobody')).toBeUndefined();
  });
});

test('a code that is used up rewrites nothing but its account', async () => {
  const before = readdirSync(roster).map((name) => statSync(join(roster, name)).ino);
  await put('ann', named('ann', { devices: [{ ...device, last_used_step: 5, last_used_ms: 150_000 }] }));
  expect(readdirSync(roster).map((name) => statSync(join(roster, name)).ino)).toEqual(before);
});

test('settings answer without what the roster notes in them', () => {
  expect(readFileSync(join(directory, 'config.json'), 'utf8')).toMatch(/"roster": "[0-9a-f ]+"/);
  expect(Object.keys(openReal(directory).settings())).not.toContain('roster');
});

test.each<[row: string, facts: Partial<Account>]>([
  ['dc ann', {}],
  ['d ann', { devices: [{ ...device, confirmed: false }] }],
  ['- ann', { devices: [] }],
  ['dcal ann', { admin: true, locked: true }],
])('a row %j is written and read', async (row, facts) => {
  await save(named('ann', facts));
  const shard = shardOf('ann');
  const content = JSON.parse(readFileSync(join(roster, `${shard}.json`), 'utf8'));
  expect(content.rows).toContain(row);
  const judged = judgeShard(content, shard);
  expect('value' in judged && writeShard(judged.value)).toEqual({ rows: content.rows });
});

test('rows keep names of any kind', async () => {
  const names = ['__proto__', 'constructor', 'a b', 'n'.repeat(200), '\ud800', 'é', 'x y\nz'];
  await save(...names.map((name) => named(name)));
  rmSync(join(directory, 'accounts'), { recursive: true });
  for (const name of names) expect(() => read(name)).toThrow(damaged('missing'));
});

describe('names asked for by what the roster holds of them', () => {
  const admins = () => openReal(directory).accountNames(({ admin }) => admin);

  test('are those that may fit, and no account is read for it', async () => {
    await put('ben', named('ben', { admin: true }));
    for (const name of ['ann', 'ben', 'eve', 'root'])
      writeFileSync(join(directory, 'accounts', `${name}.json`), '{');
    const store = openReal(directory);
    expect(store.accountNames(({ admin }) => admin)).toEqual(['ben', 'root']);
    expect(store.accountNames(({ isEnrolled, locked }) => isEnrolled && !locked)).toEqual([
      'ann',
      'ben',
      'eve',
    ]);
    expect(store.takeNotices()).toEqual([]);
  });

  test('are all of which nothing is known yet', async () => {
    age();
    expect(admins()).toEqual(['ann', 'ben', 'eve', 'root']);
    await put('ann', named('ann', { failures: 1 }));
    expect(admins()).toEqual(['ben', 'eve', 'root']);
    await put('ben', named('ben', { failures: 1 }));
    expect(admins()).toEqual(['eve', 'root']);
  });
});
