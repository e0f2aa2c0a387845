import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { forgetAddresses } from '../../src/domain/account.ts';
import { readAddress } from '../../src/domain/addresses.ts';
import { isRemembered, rememberAddress } from '../../src/domain/remembered.ts';
import { systemRandom } from '../../src/platform/random.ts';
import type { AccountFacts } from '../../src/ports/store.ts';
import { defaultSettings } from '../../src/store/defaults.ts';
import { judgeSettings } from '../../src/store/schema.ts';
import { openStore } from '../../src/store/store.ts';
import { nowMs } from '../pam/fakes.ts';
import { makeAccount, settingsOn } from '../support/accounts.ts';
import { openLab } from '../support/store-lab.ts';

const lab = openLab();
const directory = join(lab.folder, 'store');
const copy = join(lab.folder, 'copy');
const marks = [join(lab.folder, 'used-codes')];
afterAll(() => lab.remove());
beforeEach(() => {
  for (const path of [directory, copy, ...marks]) rmSync(path, { recursive: true, force: true });
});

const open = () =>
  openStore({
    directory,
    clock: { nowMs: () => nowMs },
    random: systemRandom,
    hostName: 'nas',
    markPaths: marks,
  });
const save = (account: Account) =>
  open().withLock((transaction) => transaction.save({ accounts: new Map([[account.username, account]]) }));

describe('a store of an older version', () => {
  const exemptions = ['exempt_groups', 'exempt_networks', 'security_keys', 'remember'];

  test('opens, and exempts nobody, also when a change goes back', async () => {
    const settings = defaultSettings('nas');
    const pending = { reason: 'for' as const, due_ms: nowMs * 2, restore: settings.two_factor };
    await open().withLock((transaction) => transaction.save({ settings: { ...settings, pending } }));
    for (const path of ['config.json', 'config.json.last-good'].map((name) => join(directory, name))) {
      const { checksum: _, ...document } = JSON.parse(readFileSync(path, 'utf8'));
      for (const key of exemptions) {
        delete document.two_factor[key];
        delete document.pending.restore[key];
      }
      writeFileSync(path, JSON.stringify(document));
    }
    expect(open().settings()).toEqual({ ...settings, pending });
    expect(open().takeNotices()).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['exempt_groups', 'backup'],
    ['exempt_groups', [1]],
    ['exempt_networks', null],
    ['security_keys', 1],
    ['remember', -1],
    ['remember', 1e12],
    ['remember', 0.5],
  ])('is not one in which %s is %j', (key, value) => {
    const content = { ...settingsOn, two_factor: { ...settingsOn.two_factor, [key]: value } };
    expect(judgeSettings(content)).toEqual({ problem: expect.stringContaining(`two_factor.${key}`) });
  });
});

test('the roster knows who is exempt', async () => {
  await save(makeAccount('ann', { exempt: true, admin: true }));
  await save(makeAccount('ben', { locked: true }));
  const facts: AccountFacts[] = [];
  open().accountNames((each) => facts.push(each) > 0);
  const exempt = facts.filter((each) => each.exempt).map(({ username }) => username);
  expect([exempt, facts.length]).toEqual([['ann'], 3]);
});

describe('a copy of the state directory that is put back', () => {
  const address = readAddress('203.0.113.7');
  if (!address) throw new Error('a wrong address');
  const settings = { ...settingsOn, two_factor: { ...settingsOn.two_factor, remember: 3600 } };
  const remembering = rememberAddress(makeAccount('ann'), 'default', address, settings, {
    nowMs,
    salt: systemRandom.bytes(16),
  });
  const isKnown = () =>
    open().withLock((transaction) => {
      const account = transaction.account('ann') as Account;
      return isRemembered(account, address, settings, { nowMs });
    });
  const putBack = () => {
    rmSync(directory, { recursive: true });
    cpSync(copy, directory, { recursive: true });
  };
  beforeEach(async () => {
    await save(remembering);
    cpSync(directory, copy, { recursive: true });
    expect(await isKnown()).toBe(true);
  });

  test('remembers no address that was forgotten since', async () => {
    await open().withLock((transaction) => {
      const account = transaction.account('ann') as Account;
      transaction.save({ accounts: new Map([['ann', forgetAddresses(account)]]) });
    });
    putBack();
    expect(await isKnown()).toBe(false);
  });

  test('remembers none where a code was used since', async () => {
    await open().withLock((transaction) => {
      const account = transaction.account('ann') as Account;
      const devices = account.devices.map((device) => ({ ...device, last_used_step: 9 }));
      transaction.save({ accounts: new Map([['ann', { ...account, devices }]]) });
    });
    putBack();
    expect(await isKnown()).toBe(false);
  });

  test('remembers it where nothing happened since', async () => {
    putBack();
    expect(await isKnown()).toBe(true);
  });
});
