import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock, Random } from '../ports/machine.ts';
import { removeDocument } from './apply.ts';
import { documentOfPendingCopy, findPendingCopy, putDocument, refreshCopy } from './copy.ts';
import { removeQuietly, statEntry, syncDirectory } from './disk.ts';
import { readDocument } from './document.ts';
import { explainFailure } from './failure.ts';
import { swapFolders } from './folders.ts';
import { type Journal, readJournal, removeJournal } from './journal.ts';
import { isLeftover, lastGoodPath, layout, stagedPath } from './layout.ts';
import { releaseLock, tryAcquireLock } from './lock.ts';
import { judgeShard } from './roster.ts';
import { type Judge, judgeAccount, judgeSettings } from './schema.ts';

/** Puts a decided change in force, last good copies included: every step may be done already. Errors are Node's own. */
export function applyJournal(directory: string, journal: Journal, clock: Clock): void {
  for (const relative of journal.put) {
    const path = join(directory, relative);
    const staged = stagedPath(path, journal.id);
    if (statEntry(staged) !== undefined) putDocument(path, readFileSync(staged), journal.id, clock);
    refreshCopy(path, journal.id, clock);
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
      return [`${path} was damaged and was moved away: the last import or reset may be incomplete`];
    }
    // Whoever wrote it may not have seen it synced.
    syncDirectory(directory);
    swapFolders(directory, journal);
    applyJournal(directory, journal, clock);
    removeJournal(directory);
    return ['an interrupted change of several files was finished'];
  } catch (error) {
    throw explainFailure(error, 'write', path, 'the interrupted change must be finished first');
  }
}

/**
 * Removes what a process that died under the lock left behind, and the guards of dead breakers; a last good copy that
 * it had no time to put is caught up. Only called when the lock was taken over from a dead process: else there is
 * nothing, and many accounts to look through. What fails is left: it must not keep anybody from a change.
 */
export function sweepLeftovers(directory: string, random: Random, clock: Clock): void {
  for (const folder of ['', layout.accounts, layout.roster]) {
    const leftovers = listNames(join(directory, folder)).filter(isLeftover);
    const documents = leftovers.map(documentOfPendingCopy).filter((name) => name !== undefined);
    for (const name of new Set(documents)) catchUp(directory, join(folder, name), clock);
    for (const name of leftovers) removeQuietly(join(directory, folder, name));
  }
  for (const name of listNames(directory)) {
    if (!/^lock\.[0-9a-f]{12}$/.test(name)) continue;
    const guard = tryAcquireLock(join(directory, name), random);
    if (guard) releaseLock(guard);
  }
}

/** Makes the last good copy of a document what it was about to be. */
function catchUp(directory: string, relative: string, clock: Clock): void {
  const path = join(directory, relative);
  const judge = judgeOf(relative);
  const isGood = (each: string) => readDocument(each, judge).kind === 'good';
  const pending = findPendingCopy(path);
  // Ids of locks have 12 digits: the name that this one makes is nobody's.
  if (isGood(path)) refreshCopy(path, '0', clock);
  else if (pending !== undefined && isGood(pending)) renameSync(pending, lastGoodPath(path));
}

function judgeOf(relative: string): Judge<unknown> {
  if (relative === layout.config) return judgeSettings;
  if (dirname(relative) === layout.roster)
    return (content) => judgeShard(content, basename(relative, '.json'));
  return (content) => judgeAccount(content);
}

function listNames(path: string): readonly string[] {
  return statEntry(path)?.isDirectory() === true ? readdirSync(path) : [];
}
