import { readdirSync, readFileSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PosternError } from '../errors.ts';
import type { Random } from '../ports/machine.ts';
import { endNote } from './changed.ts';
import { statEntry } from './disk.ts';
import { readJournal } from './journal.ts';
import { folders, isDocumentName, isLeftover, layout } from './layout.ts';
import { type HeldLock, releaseLock, tryAcquireLock } from './lock.ts';

/** Files that are removed before other work of this process has its turn. */
const removeEvery = 500;

/** Takes the right to write folders beside those of the store. Errors: `store.busy`, `store.write_failed`. */
export function acquireStaging(directory: string, random: Random): HeldLock {
  for (const folder of folders) refuseMountPoint(join(directory, folder));
  const held = tryAcquireLock(join(directory, layout.stagingLock), random);
  if (held) return held;
  throw new PosternError({
    code: 'store.busy',
    message: 'another import of many accounts is under way; nothing was changed',
    hint: 'try again when it has ended',
  });
}

/**
 * Removes what an import that died has left. Never under the store's lock: it takes seconds. What fails is left to the
 * next change.
 */
export async function sweepDeadStaging(directory: string, random: Random): Promise<void> {
  try {
    const held = tryAcquireLock(join(directory, layout.stagingLock), random);
    if (held) await endStaging(directory, held);
  } catch {
    // A file system that fails, or a lock that is none of ours.
  }
}

/** Removes all that was written or replaced, and gives the right back. An exchange that is not done yet keeps both. */
export async function endStaging(directory: string, held: HeldLock): Promise<void> {
  endNote(directory);
  if (await removeFolders(directory)) releaseLock(held);
}

/**
 * Removes folders that were staged and not taken, and those that were replaced. Whoever calls it has the right to stage.
 * False: a decided exchange still needs them.
 */
export async function removeFolders(directory: string): Promise<boolean> {
  const journal = readJournal(directory);
  if (typeof journal === 'object' && journal.swap.size > 0) return false;
  for (const name of readdirSync(directory)) {
    const [, folder] = /^(accounts|roster)\.(?:staged|former)-[0-9a-f]+$/.exec(name) ?? [];
    if (folder !== undefined) await removeFolder(join(directory, name), join(directory, folder));
  }
  return true;
}

/** What is none of the store's own files is kept in `place`: a person may look for it. */
async function removeFolder(path: string, place: string): Promise<void> {
  let removed = 0;
  for (const file of readdirSync(path)) {
    const isOurs = isDocumentName(file) || isLeftover(file);
    if (isOurs && statEntry(join(path, file))?.isDirectory() !== true) unlinkSync(join(path, file));
    else keep(join(path, file), join(place, isOurs ? `${file}.damaged` : file));
    if (++removed % removeEvery === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  rmdirSync(path);
}

function keep(path: string, place: string): void {
  if (statEntry(path)?.isDirectory() && readdirSync(path).length === 0) rmdirSync(path);
  else if (statEntry(place) === undefined) renameSync(path, place);
}

/** What is mounted cannot be renamed. */
function refuseMountPoint(path: string): void {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  if (!mounts.some((line) => line.split(' ')[4] === path)) return;
  throw new PosternError({
    code: 'store.write_failed',
    message: `${path} is a file system of its own, and an import of many accounts replaces the folder; nothing was changed`,
    hint: `findmnt ${path}`,
  });
}
