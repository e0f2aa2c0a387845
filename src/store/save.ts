import { closeSync, fsyncSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Account } from '../domain/account.ts';
import { PosternError } from '../errors.ts';
import type { Clock, Random } from '../ports/machine.ts';
import { keepDamagedCopy, removeDocument } from './apply.ts';
import { noteChanged } from './changed.ts';
import { putDocument } from './copy.ts';
import { prepareFolder } from './directory.ts';
import { openDirectory, removeQuietly, syncDirectory } from './disk.ts';
import { readDocument, readPresent } from './document.ts';
import { describeReason, explainFailure, isOutOfRoom, unchanged } from './failure.ts';
import { swapFolders } from './folders.ts';
import { type Journal, removeJournal, writeJournal } from './journal.ts';
import { accountPath, lastGoodPath, layout, stagedPath } from './layout.ts';
import { applyJournal, touchedDirectories } from './recover.ts';
import { keepReserve } from './reserve.ts';
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
  /** Gives room on a full disk, as far as this change may have it. True: there is more now. */
  readonly giveRoom: () => boolean;
  /** Folders staged with this `id`, which take the place of the present ones. */
  readonly swap?: ReadonlySet<string>;
  /** Called when all is written and nothing is in force yet. */
  readonly beforePut?: (() => void) | undefined;
};

/** A change that is in force, and for which the disk may not have it: why. */
export type Doubt = { readonly cause: unknown };

/**
 * Puts all of `change` in force or nothing, synced. Everything that takes room is written and read back first, beside
 * its place; then one document takes its place by one rename, several by way of a journal. An error means that the
 * former content is in place; what fails after the rename is answered as a doubt.
 */
export function saveChange(context: SaveContext, change: FullChange): Doubt | undefined {
  const { directory } = context;
  const entries = listEntries(change);
  const [only, ...others] = entries;
  if (only === undefined) return undefined;
  if (!context.swap) noteChanged(directory, [...(change.accounts?.keys() ?? [])]);
  const touched = touchedDirectories(
    directory,
    entries.map((entry) => entry.relative),
  );
  try {
    for (const path of touched) if (path !== directory) prepareFolder(path);
    const mustMoveAway = entries.map((entry) => inspectPresent(context, entry)).includes(true);
    const texts = stageAll(context, entries);
    const isSimple = others.length === 0 && !mustMoveAway && !context.swap;
    const doubt = isSimple
      ? putOne(context, only, texts.get(only.relative) ?? '')
      : putTogether(context, entries, touched);
    keepReserve(directory, context.random, context.id);
    return doubt;
  } catch (error) {
    throw explainFailure(error, 'write', directory, unchanged);
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
        message: `refused to write ${relative}, which could not be read back: ${judged.problem}`,
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
  const isRemoved = entry.content === null;
  if (present.regular && !isRemoved) keepDamagedCopy(path, context.clock);
  const fate = isRemoved ? 'removed' : 'replaced';
  const rest = isRemoved && present.regular ? '' : '; the damaged content is kept beside it';
  context.notify(`${path} was damaged (${present.reason}) and is ${fate}${rest}`);
  return !present.regular;
}

function stageAll(context: SaveContext, entries: readonly Entry[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  try {
    for (const { relative, content } of entries) {
      if (content === null) continue;
      const staged = stagedPath(join(context.directory, relative), context.id);
      texts.set(relative, stageDocument(staged, content, context.giveRoom));
    }
    return texts;
  } catch (error) {
    dropStaged(context, entries);
    throw error;
  }
}

function putOne(context: SaveContext, entry: Entry, text: string): Doubt | undefined {
  const { directory, id, clock, notify } = context;
  const path = join(directory, entry.relative);
  let folder: number | undefined;
  let hasCopy = true;
  try {
    folder = openDirectory(dirname(path));
    context.beforePut?.();
    if (entry.content === null) removeDocument(path, clock);
    else hasCopy = putDocument(path, text, id, clock);
  } catch (error) {
    dropStaged(context, [entry]);
    if (folder !== undefined) closeSync(folder);
    throw explainFailure(error, 'write', path, unchanged);
  }
  if (!hasCopy) notify(`the last good copy of ${path} is one change behind`);
  return syncAndClose(folder);
}

/** From the journal on the change is in force; what is left to do is then left to the next change. */
function putTogether(
  context: SaveContext,
  entries: readonly Entry[],
  touched: readonly string[],
): Doubt | undefined {
  const { directory, id, clock, notify } = context;
  const journal: Journal = {
    id,
    put: new Set(entries.filter((entry) => entry.content !== null).map((entry) => entry.relative)),
    remove: new Set(entries.filter((entry) => entry.content === null).map((entry) => entry.relative)),
    swap: context.swap ?? new Set(),
  };
  let folder: number | undefined;
  try {
    for (const path of new Set([...touched, directory])) syncDirectory(path);
    folder = openDirectory(directory);
    context.beforePut?.();
    decide(context, journal);
  } catch (error) {
    dropStaged(context, entries);
    if (folder !== undefined) closeSync(folder);
    throw error;
  }
  const doubt = syncAndClose(folder);
  if (doubt !== undefined) return doubt;
  try {
    swapFolders(directory, journal);
    applyJournal(directory, journal, clock);
    removeJournal(directory);
  } catch (error) {
    notify(`this change is in force; the next one finishes it: ${describeReason(error)}`);
  }
  return undefined;
}

function decide(
  { directory, giveRoom }: Pick<SaveContext, 'directory' | 'giveRoom'>,
  journal: Journal,
): void {
  try {
    writeJournal(directory, journal);
  } catch (error) {
    if (!isOutOfRoom(error) || !giveRoom()) throw error;
    decide({ directory, giveRoom }, journal);
  }
}

function syncAndClose(folder: number): Doubt | undefined {
  try {
    fsyncSync(folder);
    return undefined;
  } catch (cause) {
    return { cause };
  } finally {
    closeSync(folder);
  }
}

function dropStaged(context: SaveContext, entries: readonly Entry[]): void {
  for (const { relative, content } of entries) {
    if (content !== null) removeQuietly(stagedPath(join(context.directory, relative), context.id));
  }
}
