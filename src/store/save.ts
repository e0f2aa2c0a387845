import { dirname, join } from 'node:path';
import type { Account } from '../domain/account.ts';
import { PosternError } from '../errors.ts';
import type { Clock, Random } from '../ports.ts';
import { keepDamagedCopy, putStaged, refreshLastGood, removeDocument } from './apply.ts';
import { prepareFolder } from './directory.ts';
import { removeFile, syncDirectory } from './disk.ts';
import { readDocument, readPresent } from './document.ts';
import { explainFailure, isOutOfRoom } from './failure.ts';
import { type Journal, removeJournal, writeJournal } from './journal.ts';
import { accountPath, lastGoodPath, layout, stagedPath } from './layout.ts';
import { applyJournal, touchedDirectories } from './recover.ts';
import { keepReserve, releaseReserve } from './reserve.ts';
import { judgeShard, shardPath } from './roster.ts';
import type { FullChange } from './roster-plan.ts';
import { type Judge, judgeAccount, judgeSettings } from './schema.ts';
import { stageDocument } from './stage.ts';
import { newerVersionError } from './version.ts';

type Entry = {
  readonly relative: string;
  readonly judge: Judge<unknown>;
  /** null: the document is removed. */
  readonly content: object | null;
};

/** What saving needs; `id` is the nonce of the lock that is held. */
export type SaveContext = {
  readonly directory: string;
  readonly id: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly notify: (notice: string) => void;
};

/**
 * Puts all of `change` in force or nothing, synced. Everything that takes room is written and read back first, beside
 * its place; then one document takes its place by one rename, several by way of a journal.
 */
export function saveChange(context: SaveContext, change: FullChange): void {
  const { directory, id, clock } = context;
  const entries = listEntries(change);
  if (entries.length === 0) return;
  const touched = touchedDirectories(
    directory,
    entries.map((entry) => entry.relative),
  );
  try {
    for (const path of touched) if (path !== directory) prepareFolder(path);
    const mustMoveAway = entries.map((entry) => inspectPresent(context, entry)).includes(true);
    const texts = stageAll(context, entries);
    const [only, ...others] = entries;
    if (only !== undefined && others.length === 0 && !mustMoveAway) putOne(context, only);
    else if (!putTogether(context, entries, touched)) return;
    for (const [relative, text] of texts) refreshLastGood(join(directory, relative), text, id, clock);
    if (entries.length > 1 || mustMoveAway) removeJournal(directory);
    keepReserve(directory, context.random, id);
  } catch (error) {
    throw explainFailure(error, 'write', directory);
  }
}

function listEntries(change: FullChange): readonly Entry[] {
  const entries: Entry[] = [];
  if (change.settings)
    entries.push({ relative: layout.config, judge: judgeSettings, content: change.settings });
  for (const [username, content] of change.accounts ?? []) {
    const judge: Judge<Account> = (document) => judgeAccount(document, username);
    entries.push({ relative: accountPath(username), judge, content });
  }
  for (const [shard, content] of change.shards) {
    entries.push({
      relative: shardPath(shard),
      judge: (document) => judgeShard(document, shard),
      content,
    });
  }
  for (const { relative, judge, content } of entries) {
    const judged = content === null ? undefined : judge(content as Record<string, unknown>);
    if (judged && 'problem' in judged) {
      throw new PosternError({
        code: 'bug.invalid_document',
        message: `refused to write ${relative}, which could not be read again: ${judged.problem}`,
      });
    }
  }
  return entries;
}

/** Refuses to touch a newer file, keeps a copy of a damaged one. True: something that a rename cannot replace is there. */
function inspectPresent(context: SaveContext, entry: Entry): boolean {
  const path = join(context.directory, entry.relative);
  const present = readPresent(path, entry.judge);
  if (present.kind === 'newer') throw newerVersionError(path);
  if (present.kind === 'good') return false;
  const copy = readDocument(lastGoodPath(path), entry.judge);
  if (copy.kind === 'newer') throw newerVersionError(lastGoodPath(path));
  if (present.kind !== 'damaged') return false;
  if (present.regular) keepDamagedCopy(path, context.clock);
  context.notify(`${path} was damaged (${present.reason}) and is replaced; what was there is kept beside it`);
  return !present.regular;
}

function stageAll(context: SaveContext, entries: readonly Entry[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  try {
    for (const { relative, content } of entries) {
      if (content === null) continue;
      const staged = stagedPath(join(context.directory, relative), context.id);
      texts.set(
        relative,
        stageDocument(staged, content, () => releaseReserve(context.directory)),
      );
    }
    return texts;
  } catch (error) {
    dropStaged(context, entries);
    throw error;
  }
}

function putOne(context: SaveContext, entry: Entry): void {
  const path = join(context.directory, entry.relative);
  try {
    if (entry.content === null) removeDocument(path, context.clock);
    else putStaged(stagedPath(path, context.id), path, context.clock);
  } catch (error) {
    dropStaged(context, [entry]);
    throw explainFailure(error, 'write', path);
  }
  syncDirectory(dirname(path));
}

/** False: decided, and read by everybody as done, but left to the next change to finish. */
function putTogether(context: SaveContext, entries: readonly Entry[], touched: readonly string[]): boolean {
  const { directory, id, clock } = context;
  const journal: Journal = {
    id,
    put: new Set(entries.filter((entry) => entry.content !== null).map((entry) => entry.relative)),
    remove: new Set(entries.filter((entry) => entry.content === null).map((entry) => entry.relative)),
  };
  try {
    for (const path of new Set([...touched, directory])) syncDirectory(path);
    decide(directory, journal);
  } catch (error) {
    removeJournal(directory);
    dropStaged(context, entries);
    throw error;
  }
  try {
    applyJournal(directory, journal, clock);
    return true;
  } catch (error) {
    context.notify(
      `the next change will finish this one: ${explainFailure(error, 'write', directory).message}`,
    );
    return false;
  }
}

function decide(directory: string, journal: Journal): void {
  try {
    writeJournal(directory, journal);
  } catch (error) {
    if (!isOutOfRoom(error) || !releaseReserve(directory)) throw error;
    writeJournal(directory, journal);
  }
}

function dropStaged(context: SaveContext, entries: readonly Entry[]): void {
  for (const { relative, content } of entries) {
    if (content !== null) removeFile(stagedPath(join(context.directory, relative), context.id));
  }
}
