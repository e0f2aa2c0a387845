import { linkSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../ports/machine.ts';
import { clearWay, putStaged } from './apply.ts';
import { removeFile, removeQuietly, statEntry, writeNewFile } from './disk.ts';
import { lastGoodPath, stagedPath, temporaryPath } from './layout.ts';

// The last good copy of a document is an inode of its own with the document's present content. It must never fall
// behind, for it would bring used codes back. So the next copy lies ready before the document takes its place, and
// takes its own right after it: a process that is killed in between leaves it there, and whoever finds it can tell
// by the staged document, which is gone, that it is the newest content.

/**
 * Puts a staged document with `content` in its place, and its copy after it. Answers whether the copy is up to date;
 * where it is not, it could not even be removed. Throws where the document stays as it was.
 */
export function putDocument(path: string, content: string | Uint8Array, id: string, clock: Clock): boolean {
  const isPrepared = prepareCopy(path, content, id, clock);
  try {
    putStaged(stagedPath(path, id), path, clock);
  } catch (error) {
    if (isPrepared) removeQuietly(temporaryPath(lastGoodPath(path), id));
    else attempt(() => linkSync(path, lastGoodPath(path)));
    throw error;
  }
  return putCopy(path, id, isPrepared);
}

/**
 * Writes the next copy beside its place. False: it could not be, and the present copy has been removed, for it would
 * fall behind. Not synced: the document itself is. Throws where a copy can neither be written nor removed.
 */
function prepareCopy(path: string, content: string | Uint8Array, id: string, clock: Clock): boolean {
  const copy = lastGoodPath(path);
  try {
    clearWay(copy, clock);
    writeNewFile(temporaryPath(copy, id), content, false);
    return true;
  } catch {
    removeQuietly(temporaryPath(copy, id));
    if (statEntry(copy)?.isFile()) removeFile(copy);
    return false;
  }
}

function putCopy(path: string, id: string, isPrepared: boolean): boolean {
  const copy = lastGoodPath(path);
  const next = temporaryPath(copy, id);
  if (isPrepared && attempt(() => renameSync(next, copy))) return true;
  if (!attempt(() => removeFile(copy))) return false;
  // A second name of the document itself, until there is room for more.
  attempt(() => linkSync(path, copy));
  removeQuietly(next);
  return true;
}

/** Makes the copy equal to the document that is in its place. Throws where the copy stays behind. */
export function refreshCopy(path: string, id: string, clock: Clock): void {
  if (statEntry(path)?.isFile() !== true) return;
  const content = readFileSync(path);
  const copy = lastGoodPath(path);
  if (statEntry(copy)?.isFile() && readFileSync(copy).equals(content)) return;
  // What a dead process left under the same name.
  removeQuietly(temporaryPath(copy, id));
  if (!putCopy(path, id, prepareCopy(path, content, id, clock))) {
    throw Object.assign(new Error('the copy stays behind'), { code: 'EIO' });
  }
}

/**
 * A copy that lies ready and is newer than the one in its place: a process was killed right after it had put the
 * document. undefined: there is none.
 */
export function findPendingCopy(path: string): string | undefined {
  const copy = lastGoodPath(path);
  const start = `${basename(copy)}.tmp-`;
  for (const name of listNames(dirname(path))) {
    if (!name.startsWith(start)) continue;
    const pending = join(dirname(path), name);
    const isPut = statEntry(stagedPath(path, name.slice(start.length))) === undefined;
    if (isPut && writtenMs(pending) >= writtenMs(copy)) return pending;
  }
  return undefined;
}

/** The document whose next copy a file name is of. */
export function documentOfPendingCopy(name: string): string | undefined {
  return /^(.+\.json)\.last-good\.tmp-[0-9a-f]+$/.exec(name)?.[1];
}

function writtenMs(path: string): number {
  return statEntry(path)?.mtimeMs ?? 0;
}

function listNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
