import { renameSync } from 'node:fs';
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
    if (statEntry(path) !== undefined) renameSync(path, formerPath(path, id));
    renameSync(staged, path);
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
