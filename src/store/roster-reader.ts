import { join } from 'node:path';
import { writeWord } from '../domain/two-factor/names.ts';
import { PosternError } from '../errors.ts';
import type { AccountFacts } from '../ports/store.ts';
import { type Answer, damagedError } from './document.ts';
import { accountPath, layout } from './layout.ts';
import { judgeNote, judgeShard, listShards, type Shard, shardOf, shardPath } from './roster.ts';
import type { Judge } from './schema.ts';

/** Reads of the roster. A shard is `absent` where there need not be one, `lost` where there was one. */
export type RosterReader = {
  /** Which shards there are, as the settings note it; null: the store is from before the roster. */
  note(): string | null;
  /** `readNote` is called only where the shard is not there. */
  find(shard: string, readNote?: () => string | null): Shard | 'absent' | 'lost';
  /** Errors: `store.damaged`, where an account of that name was known, or may have been. */
  requireUnknown(username: string): void;
  /** What the roster knows of each account: its facts, or that it exists. */
  known(): ReadonlyMap<string, AccountFacts | 'exists'>;
};

/** `answer` reads a document as it is, by its path relative to `directory`; `folder` is where the roster lies. */
export function createRosterReader(
  directory: string,
  answer: <T>(relative: string, judge: Judge<T>) => Answer<T> | undefined,
  folder: () => string,
  notify: (notice: string) => void,
): RosterReader {
  function note(): string | null {
    return answer(layout.config, judgeNote)?.value ?? null;
  }

  function find(shard: string, readNote = note): Shard | 'absent' | 'lost' {
    try {
      const found = answer(shardPath(shard), (content) => judgeShard(content, shard));
      if (found) return found.value;
    } catch (error) {
      if (!(error instanceof PosternError) || error.code !== 'store.damaged') throw error;
      return 'lost';
    }
    return readNote()?.includes(shard) ? 'lost' : 'absent';
  }

  return {
    note,
    find,

    requireUnknown(username) {
      const shard = find(shardOf(username));
      if (shard === 'absent') return;
      const entry = shard === 'lost' ? undefined : shard.entries.get(username);
      if (entry === 'deleted') return;
      if (entry !== undefined) throw damagedError(join(directory, accountPath(username)), 'it is missing');
      if (shard === 'lost' || shard.isDoubtful) throw doubtError(directory, username);
    },

    known() {
      const noted = note();
      const known = new Map<string, AccountFacts | 'exists'>();
      for (const name of new Set([...listShards(folder()), ...(noted?.split(' ') ?? [])])) {
        const shard = name === '' ? 'absent' : find(name, () => noted);
        if (shard === 'absent') continue;
        if (shard === 'lost') {
          notify(`${shardPath(name)} is lost: accounts in it whose files are also gone are not listed`);
          continue;
        }
        for (const [username, entry] of shard.entries) if (entry !== 'deleted') known.set(username, entry);
      }
      return known;
    },
  };
}

function doubtError(directory: string, username: string): PosternError {
  return new PosternError({
    code: 'store.damaged',
    message: `${join(directory, shardPath(shardOf(username)))} is lost, so it is not known whether ${JSON.stringify(username)} had a device`,
    hint: `if it never had one: account user delete ${writeWord(username)}`,
  });
}
