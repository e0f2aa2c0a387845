import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isLoss } from '../domain/read-account.ts';
import type { StoreChange, StoreReader } from '../ports/store.ts';
import { defaultSettings, firstAccount } from './defaults.ts';
import { statEntry } from './disk.ts';
import { type Answer, answerDocument, damagedError, readDocument } from './document.ts';
import { explainFailure } from './failure.ts';
import { findDocument, findFolder } from './folders.ts';
import { type Journal, readJournal } from './journal.ts';
import { accountPath, lastGoodPath, layout, stagedPath } from './layout.ts';
import { decodeName } from './names.ts';
import { listShards } from './roster.ts';
import { createRosterReader, type RosterReader } from './roster-reader.ts';
import { type Judge, judgeAccount, judgeSettings } from './schema.ts';
import { newerVersionError } from './version.ts';

/** Reads, and what saving asks besides. */
export type Reader = StoreReader & {
  exists(): boolean;
  readonly roster: RosterReader;
  /** The names of the accounts of which a file is left. */
  listNames(): readonly string[];
};

export type ReaderOptions = {
  /** Gets what to write where a last good copy had to be used; under the lock alone. */
  readonly repair?: (change: StoreChange) => void;
  /** Not even modes are changed. */
  readonly keepsModes?: boolean;
  /** No other process can exchange the folders meanwhile: what is not found is not looked for again. */
  readonly isSteady?: boolean;
};

/** Reads of the store in `directory`; `notify` gets a sentence for every damage met. Changes nothing but modes. */
export function createReader(
  directory: string,
  hostName: string,
  notify: (notice: string) => void,
  { repair, keepsModes = false, isSteady = false }: ReaderOptions = {},
): Reader {
  const configPath = join(directory, layout.config);

  function findJournal(): Journal | undefined {
    const journal = readJournal(directory);
    if (journal !== 'damaged') return journal;
    notify(`${join(directory, layout.journal)} is damaged: the last import or reset may be incomplete`);
    return undefined;
  }

  function lookUp<T>(relative: string, judge: Judge<T>): Answer<T> | undefined {
    const journal = findJournal();
    const path = findDocument(directory, relative, journal);
    if (journal?.remove.has(relative)) return undefined;
    if (journal?.put.has(relative)) {
      const staged = readDocument(stagedPath(path, journal.id), judge, keepsModes);
      if (staged.kind === 'good') return { value: staged.value };
      if (staged.kind === 'newer') throw newerVersionError(path);
    }
    // What is no folder holds nothing.
    if (dirname(relative) === layout.roster && statEntry(dirname(path))?.isDirectory() !== true)
      return undefined;
    return answerDocument(path, judge, keepsModes);
  }

  function answer<T>(relative: string, judge: Judge<T>): Answer<T> | undefined {
    const look = () => lookUp(relative, judge);
    const isGood = (found: Answer<T> | undefined) => found !== undefined && found.damage === undefined;
    const found = dirname(relative) === '.' ? look() : insist(look, isGood);
    if (found?.damage !== undefined) notify(`${found.damage}: using its last good copy${found.advice ?? ''}`);
    return found;
  }

  /**
   * While folders are exchanged there is none for a moment, and the journal may be read before it and they after: who does
   * not find a good document looks again, and once more.
   */
  function insist<T>(look: () => T, isGood: (found: T) => boolean): T {
    for (let left = isSteady ? 0 : 2; ; left--) {
      try {
        const found = look();
        if (left === 0 || isGood(found)) return found;
      } catch (error) {
        if (left === 0 || !isLoss(error)) throw error;
      }
    }
  }

  const folderNow = (folder: string) => findFolder(directory, folder, findJournal());

  function exists(): boolean {
    if (statEntry(configPath) !== undefined || statEntry(lastGoodPath(configPath)) !== undefined) return true;
    // Without settings there may still be accounts: a store that lost its settings is not a new one.
    const accounts = folderNow(layout.accounts);
    const isAccountsDamaged = statEntry(accounts)?.isDirectory() === false;
    if (isAccountsDamaged || findJournal() !== undefined || listDocuments(accounts).length > 0) return true;
    return listShards(folderNow(layout.roster)).length > 0;
  }

  const isExisting = () => explain(exists, directory);

  /** An existing store always has the directory: without it nothing may be said about any account. */
  function requireAccounts(): void {
    const isThere = () => statEntry(folderNow(layout.accounts)) !== undefined;
    if (insist(isThere, (found) => found) || !isExisting()) return;
    throw damagedError(join(directory, layout.accounts), 'it is missing');
  }

  function nameAccount(relative: string): string | undefined {
    const decoded = decodeName(relative.slice(layout.accounts.length + 1, -'.json'.length));
    if (decoded !== null) return decoded;
    try {
      return answer(relative, judgeAccount)?.value.username;
    } catch (error) {
      notify(`left out an account: ${explainFailure(error, 'read', relative).message}`);
      return undefined;
    }
  }

  function listNames(): readonly string[] {
    requireAccounts();
    const journal = findJournal();
    const relatives = new Set(explain(() => listDocuments(folderNow(layout.accounts)), directory));
    for (const relative of journal?.put ?? []) if (isAccountPath(relative)) relatives.add(relative);
    for (const relative of journal?.remove ?? []) relatives.delete(relative);
    return [...relatives].map(nameAccount).filter((name) => name !== undefined);
  }

  const roster = createRosterReader(directory, answer, () => folderNow(layout.roster), notify);

  return {
    exists: isExisting,
    roster,
    listNames,

    settings() {
      const found = answer(layout.config, judgeSettings);
      if (found?.damage !== undefined) repair?.({ settings: found.value });
      if (found !== undefined) return found.value;
      if (isExisting()) throw damagedError(configPath, 'it is missing');
      return defaultSettings(hostName);
    },

    account(username) {
      const found = answer(accountPath(username), (content) => judgeAccount(content, username));
      if (found?.damage !== undefined) repair?.({ accounts: new Map([[username, found.value]]) });
      if (found !== undefined) return found.value;
      if (username === firstAccount().username && !isExisting()) return firstAccount();
      requireAccounts();
      roster.requireUnknown(username);
      return undefined;
    },

    accountNames(mayBe) {
      if (!isExisting()) return [firstAccount().username];
      const known = roster.known();
      const names = [...new Set([...listNames(), ...known.keys()])].sort();
      if (mayBe === undefined) return names;
      return names.filter((name) => {
        const facts = known.get(name) ?? 'exists';
        return facts === 'exists' || mayBe(facts);
      });
    },
  };
}

function isAccountPath(relative: string): boolean {
  return relative.startsWith(`${layout.accounts}/`);
}

/** The relative paths of all accounts, those included of which only the last good copy is left. */
function listDocuments(folder: string): readonly string[] {
  if (statEntry(folder)?.isDirectory() !== true) return [];
  const documents = readdirSync(folder).flatMap((name) => {
    const document = /^([^.]+\.json)(?:\.last-good)?$/.exec(name)?.[1];
    return document === undefined ? [] : [join(layout.accounts, document)];
  });
  return [...new Set(documents)];
}

function explain<T>(work: () => T, path: string): T {
  try {
    return work();
  } catch (error) {
    throw explainFailure(error, 'read', path);
  }
}
