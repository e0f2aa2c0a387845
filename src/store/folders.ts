import { opendirSync, renameSync, rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { statEntry } from './disk.ts';
import type { Journal } from './journal.ts';
import { formerPath, stagedPath } from './layout.ts';

// Where many accounts change, new folders are written whole beside the present ones and exchanged by two renames each,
// within the lock. Between the two there is none: readers find the staged one by the journal.

/** Exchanges the folders of a journal. Whatever was done before a kill is not done again. Errors are Node's own. */
export function swapFolders(directory: string, { id, swap }: Journal): void {
  for (const folder of swap) {
    const path = join(directory, folder);
    const staged = stagedPath(path, id);
    if (statEntry(staged) === undefined) continue;
    // None that was staged is empty: an older program, which only read, has made it after all was done.
    if (isEmpty(staged)) {
      rmdirSync(staged);
      continue;
    }
    clear(path, formerPath(path, id));
    renameSync(staged, path);
  }
}

/** Moves the present folder away. Where the old one is away already, such a program has made an empty one. */
function clear(path: string, former: string): void {
  if (statEntry(path) === undefined) return;
  if (statEntry(former) === undefined) renameSync(path, former);
  else rmdirSync(path);
}

function isEmpty(path: string): boolean {
  const folder = opendirSync(path);
  try {
    return folder.readSync() === null;
  } finally {
    folder.closeSync();
  }
}

/** Where a folder of the store is, as the journal has it. */
export function findFolder(directory: string, folder: string, journal: Journal | undefined): string {
  const path = join(directory, folder);
  const staged = journal?.swap.has(folder) ? stagedPath(path, journal.id) : path;
  return staged !== path && statEntry(staged) !== undefined ? staged : path;
}

/** Where a document is, by its path relative to the state directory. */
export function findDocument(directory: string, relative: string, journal: Journal | undefined): string {
  if (!journal?.swap.has(dirname(relative))) return join(directory, relative);
  return join(findFolder(directory, dirname(relative), journal), basename(relative));
}
