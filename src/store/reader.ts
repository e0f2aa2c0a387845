import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreChange, StoreReader } from '../ports.ts';
import { defaultSettings, firstAccount } from './defaults.ts';
import { statEntry } from './disk.ts';
import { type Answer, answerDocument, damagedError, readDocument } from './document.ts';
import { explainFailure } from './failure.ts';
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

/**
 * Reads of the store in `directory`; `notify` gets a sentence for every damage met. Changes nothing but
 * modes, and with `keepsModes` not even those; `repair`, given under the lock, gets what to write where a last good
 * copy had to be used.
 */
export function createReader(
  directory: string,
  hostName: string,
  notify: (notice: string) => void,
  {
    repair,
    keepsModes = false,
  }: { readonly repair?: (change: StoreChange) => void; readonly keepsModes?: boolean } = {},
): Reader {
  const configPath = join(directory, layout.config);

  function findJournal(): Journal | undefined {
    const journal = readJournal(directory);
    if (journal !== 'damaged') return journal;
    notify(`${join(directory, layout.journal)} is damaged: the last import or reset may be half done`);
    return undefined;
  }

  function answer<T>(relative: string, judge: Judge<T>): Answer<T> | undefined {
    const path = join(directory, relative);
    const journal = findJournal();
    if (journal?.remove.has(relative)) return undefined;
    if (journal?.put.has(relative)) {
      const staged = readDocument(stagedPath(path, journal.id), judge, keepsModes);
      if (staged.kind === 'good') return { value: staged.value };
      if (staged.kind === 'newer') throw newerVersionError(path);
    }
    const found = answerDocument(path, judge, keepsModes);
    if (found?.damage !== undefined)
      notify(`${found.damage}: its last good copy is used${found.advice ?? ''}`);
    return found;
  }

  function exists(): boolean {
    if (statEntry(configPath) !== undefined || statEntry(lastGoodPath(configPath)) !== undefined) return true;
    // Without settings there may still be accounts: a store that lost its settings is not a new one.
    const isAccountsDamaged = statEntry(join(directory, layout.accounts))?.isDirectory() === false;
    if (isAccountsDamaged || findJournal() !== undefined || listDocuments(directory).length > 0) return true;
    return listShards(directory).length > 0;
  }

  const isExisting = () => explain(exists, directory);

  /** An existing store always has the directory: without it nothing may be said about any account. */
  function requireAccounts(): void {
    const path = join(directory, layout.accounts);
    if (statEntry(path) === undefined && isExisting()) throw damagedError(path, 'it is missing');
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
    const relatives = new Set(explain(() => listDocuments(directory), directory));
    for (const relative of journal?.put ?? []) if (isAccountPath(relative)) relatives.add(relative);
    for (const relative of journal?.remove ?? []) relatives.delete(relative);
    return [...relatives].map(nameAccount).filter((name) => name !== undefined);
  }

  const roster = createRosterReader(directory, answer, notify);

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
function listDocuments(directory: string): readonly string[] {
  const path = join(directory, layout.accounts);
  if (statEntry(path)?.isDirectory() !== true) return [];
  const documents = readdirSync(path).flatMap((name) => {
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
