import { linkSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../ports/machine.ts';
import { removeFile, statEntry } from './disk.ts';
import { lastGoodPath } from './layout.ts';

/** Damaged copies of one file that are kept, newest first. */
const keptDamagedCopies = 3;

/** Puts a staged document in its place. One that is not there any more has been put already. */
export function putStaged(staged: string, path: string, clock: Clock): void {
  if (statEntry(staged) === undefined) return;
  clearWay(path, clock);
  renameSync(staged, path);
}

/**
 * Removes a document, its copies first, so that a document that is left has lost nothing but those. What was kept of it
 * when it was damaged goes as well, for a secret must not outlive its account.
 */
export function removeDocument(path: string, clock: Clock): void {
  for (const copy of listDamagedCopies(path)) removeFile(copy);
  for (const each of [lastGoodPath(path), path]) {
    clearWay(each, clock);
    removeFile(each);
  }
}

/** Keeps a damaged regular file under another name, while it stays in its place until it is replaced. */
export function keepDamagedCopy(path: string, clock: Clock): void {
  try {
    linkSync(path, damagedPath(path, clock));
    dropOldDamagedCopies(path);
  } catch {
    // For a person to look at later; getting the good content back in place matters more.
  }
}

/** Moves away what a rename could not replace or must not follow: a directory, a link, a pipe. */
export function clearWay(path: string, clock: Clock): void {
  const entry = statEntry(path);
  if (entry === undefined || entry.isFile()) return;
  renameSync(path, damagedPath(path, clock));
  dropOldDamagedCopies(path);
}

function damagedPath(path: string, clock: Clock): string {
  return `${path}.damaged-${new Date(clock.nowMs()).toISOString().replace(/[-:.]/g, '')}`;
}

function dropOldDamagedCopies(path: string): void {
  for (const copy of listDamagedCopies(path).sort().reverse().slice(keptDamagedCopies)) {
    try {
      removeFile(copy);
    } catch {
      // Another time.
    }
  }
}

/** Without directories, which are not ours to empty. */
function listDamagedCopies(path: string): string[] {
  const prefix = `${basename(path)}.damaged-`;
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix));
  return names.map((name) => join(dirname(path), name)).filter((copy) => !statEntry(copy)?.isDirectory());
}
