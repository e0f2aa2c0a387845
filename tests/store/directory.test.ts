import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { shardOf, shardPath } from '../../src/store/roster.ts';
import { listTree, openLab, openReal } from '../support/store-lab.ts';

const lab = openLab();
const directory = join(lab.folder, 'a', 'store');
beforeEach(() => rmSync(join(lab.folder, 'a'), { recursive: true, force: true }));
afterAll(() => lab.remove());

const refused = expect.objectContaining({ code: 'permission.store' });

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

function make(mode: number, ...names: readonly string[]): void {
  mkdirSync(directory, { recursive: true });
  for (const name of names) writeFileSync(join(directory, name), '');
  chmodSync(directory, mode);
}

function change(): Promise<void> {
  return openReal(directory).withLock((transaction) =>
    transaction.save({ settings: transaction.settings() }),
  );
}

test('reading a store that does not exist creates nothing and answers the first content', () => {
  const store = openReal(directory);
  expect(store.exists()).toBe(false);
  expect(store.settings()).toMatchObject({
    two_factor: {
      enabled: false,
      services: { ssh: false },
      window: 1,
      otp_digits: 6,
      interval: 30,
      issuer: 'nas',
      unenrolled: 'allow',
      exempt_groups: [],
      exempt_networks: [],
      security_keys: false,
      remember: 0,
    },
    pending: null,
  });
  expect(store.accountNames()).toEqual(['root']);
  expect(store.account('root')).toMatchObject({ admin: true, locked: false, devices: [] });
  expect(store.account('ann')).toBeUndefined();
  expect(existsSync(join(lab.folder, 'a'))).toBe(false);
});

test('the first change makes the store, parents included, all 0700 and 0600', async () => {
  await change();
  expect(listTree(lab.folder).filter((path) => path.startsWith('a/store/'))).toEqual([
    'a/store/accounts',
    'a/store/accounts/root.json',
    'a/store/accounts/root.json.last-good',
    'a/store/config.json',
    'a/store/config.json.last-good',
    'a/store/reserve',
    'a/store/reserve.2',
    'a/store/reserve.sign-in',
    'a/store/reserve.sign-in.2',
    'a/store/roster',
    `a/store/${shardPath(shardOf('root'))}`,
    `a/store/${shardPath(shardOf('root'))}.last-good`,
  ]);
  expect(modeOf(directory)).toBe('700');
  expect(openReal(directory).exists()).toBe(true);
});

test('an empty folder, however open, becomes the store', async () => {
  make(0o777);
  await change();
  expect(modeOf(directory)).toBe('700');
});

test('a store that is too open is tightened when it is read, and who could write to it is told', async () => {
  await change();
  const config = join(directory, 'config.json');
  for (const [mode, notices] of [
    [0o755, []],
    [0o770, [`other users could write to ${directory} until now: its mode was set to 700`]],
  ] as const) {
    chmodSync(directory, mode);
    chmodSync(join(directory, 'accounts'), mode);
    chmodSync(config, 0o644);
    const store = openReal(directory);
    store.settings();
    expect(store.takeNotices()).toEqual(notices);
    expect([modeOf(directory), modeOf(join(directory, 'accounts')), modeOf(config)]).toEqual([
      '700',
      '700',
      '600',
    ]);
  }
});

test("a folder that holds somebody else's files keeps its mode", async () => {
  make(0o755, 'script', 'passwd');
  await change();
  openReal(directory).settings();
  expect(modeOf(directory)).toBe('755');
  expect(modeOf(join(directory, 'config.json'))).toBe('600');
});

test("a folder that holds somebody else's files and other users can write to is refused", async () => {
  make(0o1777, 'script');
  await expect(change()).rejects.toEqual(refused);
  expect(() => openReal(directory).settings()).toThrow(refused);
  expect(readdirSync(directory)).toEqual(['script']);
  expect(modeOf(directory)).toBe('777');
});

test('a file in the place of the folder is named', async () => {
  mkdirSync(join(lab.folder, 'a'));
  writeFileSync(directory, '');
  const error = { message: expect.stringContaining(directory) };
  await expect(change()).rejects.toMatchObject(error);
  expect(() => openReal(directory).settings()).toThrow(/is not a directory/);
});

test('a link to a folder of our own is followed', async () => {
  mkdirSync(join(lab.folder, 'a', 'real'), { recursive: true });
  symlinkSync('real', directory);
  await change();
  expect(existsSync(join(lab.folder, 'a', 'real', 'config.json'))).toBe(true);
});
