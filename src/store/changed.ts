import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFile, statEntry, writeNewFile } from './disk.ts';
import { errnoOf } from './failure.ts';
import { layout } from './layout.ts';

// While many accounts are written outside the lock, whoever changes one notes its name, before the change and within the
// lock: what was written of it is out of date. The note holds one name a line, as a JSON string.

/** Begins to have changes noted; within the lock, so that no change is under way. */
export function beginNote(directory: string): void {
  removeFile(join(directory, layout.changed));
  writeNewFile(join(directory, layout.changed), '', false);
}

/** Notes accounts that are about to change, where someone wants to know. Errors are Node's own. */
export function noteChanged(directory: string, names: readonly string[]): void {
  const path = join(directory, layout.changed);
  if (names.length === 0 || statEntry(path) === undefined) return;
  try {
    appendFileSync(path, names.map((name) => `${JSON.stringify(name)}\n`).join(''));
  } catch {
    // On a full disk the change comes first: without a note, nothing that was written beside the store is taken.
    removeFile(path);
  }
}

/**
 * The names noted from an offset in bytes on, and where the note ends; undefined: changes went by without a note.
 */
export function readNote(
  directory: string,
  offset: number,
): { readonly names: readonly string[]; readonly end: number } | undefined {
  try {
    const bytes = readFileSync(join(directory, layout.changed));
    const lines = bytes.toString('utf8', offset).split('\n').slice(0, -1);
    return { names: [...new Set(lines.map((line) => JSON.parse(line) as string))], end: bytes.length };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Ends it. */
export function endNote(directory: string): void {
  removeFile(join(directory, layout.changed));
}
