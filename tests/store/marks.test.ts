import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { makeRecoveryCodes } from '../../src/domain/two-factor/recovery-codes.ts';
import { verifyToken } from '../../src/domain/two-factor/verify.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { markPaths } from '../../src/store/marks.ts';
import { openStore } from '../../src/store/store.ts';
import { baseStep, makeAccount, makeDevice, nowMs } from '../support/accounts.ts';
import { readCode } from '../support/oathtool.ts';
import { openLab } from '../support/store-lab.ts';

const lab = openLab();
const directory = join(lab.folder, 'store');
const copy = join(lab.folder, 'copy');
const files = [join(lab.folder, 'run', 'used-codes'), join(lab.folder, 'cache', 'postern', 'used-codes')];
const { codes, hashes } = makeRecoveryCodes(systemRandom);
const [recoveryCode = '', otherCode = ''] = codes;
const account = makeAccount('root', { recovery_codes: hashes });
const code = readCode(makeDevice().secret, baseStep);
afterAll(() => lab.remove());

const open = (markPaths: readonly string[]) =>
  openStore({ directory, clock: { nowMs: () => nowMs }, random: systemRandom, hostName: 'nas', markPaths });

/** Signs in as the gate does; `at`: where marks are kept. */
const signIn = (token: string, at = files, username = 'root') =>
  open(at).withLock((transaction) => {
    const stored = transaction.account(username) as Account;
    const verified = verifyToken(stored, token, { nowMs, windowSteps: 1, explain: {} });
    if (verified.account !== stored) transaction.save({ accounts: new Map([[username, verified.account]]) });
    return verified.outcome;
  });

function putBack(): void {
  rmSync(directory, { recursive: true });
  cpSync(copy, directory, { recursive: true });
}

beforeEach(async () => {
  for (const path of [directory, copy, ...files.map(dirname)]) rmSync(path, { recursive: true, force: true });
  await open([]).withLock((transaction) => transaction.save({ accounts: new Map([['root', account]]) }));
  cpSync(directory, copy, { recursive: true });
});

describe('the state directory put back by a copy', () => {
  test.each([
    ['a code', code],
    ['a recovery code', recoveryCode],
  ])('does not make %s good again that was used', async (_, token) => {
    expect(await signIn(token)).toMatchObject({ valid: true });
    putBack();
    // So it would be without marks.
    expect(await signIn(token, [])).toMatchObject({ valid: true });
    putBack();
    expect(await signIn(token)).toMatchObject({ valid: false });
    expect(await signIn(otherCode)).toMatchObject({ valid: true });
  });

  test.each([0, 1])('one file of marks is enough: number %i was lost', async (lost) => {
    await signIn(code);
    putBack();
    rmSync(files[lost] as string);
    expect(await signIn(code)).toMatchObject({ valid: false, reason: 'already_used' });
  });

  test('makes no recovery code good again that was voided by new ones', async () => {
    await open(files).withLock((transaction) => {
      const present = transaction.account('root') as Account;
      const fresh = makeRecoveryCodes(systemRandom).hashes;
      transaction.save({ accounts: new Map([['root', { ...present, recovery_codes: fresh }]]) });
    });
    putBack();
    expect(await signIn(recoveryCode)).toMatchObject({ valid: false });
  });

  test('says nothing of the same secret in another account, with another interval or of another secret', async () => {
    await signIn(code);
    const others = [
      makeAccount('ann'),
      makeAccount('ben', { devices: [makeDevice({ interval: 60 })] }),
      makeAccount('root', { devices: [makeDevice({ secret: 'MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK' })] }),
    ];
    for (const other of others) {
      await open([]).withLock((transaction) =>
        transaction.save({ accounts: new Map([[other.username, other]]) }),
      );
      const read = await open(files).withLock((transaction) => transaction.account(other.username));
      expect(read).toEqual(other);
    }
  });
});

test('a later code is accepted, and a mark never goes back', async () => {
  await signIn(code);
  putBack();
  const later = readCode(makeDevice().secret, baseStep + 1);
  expect(await signIn(later)).toMatchObject({ valid: true });
  const used = await open(files).withLock((transaction) => transaction.account('root'));
  expect(used?.devices[0]?.last_used_step).toBe(baseStep + 1);
});

test('marks are files of 0600 and of bounded size, with no secret and no name in them', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `user${index}`);
  const used = makeDevice({ last_used_step: baseStep });
  for (const username of names) {
    const each = makeAccount(username, { devices: [used] });
    await open(files).withLock((transaction) => transaction.save({ accounts: new Map([[username, each]]) }));
  }
  for (const file of files) {
    const { size, mode } = statSync(file);
    expect(mode & 0o777).toBe(0o600);
    expect(size).toBeLessThanOrEqual(4096 * 128);
    const content = readFileSync(file, 'latin1');
    expect(content).not.toContain('user1');
    expect(content).not.toContain(used.secret.slice(0, 8));
  }
  const accounts = new Map(names.map((username) => [username, makeAccount(username)]));
  await open([]).withLock((transaction) => transaction.save({ accounts }));
  const read = (username: string) =>
    open(files).withLock((transaction) => transaction.account(username)?.devices[0]?.last_used_step);
  expect(await Promise.all(names.map(read))).toEqual(names.map(() => baseStep));
});

test('a transaction that looks through many accounts, which accepts no code, asks for the marks of a few', async () => {
  await signIn(code);
  putBack();
  const accounts = new Map(Array.from({ length: 20 }, (_, index) => [`u${index}`, makeAccount(`u${index}`)]));
  await open([]).withLock((transaction) => transaction.save({ accounts }));
  await open(files).withLock((transaction) => {
    const step = () => transaction.account('root')?.devices[0]?.last_used_step;
    expect(step()).toBe(baseStep);
    for (const name of accounts.keys()) transaction.account(name);
    // One that was looked at is known all the same.
    expect(step()).toBe(baseStep);
  });
});

test.each<[what: string, spoil: (file: string) => void]>([
  [
    'cannot be made',
    (file) => {
      rmSync(dirname(file), { recursive: true });
      writeFileSync(dirname(file), '');
    },
  ],
  ['are open to others', (file) => chmodSync(file, 0o622)],
  ['have a second name', (file) => linkSync(file, `${file}.2`)],
  [
    'are a link',
    (file) => {
      renameSync(file, `${file}.2`);
      symlinkSync(`${file}.2`, file);
    },
  ],
  [
    'are a directory',
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
  ['are full of ones', (file) => writeFileSync(file, Buffer.alloc(4096 * 128, 0xff))],
  ['are cut', (file) => writeFileSync(file, 'x')],
])('marks that %s count for nothing, and keep nobody out', async (_, spoil) => {
  await signIn(recoveryCode);
  for (const file of files) spoil(file);
  putBack();
  expect(await signIn(recoveryCode)).toMatchObject({ valid: true });
  // The store itself counts as ever.
  expect(await signIn(recoveryCode)).toMatchObject({ valid: false });
});

test('only the appliance itself keeps marks', () => {
  const isRoot = process.geteuid?.() === 0;
  expect(markPaths('/var/lib/postern')).toEqual(
    isRoot ? ['/run/postern-used-codes', '/var/cache/postern/used-codes'] : [],
  );
  for (const other of ['/var/lib/postern2', '/tmp/x', '/root/.local/state/postern'])
    expect(markPaths(other)).toEqual([]);
});
