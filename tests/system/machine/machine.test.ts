import { expect, it } from 'vitest';
import type { Runner } from '../../../src/ports/machine.ts';
import type { AccountFacts, AccountReader } from '../../../src/ports/store.ts';
import { findAsked, type Site } from '../../../src/system/enforcement/context.ts';
import { inspect, putInForce } from '../../../src/system/enforcement/enforcement.ts';
import { findSystemAccounts, isSystemAccount } from '../../../src/system/machine/machine.ts';
import { makeAccount, settingsOn } from '../../support/accounts.ts';
import { places, systemdMachine } from '../../support/fake-machine.ts';

const alice = 'alice:x:1000:1000::/home/alice:/bin/sh\n';
const rows = [
  { because: 'it is her name', username: 'alice', says: alice, known: true },
  { because: 'nobody has it', username: 'bob', says: undefined, known: false },
  { because: 'it is her user id', username: '1000', says: alice, known: false },
  { because: 'it is her user id, for getent', username: '+1000', says: alice, known: false },
  { because: 'it is a name of digits', username: '42', says: '42:x:42:42::/:/bin/sh\n', known: true },
  {
    because: 'a directory service knows her by it, too',
    username: 'EXAMPLE\\alice',
    says: alice,
    known: true,
  },
];
it.each(rows)('takes $username for an account ($known) where $because', ({ username, says, known }) => {
  const result = { status: says === undefined ? 2 : 0, signal: null, stdout: says ?? '', stderr: '' };
  expect(isSystemAccount({ runner: { run: () => result } }, username)).toBe(known);
});

/** A system that knows some names, and answers as getent(1) does; what it was asked is counted. */
function fakeSystem(knows: Readonly<Record<string, string>>) {
  const asked: (readonly string[])[] = [];
  const runner = {
    run: (argv: readonly string[]) => {
      const keys = argv.slice(argv.indexOf('--') + 1);
      asked.push(keys);
      const found = keys.flatMap((key) =>
        knows[key] === undefined ? [] : [`${knows[key]}:x:1:1::/:/bin/sh`],
      );
      const stdout = found.map((line) => `${line}\n`).join('');
      return { status: found.length === keys.length ? 0 : 2, signal: null, stdout, stderr: '' };
    },
  };
  return { asked, ports: { runner } };
}

const many = Array.from({ length: 10_000 }, (_, n) => `user${n}`);
const manyRows = [
  { because: 'nobody is known', names: many, knows: {}, found: [], runs: 23 },
  { because: 'one is known', names: many, knows: { user7777: 'user7777' }, found: ['user7777'], runs: 23 },
  { because: 'the first is known', names: many, knows: { user0: 'user0' }, found: ['user0'], runs: 23 },
  {
    because: 'they keep their order',
    names: ['x', 'zoe', 'no', 'amy'],
    knows: { amy: 'amy', zoe: 'zoe' },
    found: ['zoe', 'amy'],
    runs: 2,
  },
  {
    because: 'a directory service knows one by another name',
    names: ['x', 'EXAMPLE\\amy', 'amy', 'no'],
    knows: { 'EXAMPLE\\amy': 'amy', amy: 'amy' },
    found: ['EXAMPLE\\amy', 'amy'],
    runs: 6,
  },
  {
    because: 'one is the user id of another',
    names: ['x', '1000', 'amy'],
    knows: { '1000': 'bob', amy: 'amy' },
    found: ['amy'],
    runs: 4,
  },
];
it.each(manyRows)('asks for many at once: $because', ({ names, knows, found, runs }) => {
  const { ports, asked } = fakeSystem(knows);
  expect([...findSystemAccounts(ports, names)]).toEqual(found);
  expect(asked).toHaveLength(runs);
  const longest = Math.max(...asked.map((keys) => keys.length));
  expect(longest).toBeLessThanOrEqual(500);
});

it('asks for one where the first is known, and reads no more', () => {
  const { ports, asked } = fakeSystem({ user0: 'user0' });
  expect(findSystemAccounts(ports, many).next().value).toBe('user0');
  expect(asked).toEqual([['user0']]);
});

it('finds an account to try among 10,000 whom the system does not know in a few runs of getent', () => {
  const { ports, asked } = fakeSystem({ user9000: 'user9000' });
  const read: string[] = [];
  const facts = { locked: false, exempt: false, hasDevice: true, isEnrolled: true };
  const accounts = {
    account: (name: string) => {
      read.push(name);
      return makeAccount(name, { admin: name === 'user5' });
    },
    accountNames: (mayBe: (each: AccountFacts) => boolean = () => true) =>
      many.filter((username) => mayBe({ username, admin: username === 'user5', ...facts })),
  };
  const site = { ports } as unknown as Site;
  expect(findAsked(site, accounts, [])).toBe('user9000');
  expect(asked.length).toBeLessThan(30);
  expect(asked.flat().filter((name) => name === 'user5')).toHaveLength(1);
  expect(read).toEqual(['user9000']);
});

it('asks nobody where no codes are asked for', () => {
  const { ports, ran } = systemdMachine();
  const two_factor = { ...settingsOn.two_factor, enabled: false };
  const accounts = {
    account: (name: string) => makeAccount(name, { admin: true }),
    accountNames: () => many,
  };
  const site = { ports, places };
  const store = { save: () => undefined, restore: () => undefined };
  inspect(site, { ...settingsOn, two_factor }, accounts);
  putInForce(site, { ...settingsOn, two_factor }, accounts, store);
  expect(ran.filter((line) => line.startsWith('getent'))).toEqual([]);
});

it('holds a trial sign-in as someone who is asked: not as an exempt account, nor as a member of an exempt group', () => {
  const names = ['root', 'ann', 'ben'];
  const { ports: system } = fakeSystem({ root: 'root', ann: 'ann', ben: 'ben' });
  const groups: Readonly<Record<string, string>> = {
    'getent group -- jobs': 'jobs:x:77:\n',
    'id -G -- ann': '1000 77\n',
    'id -G -- ben': '1001\n',
  };
  const run: Runner['run'] = (argv) => {
    const stdout = groups[argv.join(' ')];
    return stdout === undefined ? system.runner.run(argv) : { status: 0, signal: null, stdout, stderr: '' };
  };
  const accounts: AccountReader = {
    account: (name) => makeAccount(name, { admin: true, exempt: name === 'root' }),
    accountNames: () => names,
  };
  const site = { ports: { runner: { run } } } as unknown as Site;
  expect(findAsked(site, accounts, [])).toBe('ann');
  expect(findAsked(site, accounts, ['jobs'])).toBe('ben');
});
