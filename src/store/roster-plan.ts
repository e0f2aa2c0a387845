import { join } from 'node:path';
import type { Account } from '../domain/account.ts';
import type { Settings } from '../domain/settings.ts';
import { isPosternError } from '../errors.ts';
import type { AccountFacts, StoreChange } from '../ports/store.ts';
import { layout } from './layout.ts';
import type { Reader } from './reader.ts';
import {
  enterAccounts,
  extendNote,
  factsOf,
  listShards,
  type Shard,
  type ShardContent,
  shardOf,
  writeShard,
} from './roster.ts';

/** A change with what keeps the roster true: the shards to be written, and the settings where their note changes. */
export type FullChange = {
  readonly settings?: Settings & { readonly roster?: string };
  readonly accounts?: ReadonlyMap<string, Account | null>;
  readonly shards: ReadonlyMap<string, ShardContent>;
};

/**
 * Completes a change. Only shards that it makes differ are written, so a code that is used up costs a look at one of
 * them. The first change of a store from before the roster enters every account there is.
 */
export function planRoster(directory: string, reader: Reader, change: StoreChange): FullChange {
  const facts = [...(change.accounts ?? [])].map(
    ([name, account]) => [name, account && factsOf(account)] as const,
  );
  const { settings, shards } = planShards(directory, reader, change.settings, facts);
  return {
    ...(settings ? { settings } : {}),
    ...(change.accounts ? { accounts: change.accounts } : {}),
    shards,
  };
}

/** The same by what the roster keeps of the accounts that change (null: it goes), without the accounts. */
export function planShards(
  directory: string,
  reader: Reader,
  changedSettings: Settings | undefined,
  accounts: Iterable<readonly [string, AccountFacts | null]>,
): Pick<FullChange, 'settings' | 'shards'> {
  const note = once(() => tolerate(reader.roster.note) ?? null);
  const present = new Map<string, Shard | 'absent' | 'lost'>();
  const look = (shard: string) => present.set(shard, reader.roster.find(shard, note));
  const changed = groupByShard(accounts);
  for (const shard of changed.keys()) look(shard);
  const isMissing = (kind: 'absent' | 'lost') => [...present.values()].includes(kind);

  const mayNote = changedSettings !== undefined || isMissing('absent') || isMissing('lost');
  const settings = changedSettings ?? (mayNote ? tolerate(reader.settings) : undefined);
  const isOlder = settings !== undefined && note() === null;
  const listed = isOlder || isMissing('lost') ? groupByShard(listNames(reader)) : undefined;
  if (isOlder) for (const shard of listed?.keys() ?? []) look(shard);

  const shards = new Map<string, ShardContent>();
  for (const [shard, found] of present) {
    const former = typeof found === 'object' ? found : { entries: new Map(), isDoubtful: found === 'lost' };
    const entries = new Map([...(listed?.get(shard) ?? []), ...former.entries]);
    const after = writeShard(enterAccounts({ ...former, entries }, changed.get(shard) ?? []));
    const isSame = typeof found === 'object' && JSON.stringify(writeShard(found)) === JSON.stringify(after);
    if (!isSame) shards.set(shard, after);
  }
  const roster = extendNote(note(), [
    ...shards.keys(),
    ...(isOlder ? listShards(join(directory, layout.roster)) : []),
  ]);
  const mustNote = settings !== undefined && (changedSettings !== undefined || roster !== note());
  return { ...(mustNote ? { settings: { ...settings, roster } } : {}), shards };
}

/** Every account of which a file is left; its facts are entered when it changes. */
function listNames(reader: Reader): readonly (readonly [string, 'exists'])[] {
  return (tolerate(reader.listNames) ?? []).map((name) => [name, 'exists']);
}

function groupByShard<T>(entries: Iterable<readonly [string, T]>): Map<string, (readonly [string, T])[]> {
  const groups = new Map<string, (readonly [string, T])[]>();
  for (const entry of entries) {
    const shard = shardOf(entry[0]);
    const group = groups.get(shard);
    if (group) group.push(entry);
    else groups.set(shard, [entry]);
  }
  return groups;
}

/** What is damaged for good must not keep a change from being saved. */
function tolerate<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isPosternError(error) && error.code === 'store.damaged') return undefined;
    throw error;
  }
}

function once<T>(read: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: read() };
    return found.value;
  };
}
