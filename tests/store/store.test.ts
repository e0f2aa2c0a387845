import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { firstAccount, reduceToIssuer } from '../../src/store/defaults.ts';
import { shardOf, shardPath } from '../../src/store/roster.ts';
import { openLab, openReal, photograph } from '../support/store-lab.ts';

const lab = openLab();
const directory = join(lab.folder, 'store');
beforeEach(() => rmSync(directory, { recursive: true, force: true }));
afterAll(() => lab.remove());

function named(username: string, fullName = ''): Account {
  return { ...firstAccount(), username, full_name: fullName };
}

async function saveAccounts(...accounts: readonly Account[]): Promise<void> {
  const entries = accounts.map((account): [string, Account] => [account.username, account]);
  await openReal(directory).withLock((transaction) => transaction.save({ accounts: new Map(entries) }));
}

test('what was saved is read by others at once', async () => {
  const reader = openReal(directory);
  expect(reader.account('ann')).toBeUndefined();
  await saveAccounts(named('ann', 'Ann \u{1f511} \ud800 \ufffd "\\'));
  expect(reader.account('ann')).toEqual(named('ann', 'Ann \u{1f511} \ud800 \ufffd "\\'));
  expect(reader.takeNotices()).toEqual([]);
});

test('names of any kind come back, sorted', async () => {
  const names = ['__proto__', 'constructor', 'Root', 'a/../b', 'b.c', 'n'.repeat(200), 'root', 'é'];
  await saveAccounts(...names.map((name) => named(name)));
  expect(openReal(directory).accountNames()).toEqual([...names].sort());
  for (const name of names) expect(openReal(directory).account(name)).toEqual(named(name));
});

test('root can be removed, and stays removed', async () => {
  await saveAccounts(named('ann'));
  await openReal(directory).withLock((transaction) =>
    transaction.save({ accounts: new Map([['root', null]]) }),
  );
  expect(openReal(directory).account('root')).toBeUndefined();
  expect(openReal(directory).accountNames()).toEqual(['ann']);
});

test('the lock is released when the work fails, and the error comes through', async () => {
  const store = openReal(directory);
  const failing = store.withLock(() => {
    expect(readlinkSync(join(directory, 'lock'))).toMatch(new RegExp(`^${process.pid}:`));
    throw new Error('of the work');
  });
  await expect(failing).rejects.toThrow('of the work');
  expect(existsSync(join(directory, 'lock'))).toBe(false);
  await expect(store.withLock(async () => 'answer')).resolves.toBe('answer');
});

test('a lock that could not be given back is, before the same process takes it again', async () => {
  await saveAccounts(named('ann'));
  const store = openReal(directory, { holderMs: 300, totalMs: 300 });
  const away = `${directory}-away`;
  await store.withLock(() => {
    renameSync(directory, away);
    writeFileSync(directory, '');
  });
  expect(store.takeNotices()).toEqual([
    expect.stringMatching(/^cannot remove .*lock: .*; the answer is valid/),
  ]);
  rmSync(directory);
  renameSync(away, directory);
  await expect(store.withLock(() => 'again')).resolves.toBe('again');
  expect(store.takeNotices()).toEqual([]);
});

test('two changes of one process take turns', async () => {
  const store = openReal(directory);
  const events: string[] = [];
  const work = (name: string) =>
    store.withLock(async () => {
      events.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      events.push(`${name} out`);
    });
  await Promise.all([work('a'), work('b')]);
  expect(events[1]).toBe(events[0]?.replace('in', 'out'));
});

test('keys that this version does not know survive a change', async () => {
  await saveAccounts(named('ann'));
  const path = join(directory, 'accounts', 'ann.json');
  const written = readFileSync(path, 'utf8').replace('"admin"', '"later": {"x": [1]}, "admin"');
  writeFileSync(path, written.replace(/^ {2}"checksum": .*\n/m, ''));
  await openReal(directory).withLock((transaction) => {
    const ann = transaction.account('ann') ?? named('ann');
    transaction.save({ accounts: new Map([['ann', { ...ann, failures: 1 }]]) });
  });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    version: 1,
    later: { x: [1] },
    failures: 1,
  });
  expect(openReal(directory).takeNotices()).toEqual([]);
});

test('what could not be read again is not written', async () => {
  await saveAccounts(named('ann'));
  const before = photograph(directory);
  const wrong = [
    new Map([['ann', { ...named('ann'), failures: -1 }]]),
    new Map([['ann', named('bob')]]),
    new Map([['ann', { ...named('ann'), admin: 'yes' as unknown as boolean }]]),
  ];
  for (const accounts of wrong) {
    const saving = openReal(directory).withLock((transaction) => transaction.save({ accounts }));
    await expect(saving).rejects.toMatchObject({ code: 'bug.invalid_document' });
  }
  expect(photograph(directory)).toEqual(before);
});

