import { copyFileSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '../domain/account.ts';
import type { Settings } from '../domain/settings.ts';
import { PosternError } from '../errors.ts';
import type { AccountFacts, Staging } from '../ports/store.ts';
import { readNote } from './changed.ts';
import { sealDocument } from './checksum.ts';
import { defaultSettings, firstAccount } from './defaults.ts';
import { prepareFolder } from './directory.ts';
import { removeFile, statEntry, syncDirectory, syncFile, writeNewFile } from './disk.ts';
import { readDocument } from './document.ts';
import { errnoOf } from './failure.ts';
import { accountPath, isDocumentName, lastGoodPath, layout, stagedPath } from './layout.ts';
import type { Reader } from './reader.ts';
import { extendNote, factsOf, listShards, shardOf, shardPath } from './roster.ts';
import { planShards } from './roster-plan.ts';
import { judgeAccount } from './schema.ts';
import { syncFileSystem } from './sync-all.ts';
import { documentVersion } from './version.ts';

/** Documents that are written before they are brought to the disk: a sign-in that syncs waits for what is not there. */
const syncEvery = 500;
/** Names that are linked before a signal is let in. */
const linkEvery = 500;

/** What was written beside the store. */
export type StagedFolders = Staging & {
  /** Makes the roster what it must be now, under the lock. Answers its note for the settings. */
  finish(reader: Reader): string;
};

/**
 * Makes the folders for whole new accounts and roster beside the present ones, named after `id`. `reader` reads the store
 * as it is.
 */
export function stageFolders(directory: string, id: string, reader: Reader): StagedFolders {
  const [accounts, roster] = [layout.accounts, layout.roster].map((folder) => {
    const path = stagedPath(join(directory, folder), id);
    prepareFolder(path);
    return path;
  }) as [string, string];
  const facts = new Map<string, AccountFacts>();
  let noteEnd = 0;
  /** Files of accounts that were taken as they are. */
  const isTaken = new Set<string>();
  const shardsSeen = new Map<string, string>();
  const touched = new Set<string>();
  let unsynced: string[] = [];

  const present = (folder: string, name: string) => join(directory, folder, name);
  const fileOf = (username: string) => accountPath(username).slice(layout.accounts.length + 1);

  function write(path: string, content: object): void {
    const bytes = Buffer.from(sealDocument({ version: documentVersion, ...content }), 'utf8');
    writeNewFile(path, bytes, false);
    unsynced.push(path);
    writeNewFile(lastGoodPath(path), bytes, false);
    if (unsynced.length >= syncEvery) sync();
  }

  function drop(path: string): void {
    removeFile(path);
    removeFile(lastGoodPath(path));
  }

  function sync(): void {
    // A disk that fails is told by the file that it fails with.
    if (unsynced.length < 10 || !syncFileSystem(accounts)) for (const path of unsynced) syncFile(path);
    unsynced = [];
  }

  /** Takes a document of the store and its copy as they are: a further name of the same file. */
  function take(folder: string, into: string, file: string): void {
    for (const name of [file, lastGoodPath(file)]) linkPresent(present(folder, name), join(into, name));
  }

  async function takeOthers(step: (done: number) => Promise<void>): Promise<void> {
    const path = join(directory, layout.accounts);
    const names = statEntry(path)?.isDirectory() ? readdirSync(path).filter(isDocumentName) : [];
    for (const [index, name] of names.entries()) {
      const document = name.replace(/\.last-good$/, '');
      const isPut = statEntry(join(accounts, document)) !== undefined && !isTaken.has(document);
      if (!isPut) linkPresent(join(path, name), join(accounts, name));
      if (!isPut) isTaken.add(document);
      if (index % linkEvery === 0) await step(index / names.length);
    }
  }
  function planRoster(settings: Settings, entries: Iterable<readonly [string, AccountFacts]>): void {
    const { shards } = planShards(directory, reader, settings, entries);
    for (const [shard, content] of shards) {
      const path = join(roster, `${shard}.json`);
      drop(path);
      write(path, content);
    }
  }

  function takeOtherShards(): void {
    for (const shard of listShards(join(directory, layout.roster))) {
      const file = `${shard}.json`;
      if (statEntry(join(roster, file)) === undefined) take(layout.roster, roster, file);
    }
  }

  function put(account: Account): void {
    const judged = judgeAccount({ ...account }, account.username);
    if ('problem' in judged) throw invalidError(account.username, judged.problem);
    const path = join(accounts, fileOf(account.username));
    if (facts.has(account.username) || isTaken.has(fileOf(account.username))) drop(path);
    write(path, account);
    // A code that was used up changes nothing in the roster: little is left to be done under the lock.
    const [former, after] = [facts.get(account.username), factsOf(account)];
    if (JSON.stringify(former) !== JSON.stringify(after)) touched.add(shardOf(account.username));
    facts.set(account.username, after);
  }

  return {
    sync,

    put,

    find(username) {
      if (!facts.has(username)) return undefined;
      const found = readDocument(join(accounts, fileOf(username)), (content) =>
        judgeAccount(content, username),
      );
      if (found.kind === 'good') return found.value;
      throw Object.assign(new Error('what was staged cannot be read'), { code: 'EIO' });
    },

    refresh(username) {
      drop(join(accounts, fileOf(username)));
      if (facts.delete(username)) touched.add(shardOf(username));
      take(layout.accounts, accounts, fileOf(username));
    },

    takeChanged() {
      const note = readNote(directory, noteEnd);
      noteEnd = note?.end ?? noteEnd;
      return note?.names;
    },

    async complete(step) {
      const { username } = firstAccount();
      if (!reader.exists() && !facts.has(username)) put(firstAccount());
      await takeOthers(step);
      for (const shard of everyShard) shardsSeen.set(shard, identify(directory, shard));
      planRoster(defaultSettings(''), facts);
      takeOtherShards();
      touched.clear();
      sync();
      await step(1);
    },

    finish(locked) {
      for (const shard of everyShard) {
        if (identify(directory, shard) !== shardsSeen.get(shard)) touched.add(shard);
      }
      // The first change of a store from before the roster makes all of it.
      if (touched.size > 0 && locked.roster.note() === null)
        for (const shard of everyShard) touched.add(shard);
      for (const shard of touched) drop(join(roster, `${shard}.json`));
      const entries = [...facts].filter(([name]) => touched.has(shardOf(name)));
      if (touched.size > 0) planRoster(locked.settings(), entries);
      takeOtherShards();
      sync();
      for (const folder of [accounts, roster]) syncDirectory(folder);
      return extendNote(locked.roster.note(), listShards(roster));
    },
  };
}

const everyShard = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));

/** Which file a shard of the store is, so that another one in its place is noticed. */
function identify(directory: string, shard: string): string {
  const entry = statEntry(join(directory, shardPath(shard)));
  return entry === undefined ? '' : `${entry.ino} ${entry.mtimeMs} ${entry.size}`;
}

/** Gives a file of the store a second name; what is none, and so damaged, stays so. Nothing where there is nothing. */
function linkPresent(path: string, link: string): void {
  try {
    linkSync(path, link);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    if (statEntry(path)?.isDirectory()) mkdirSync(link, { mode: 0o700 });
    // A file system without hard links, or with too many of one file.
    else copyFileSync(path, link);
  }
}

function invalidError(username: string, problem: string): PosternError {
  return new PosternError({
    code: 'bug.invalid_document',
    message: `refused to write the account ${JSON.stringify(username)}, which could not be read back: ${problem}`,
  });
}
