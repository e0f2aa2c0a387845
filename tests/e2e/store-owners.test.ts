import { chmodSync, chownSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { openLab, openReal } from '../support/store-lab.ts';

const lab = openLab();
const directory = join(lab.folder, 'a', 'store');
beforeEach(() => rmSync(join(lab.folder, 'a'), { recursive: true, force: true }));
afterAll(() => lab.remove());

const isRoot = process.geteuid?.() === 0;
const refused = expect.objectContaining({ code: 'permission.store' });

function change(): Promise<void> {
  return openReal(directory).withLock((transaction) =>
    transaction.save({ settings: transaction.settings() }),
  );
}

// Only root can give files away.
test.runIf(isRoot)("root does not use another user's folder", async () => {
  await change();
  chownSync(directory, 12345, 12345);
  await expect(change()).rejects.toEqual(refused);
  expect(() => openReal(directory).settings()).toThrow(refused);
});

test.runIf(isRoot)('root does not use a folder that another user can exchange', async () => {
  await change();
  chownSync(join(lab.folder, 'a'), 12345, 12345);
  await expect(change()).rejects.toEqual(refused);
  chownSync(join(lab.folder, 'a'), 0, 0);
  chmodSync(join(lab.folder, 'a'), 0o777);
  await expect(change()).rejects.toEqual(refused);
  // As in /tmp: others may add, but not exchange.
  chmodSync(join(lab.folder, 'a'), 0o1777);
  await change();
});

test.runIf(isRoot)("another user's file in the store counts as damage", async () => {
  await change();
  chownSync(join(directory, 'config.json'), 12345, 12345);
  const store = openReal(directory);
  store.settings();
  expect(store.takeNotices()).toEqual([expect.stringContaining('belongs to another user, number 12345')]);
});
