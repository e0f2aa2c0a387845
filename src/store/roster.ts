import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, isEnrolled } from '../domain/account.ts';
import type { AccountFacts } from '../ports/store.ts';
import { hashText } from './checksum.ts';
import { statEntry } from './disk.ts';
import { layout } from './layout.ts';
import type { Judged } from './schema.ts';

// The roster says who is known, in up to 256 small documents (shards), so that an account whose files are gone is told
// from one that never was. The settings note which shards there must be: none, and the store is from before it.

/** What a shard holds of one account: its facts, that it exists and no more, or that it was deleted for certain. */
export type RosterEntry = AccountFacts | 'exists' | 'deleted';

export type Shard = {
  readonly entries: ReadonlyMap<string, RosterEntry>;
  /** The shard was lost once: of a name that is not in it nobody can tell whether it was enrolled. */
  readonly isDoubtful: boolean;
};

/** What is written of a shard: rows of `FLAGS NAME`, sorted by name. */
export type ShardContent = { readonly doubtful?: true; readonly rows: readonly string[] };

/** The shard of a name, two hexadecimal digits. */
export function shardOf(username: string): string {
  return (hashText(username) & 0xff).toString(16).padStart(2, '0');
}

export function shardPath(shard: string): string {
  return join(layout.roster, `${shard}.json`);
}

/** Judges the content of the shard of that number. */
export function judgeShard(content: Record<string, unknown>, shard: string): Judged<Shard> {
  const { rows, doubtful = false } = content;
  if (!Array.isArray(rows) || typeof doubtful !== 'boolean') return { problem: 'it has wrong content' };
  const entries = new Map<string, RosterEntry>();
  for (const row of rows) {
    const [, flags, name] = typeof row === 'string' ? (/^(\?|x|-|d?c?a?l?e?) (.*)$/s.exec(row) ?? []) : [];
    if (flags === undefined || name === undefined) return { problem: 'a row is wrong' };
    if (shardOf(name) !== shard || entries.has(name)) return { problem: 'a row is in the wrong place' };
    entries.set(name, readFlags(name, flags));
  }
  return { value: { entries, isDoubtful: doubtful } };
}

export function writeShard({ entries, isDoubtful }: Shard): ShardContent {
  const names = [...entries.keys()].sort();
  const rows = names.map((name) => `${writeFlags(entries.get(name) ?? 'exists')} ${name}`);
  return isDoubtful ? { doubtful: true, rows } : { rows };
}

/** A shard with accounts as a change leaves them. */
export function enterAccounts(
  shard: Shard,
  accounts: Iterable<readonly [string, AccountFacts | null]>,
): Shard {
  const entries = new Map(shard.entries);
  for (const [name, facts] of accounts) {
    if (facts !== null) entries.set(name, facts);
    else if (shard.isDoubtful) entries.set(name, 'deleted');
    else entries.delete(name);
  }
  return { ...shard, entries };
}

/** Judges the note of the settings: which shards there are; null: the store is from before the roster. */
export function judgeNote({ roster }: Record<string, unknown>): Judged<string | null> {
  if (roster === undefined) return { value: null };
  if (typeof roster === 'string' && /^(?:[0-9a-f]{2}(?: |$))*$/.test(roster)) return { value: roster };
  return { problem: 'roster is wrong' };
}

/** The note with more shards in it. */
export function extendNote(note: string | null, shards: Iterable<string>): string {
  const known = (note ?? '').split(' ').filter((shard) => shard !== '');
  return [...new Set([...known, ...shards])].sort().join(' ');
}

/** The shards that lie in the folder, those included of which only the last good copy is left. */
export function listShards(folder: string): readonly string[] {
  // What is no folder counts as nothing.
  if (statEntry(folder)?.isDirectory() !== true) return [];
  const shards = readdirSync(folder).flatMap(
    (name) => /^([0-9a-f]{2})\.json(?:\.last-good)?$/.exec(name)?.[1] ?? [],
  );
  return [...new Set(shards)];
}

/** What the roster holds of an account. */
export function factsOf(account: Account): AccountFacts {
  const { username, admin, locked, devices } = account;
  return {
    username,
    admin,
    locked,
    exempt: account.exempt ?? false,
    hasDevice: devices.length > 0,
    isEnrolled: isEnrolled(account),
  };
}

function readFlags(username: string, flags: string): RosterEntry {
  if (flags === '?') return 'exists';
  if (flags === 'x') return 'deleted';
  const has = (flag: string) => flags.includes(flag);
  return {
    username,
    hasDevice: has('d'),
    isEnrolled: has('c'),
    admin: has('a'),
    locked: has('l'),
    exempt: has('e'),
  };
}

function writeFlags(entry: RosterEntry): string {
  if (entry === 'exists') return '?';
  if (entry === 'deleted') return 'x';
  const { hasDevice, isEnrolled, admin, locked, exempt } = entry;
  return (
    `${hasDevice ? 'd' : ''}${isEnrolled ? 'c' : ''}${admin ? 'a' : ''}${locked ? 'l' : ''}${exempt ? 'e' : ''}` ||
    '-'
  );
}
