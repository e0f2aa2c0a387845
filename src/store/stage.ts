import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeWithConf } from './conf-store.ts';
import { removeQuietly } from './disk.ts';
import { explainFailure, isOutOfRoom, unchanged } from './failure.ts';
import { isLeftover } from './layout.ts';
import { documentVersion } from './version.ts';

/**
 * Writes a document beside its place through conf, synced, and reads it back: conf replaces a file by a truncated
 * one on a full disk without an error, so nothing is put in force before it was compared. Answers its text.
 * `giveRoom` is called where there is no room; true: there is more now. Errors: `store.full`, `store.read_only`,
 * `store.write_failed`, `permission.store`; nothing is left behind.
 */
export function stageDocument(staged: string, content: object, giveRoom: () => boolean): string {
  for (;;) {
    try {
      const text = writeWithConf(staged, { version: documentVersion, ...content });
      if (readFileSync(staged, 'utf8') === text) return text;
      throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    } catch (error) {
      removeAttempt(staged);
      if (isOutOfRoom(error) && giveRoom()) continue;
      throw explainFailure(error, 'write', staged.replace(/\.staged-[0-9a-f]+$/, ''), unchanged);
    }
  }
}

/** conf removes its temporary file later, if at all; on a full disk its blocks are needed now. */
function removeAttempt(staged: string): void {
  const directory = dirname(staged);
  removeQuietly(staged);
  for (const name of listQuietly(directory)) {
    if (name.startsWith(basename(staged)) && isLeftover(name)) removeQuietly(join(directory, name));
  }
}

/** Nothing where it cannot be listed: what failed before is what the person must hear of. */
function listQuietly(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