test('writing is atomic inside a snap too, where conf alone would write in place', async () => {
  const witness = join(directory, 'witness');
  process.env.SNAP = '/snap';
  try {
    await openReal(directory).withLock((transaction) => {
      const nonce = readlinkSync(join(directory, 'lock')).split(':')[4];
      mkdirSync(join(directory, 'accounts'));
      writeFileSync(witness, 'as it was');
      linkSync(witness, join(directory, 'accounts', `ann.json.staged-${nonce}`));
      transaction.save({ accounts: new Map([['ann', named('ann', 'new')]]) });
    });
    expect(process.env.SNAP).toBe('/snap');
  } finally {
    delete process.env.SNAP;
  }
  expect(openReal(directory).account('ann')?.full_name).toBe('new');
  expect(readFileSync(witness, 'utf8')).toBe('as it was');
});

test('a decided change is read as done before anybody has finished it, and is finished by the next change', async () => {
  await saveAccounts(named('ann', 'old'), named('bob', 'old'));
  const id = '0123456789ab';
  const accounts = join(directory, 'accounts');
  writeFileSync(
    join(accounts, `ann.json.staged-${id}`),
    JSON.stringify({ version: 1, ...named('ann', 'new') }),
  );
  writeFileSync(
    join(accounts, `eve.json.staged-${id}`),
    JSON.stringify({ version: 1, ...named('eve', 'new') }),
  );
  // Staged by another change that was never decided.
  writeFileSync(
    join(accounts, 'root.json.staged-aaaaaaaaaaaa'),
    JSON.stringify({ version: 1, ...named('root', 'no') }),
  );
  const shard = shardPath(shardOf('bob'));
  writeFileSync(join(directory, `${shard}.staged-${id}`), JSON.stringify({ version: 1, rows: [] }));
  const put = ['accounts/ann.json', 'accounts/eve.json', 'accounts/root.json', shard];
  const journal = { version: 1, id, put, remove: ['accounts/bob.json'] };
  writeFileSync(join(directory, 'journal.json'), JSON.stringify(journal));

  const expectDone = () => {
    const store = openReal(directory);
    expect(store.accountNames()).toEqual(['ann', 'eve', 'root']);
    expect(store.account('ann')?.full_name).toBe('new');
    expect(store.account('eve')?.full_name).toBe('new');
    expect(store.account('bob')).toBeUndefined();
    expect(store.account('root')?.full_name).toBe('');
  };
  expectDone();
  expect(existsSync(join(accounts, 'bob.json'))).toBe(true);

  const store = openReal(directory);
  await store.withLock(() => undefined);
  expect(store.takeNotices()).toEqual(['an interrupted change of several files was finished']);
  expectDone();
  expect(existsSync(join(accounts, 'bob.json'))).toBe(false);
  expect(existsSync(join(accounts, 'bob.json.last-good'))).toBe(false);
  expect(existsSync(join(directory, 'journal.json'))).toBe(false);
  for (const name of ['ann', 'eve']) {
    const path = join(accounts, `${name}.json`);
    expect(readFileSync(`${path}.last-good`, 'utf8')).toBe(readFileSync(path, 'utf8'));
  }
});

test.each([
  ['no JSON', '{'],
  ['a path that leaves the folder', '{"version":1,"id":"0123456789ab","put":["../x"],"remove":[]}'],
  ['a path of no document', '{"version":1,"id":"0123456789ab","put":[],"remove":["audit.jsonl"]}'],
  ['an id that is a path', '{"version":1,"id":"/etc/shadow","put":["config.json"],"remove":[]}'],
])('a damaged journal does not stand in the way: %s', async (_, content) => {
  await saveAccounts(named('ann', 'old'));
  writeFileSync(join(directory, 'journal.json'), content);
  expect(openReal(directory).account('ann')?.full_name).toBe('old');
  const store = openReal(directory);
  await store.withLock((transaction) =>
    transaction.save({ accounts: new Map([['ann', named('ann', 'new')]]) }),
  );
  expect(store.takeNotices()).toEqual([
    expect.stringMatching(/journal\.json was damaged and was moved away/),
  ]);
  expect(openReal(directory).account('ann')?.full_name).toBe('new');
});

test('without room for the last good copy, it is the document itself and never an older one', async () => {
  await saveAccounts(named('ann', 'old'));
  const copy = join(directory, 'accounts', 'ann.json.last-good');
  // Stands in for a full disk: the copy's temporary file cannot be made.
  const store = openReal(directory);
  await store.withLock((transaction) => {
    const nonce = readlinkSync(join(directory, 'lock')).split(':')[4];
    mkdirSync(`${copy}.tmp-${nonce}`);
    transaction.save({ accounts: new Map([['ann', named('ann', 'new')]]) });
  });
  expect(JSON.parse(readFileSync(copy, 'utf8'))).toMatchObject({ full_name: 'new' });
});

test.each([
  ['nas', 'nas'],
  ['büro.example.org', 'buro.example.org'],
  ['a:b', 'ab'],
  ['サーバ', 'Postern'],
  ['', 'Postern'],
  ['n'.repeat(80), 'n'.repeat(63)],
])('the host name %j makes the issuer %j', (hostName, issuer) => {
  expect(reduceToIssuer(hostName)).toBe(issuer);
});
