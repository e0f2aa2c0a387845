import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccount } from '../../src/domain/two-factor/enrol.ts';
import { systemRandom } from '../../src/platform/random.ts';
import type { Store } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/store.ts';
import type { Site } from '../../src/system/enforcement/context.ts';
import { findAsked } from '../../src/system/enforcement/context.ts';
import { makeDevice } from '../support/accounts.ts';
import { createFakeWorld, createTrialAppliance, fakeNowMs, runText } from '../support/fake-world.ts';
import { openLab, openReal } from '../support/store-lab.ts';

/*
 * 1,200 accounts, root and zoe: what is asked of many is answered from the roster, and few are read. The only administrator with a
 * device is the last by name, so whoever reads one after the other reads all.
 */

const lab = openLab();
const everybody = Array.from({ length: 1200 }, (_, n) => `user${String(n).padStart(4, '0')}`);
const lastDay = fakeNowMs + 86_400_000;
let reads: string[] = [];

beforeAll(async () => {
  const store = openReal(lab.folder);
  const settings = store.settings();
  const two_factor = {
    ...settings.two_factor,
    enabled: true,
    services: { ssh: true },
    unenrolled: 'deny',
    exempt_groups: [],
    exempt_networks: [],
    security_keys: false,
    remember: 0,
  } as const;
  const accounts = everybody.map((name, n) => {
    const devices = n % 2 === 0 ? [] : [makeDevice()];
    return [name, { ...createAccount(name, { admin: false }), devices, locked: n === 0 }] as const;
  });
  const zoe = { ...createAccount('zoe', { admin: true }), devices: [makeDevice()], locked_until_ms: lastDay };
  await store.withLock(({ save }) =>
    save({ settings: { ...settings, two_factor }, accounts: new Map([...accounts, ['zoe', zoe]]) }),
  );
}, 60_000);
afterAll(() => lab.remove());

test('status reads 1,000, the administrator among them, and says how many it did not', async () => {
  const { out, err, code } = await runText(openWorld(), 'auth two_factor status', { mode: 'json' });
  expect(code, err).toBe(0);
  const status = JSON.parse(out);
  expect(reads).toHaveLength(1000);
  expect(status.not_read).toBe(202);
  expect(err).toContain('202 more accounts were not read');
  // All that the roster knows is there of all.
  expect(status.enrolled).toHaveLength(601);
  const blocked = new Map(
    status.cannot_sign_in.map(({ username, reason }: Record<string, string>) => [username, reason]),
  );
  expect(blocked.size).toBe(602);
  expect(blocked.get('user0000')).toBe('the account is locked');
  expect(blocked.get('user1198')).toBe('no device, and unenrolled=deny');
  expect(blocked.get('zoe')).toContain('wrong codes: locked until');
});

test('whether an administrator is left is one look beside a hundred for damage', async () => {
  const ran = await runText(openWorld(), 'account user unset_2fa_secret user0001');
  expect(ran.code, ran.all).toBe(0);
  expect(ran.all).not.toContain('no administrator');
  expect(reads.filter((name) => name !== 'user0001').at(-1)).toBe('zoe');
  expect(new Set(reads).size).toBeLessThanOrEqual(102);
});

test('whom enforcement tries is one look', () => {
  const ports = { runner: { run: () => ({ status: 0, signal: null, stdout: '', stderr: '' }) } };
  reads = [];
  const site = { ports } as unknown as Site;
  expect(findAsked(site, counted(openReal(lab.folder)), [])).toBe('zoe');
  expect(reads).toEqual(['zoe']);
});

function counted<T extends Pick<Store, 'account'>>(reader: T): T {
  const account: Store['account'] = (name) => {
    reads.push(name);
    return reader.account(name);
  };
  return { ...reader, account };
}

function openWorld() {
  reads = [];
  const appliance = createTrialAppliance();
  const world = createFakeWorld({ yes: true, appliance });
  const store = openStore({
    directory: lab.folder,
    clock: world.clock,
    random: systemRandom,
    hostName: 'nas',
  });
  const withLock: Store['withLock'] = (work, purpose) =>
    store.withLock((transaction) => work(counted(transaction)), purpose);
  return Object.assign(world, { store: { ...counted(store), withLock } });
}
