import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listCalls, strace } from '../support/store-calls.ts';
import { listLeftovers, listRoster, listStaleCopies, openLab, openReal, run } from '../support/store-lab.ts';

// The process is killed at its every system call that changes a file system, one run each. A kill before the
// next call is a kill after the last, so every state in between is met.

const lab = openLab();
beforeAll(async () => {
  expect((await run(['strace', '-V'])).status, 'this test needs strace: apt-get install strace').toBe(0);
});
afterAll(() => lab.remove());

/** What a store says, with nothing that differs from run to run. */
function look(directory: string): string {
  const store = openReal(directory);
  const accounts = store.accountNames().map((name) => store.account(name));
  return JSON.stringify({ settings: store.settings(), accounts });
}

/** The same where the settings are damaged before anybody has written again: by a copy that is not behind. */
function lookWithoutSettings(directory: string): string {
  const damaged = `${directory}-damaged`;
  rmSync(damaged, { recursive: true, force: true });
  if (!existsSync(directory)) return look(directory);
  cpSync(directory, damaged, { recursive: true, preserveTimestamps: true });
  const settings = join(damaged, 'config.json');
  if (existsSync(settings)) writeFileSync(settings, Buffer.alloc(16));
  const found = look(damaged);
  rmSync(damaged, { recursive: true });
  return found;
}

async function killEverywhere(before: string, verb: string, argument: string): Promise<number> {
  const directory = join(lab.folder, `killed-${verb}-${argument}`);
  const argv = ['node', lab.driver(), verb, directory, argument];
  const reset = () => {
    rmSync(directory, { recursive: true, force: true });
    if (before !== '') cpSync(before, directory, { recursive: true });
  };
  reset();
  const old = look(directory);
  const kills = await listCalls(directory, argv, join(lab.folder, 'calls'));
  const changed = look(directory);
  expect(changed).not.toBe(old);

  const seen = new Set<string>();
  let hits = 0;
  for (const { call, when } of kills) {
    reset();
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${when}`];
    const { status } = await run([...strace, '-o', '/dev/null', ...inject, ...argv]);
    if (status !== 0) hits++;
    const where = `killed at ${call} number ${when}`;
    const found = look(directory);
    expect([old, changed], where).toContain(found);
    seen.add(found);
    expect(lookWithoutSettings(directory), `${where}, and the settings are damaged`).toBe(found);

    const store = openReal(directory, { holderMs: 1000, totalMs: 1000 });
    await store.withLock((transaction) => {
      const settings = transaction.settings();
      const two_factor = { ...settings.two_factor, issuer: 'after' };
      transaction.save({ settings: { ...settings, two_factor } });
    });
    expect(look(directory), where).toBe(found.replace(/"issuer":"\w+"/, '"issuer":"after"'));
    expect(listLeftovers(directory), where).toEqual([]);
    expect(listStaleCopies(directory), where).toEqual([]);
    expect(listRoster(directory), where).toEqual(store.accountNames());
    expect(existsSync(join(directory, 'reserve')), where).toBe(true);
  }
  expect(seen).toEqual(new Set([old, changed]));
  // A few calls come at another moment in another run; almost all must really have been hit.
  expect(hits).toBeGreaterThan(kills.length * 0.9);
  return hits;
}

test('a change of one file is there whole or not at all', async () => {
  const before = join(lab.folder, 'before-one');
  await run(['node', lab.driver(), 'issuer', before, 'old']);
  expect(await killEverywhere(before, 'issuer', 'new')).toBeGreaterThan(15);
}, 300_000);

test('a change of several files is there whole or not at all', async () => {
  const before = join(lab.folder, 'before-several');
  await run(['node', lab.driver(), 'import', before, 'old']);
  expect(await killEverywhere(before, 'import', 'new')).toBeGreaterThan(30);
}, 300_000);

test('many accounts are exchanged whole or not at all', async () => {
  const before = join(lab.folder, 'before-many');
  await run(['node', lab.driver(), 'import', before, 'old']);
  expect(await killEverywhere(before, 'stage', 'new')).toBeGreaterThan(60);
}, 300_000);

test('many accounts in a new store are there whole or not at all', async () => {
  expect(await killEverywhere('', 'stage', 'first')).toBeGreaterThan(60);
}, 300_000);

test('a store is made whole or not at all', async () => {
  expect(await killEverywhere('', 'issuer', 'first')).toBeGreaterThan(25);
}, 300_000);
