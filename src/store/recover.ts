import { lstatSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock, Random } from '../ports.ts';
import { putStaged, refreshLastGood, removeDocument } from './apply.ts';
import { removeFile, statEntry, syncDirectory } from './disk.ts';
import { explainFailure } from './failure.ts';
import { type Journal, readJournal, removeJournal } from './journal.ts';
import { isLeftover, lastGoodPath, layout, stagedPath } from './layout.ts';
import { releaseLock, tryAcquireLock } from './lock.ts';

/** Puts a decided change in force: every step may be done already. Errors are Node's own. */
export function applyJournal(directory: string, journal: Journal, clock: Clock): void {
  for (const relative of journal.put) {
    const path = join(directory, relative);
    putStaged(stagedPath(path, journal.id), path, clock);
  }
  for (const relative of journal.remove) removeDocument(join(directory, relative), clock);
  for (const path of touchedDirectories(directory, [...journal.put, ...journal.remove])) syncDirectory(path);
}

/** The directories in which the documents named lie. */
export function touchedDirectories(directory: string, relatives: readonly string[]): readonly string[] {
  return [...new Set(relatives.map((relative) => dirname(join(directory, relative))))];
}

/**
 * Finishes what a dead process left half done; call it under the lock. Answers sentences for the person.
 * Errors: `store.newer_version`, `store.write_failed` and the like.
 */
export function finishJournal(directory: string, clock: Clock): readonly string[] {
  const journal = readJournal(directory);
  if (journal === undefined) return [];
  const path = join(directory, layout.journal);
  try {
    if (journal === 'damaged') {
      renameSync(path, `${path}.damaged`);
      return [`${path} was damaged and has been moved away: the last import or reset may be half done`];
    }
    applyJournal(directory, journal, clock);
    for (const relative of journal.put) refreshFromPresent(join(directory, relative), journal.id, clock);
    removeJournal(directory);
    return ['an interrupted change of several files has been finished'];
  } catch (error) {
    throw explainFailure(error, 'write', path);
  }
}

/**
 * Removes what a process that died under the lock left behind, and the guards of dead breakers. Only called when the
 * lock was taken over from a dead process: else there is nothing, and many accounts to look through.
 */
export function sweepLeftovers(directory: string, random: Random): void {
  for (const path of [directory, join(directory, layout.accounts), join(directory, layout.roster)]) {
    for (const name of listNames(path)) if (isLeftover(name)) removeFile(join(path, name));
  }
  for (const name of listNames(directory)) {
    if (!/^lock\.[0-9a-f]{12}$/.test(name)) continue;
    const guard = tryAcquireLock(join(directory, name), random);
    if (guard) releaseLock(guard);
  }
}

function refreshFromPresent(path: string, id: string, clock: Clock): void {
  if (statEntry(path)?.isFile() !== true) return;
  const text = readFileSync(path);
  const copy = lastGoodPath(path);
  const isSame = statEntry(copy)?.isFile() === true && readFileSync(copy).equals(text);
  if (!isSame) refreshLastGood(path, text, id, clock);
}

function listNames(path: string): readonly string[] {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(path) : [];
}
