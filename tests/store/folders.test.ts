import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readWithConf } from '../../src/store/conf-store.ts';
import { findDocument, swapFolders } from '../../src/store/folders.ts';
import { type Journal, readJournal, writeJournal } from '../../src/store/journal.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'postern-folders-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const id = '0123456789ab';
const journal: Journal = {
  id,
  put: new Set(['config.json']),
  remove: new Set(),
  swap: new Set(['accounts', 'roster']),
};

function make(folder: string, content?: string): void {
  mkdirSync(join(directory, folder));
  if (content !== undefined) writeFileSync(join(directory, folder, 'ann.json'), content);
}

const staged = `accounts.staged-${id}`;
const former = `accounts.former-${id}`;
const read = (path: string) => readFileSync(path, 'utf8');

test.each([
  ['nothing is done yet', { accounts: 'old', [staged]: 'new' }],
  ['the old folder is away', { [former]: 'old', [staged]: 'new' }],
  ['there was none before', { [staged]: 'new' }],
  ['all is done', { [former]: 'old', accounts: 'new' }],
  ['all is done, and an older program has read', { [former]: 'old', accounts: 'new', [staged]: '' }],
  ['an older program has read in between', { [former]: 'old', accounts: '', [staged]: 'new' }],
])('an exchange goes on where %s', (_, folders: Record<string, string>) => {
  for (const [folder, content] of Object.entries(folders)) make(folder, content || undefined);
  if (folders[staged] !== '') {
    expect(read(findDocument(directory, 'accounts/ann.json', journal))).toBe('new');
  }
  swapFolders(directory, journal);
  swapFolders(directory, journal);
  expect(read(join(directory, 'accounts', 'ann.json'))).toBe('new');
  const wasThere = Object.values(folders).includes('old');
  expect(readdirSync(directory).sort()).toEqual(wasThere ? ['accounts', former] : ['accounts']);
  if (wasThere) expect(read(join(directory, former, 'ann.json'))).toBe('old');
});

test('what is not exchanged is where it ever was', () => {
  make('accounts', 'old');
  make(staged, 'not decided');
  expect(read(findDocument(directory, 'accounts/ann.json', undefined))).toBe('old');
  expect(findDocument(directory, 'config.json', journal)).toBe(join(directory, 'config.json'));
});

test('a journal that exchanges folders is a newer one for older programs, and no other is', () => {
  writeJournal(directory, journal);
  expect(JSON.parse(read(join(directory, 'journal.json')))).toMatchObject({ version: 2 });
  expect(readJournal(directory)).toEqual(journal);
  writeJournal(directory, { ...journal, swap: new Set() });
  expect(JSON.parse(read(join(directory, 'journal.json')))).not.toHaveProperty('swap');
  expect(JSON.parse(read(join(directory, 'journal.json')))).toMatchObject({ version: 1 });
});

test('whoever reads makes no folder', () => {
  expect(readWithConf(join(directory, 'gone', 'ann.json'))).toBeUndefined();
  expect(readdirSync(directory)).toEqual([]);
});
