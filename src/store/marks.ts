import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Account } from '../domain/account.ts';
import { applyMarks, listMarks, type Mark } from '../domain/two-factor/marks.ts';
import type { Clock } from '../ports/machine.ts';
import type { StoreChange } from '../ports/store.ts';
import { hashText, takeCrc32 } from './checksum.ts';
import { systemStateDirectory } from './layout.ts';

// What was used up is noted outside the state directory too, so that a copy of it that is put back makes no code good
// again. A table of fixed size, in which the mark of a device has the same place each time: 8 entries a bucket, of
// which the one whose mark is oldest gives way. An entry: two hashes of the print, its seconds, a CRC of all that.

const entryBytes = 16;
const bucketBytes = 8 * entryBytes;
const buckets = 4096;

/**
 * Where the appliance's own store keeps marks: in /run, which no rollback of a disk takes back, and in /var/cache, which
 * is there after a boot. Any other store has none: a trial must not use up the appliance's codes.
 */
export function markPaths(stateDirectory: string): readonly string[] {
  const isAppliance = stateDirectory === systemStateDirectory && process.geteuid?.() === 0;
  return isAppliance ? ['/run/postern-used-codes', '/var/cache/postern/used-codes'] : [];
}

/** The marks during one transaction. */
export type Marks = {
  /** An account as it was read, raised to what the marks know of it. */
  raise(account: Account | undefined): Account | undefined;
  /** Notes what a saved change has used up. Never fails: the store holds the same, and it counts. */
  note(change: StoreChange): void;
};

/** Accounts raised in one transaction: one that reads more of them lists or imports, and accepts no code. */
const mostRaised = 8;

export function keepMarks(paths: readonly string[], clock: Clock): Marks {
  const seen = new Map<string, Account>();
  return {
    raise(account) {
      if (account === undefined || paths.length === 0) return account;
      if (seen.size >= mostRaised && !seen.has(account.username)) return account;
      const raised = withFiles(paths, constants.O_RDONLY, (files) =>
        applyMarks(account, (print) => findMark(files, print)),
      );
      seen.set(account.username, raised);
      return raised;
    },
    note({ accounts }) {
      const [entry, ...others] = accounts ?? [];
      // An import of many accepts no code.
      if (entry === undefined || others.length > 0 || entry[1] === null) return;
      const marks = listMarks(seen.get(entry[0]), entry[1], clock.nowMs());
      if (marks.length === 0) return;
      withFiles(paths, constants.O_RDWR | constants.O_CREAT, (files) => {
        for (const file of files) for (const mark of marks) writeMark(file, mark);
      });
    },
  };
}

/** The latest seconds that any file has of a print. */
function findMark(files: readonly number[], print: string): number | undefined {
  const key = keyOf(print);
  const entries = files.flatMap((file) => readBucket(file, print).filter((entry) => entry.key === key));
  return entries.length === 0 ? undefined : Math.max(...entries.map(({ seconds }) => seconds));
}

function writeMark(file: number, { print, seconds }: Mark): void {
  const bucket = readBucket(file, print);
  const own = bucket.findIndex(({ key }) => key === keyOf(print));
  if ((bucket[own]?.seconds ?? -1) >= seconds) return;
  const ages = bucket.map((entry) => entry.seconds);
  const place = own >= 0 ? own : ages.indexOf(Math.min(...ages));
  try {
    writeSync(file, writeEntry(print, seconds), 0, entryBytes, offsetOf(print) + place * entryBytes);
  } catch {
    // A full file system.
  }
}

type Entry = { readonly key: string; readonly seconds: number };

/** The entries of a print's bucket; a free or damaged one is older than any. */
function readBucket(file: number, print: string): readonly Entry[] {
  const bytes = Buffer.alloc(bucketBytes);
  readSync(file, bytes, 0, bucketBytes, offsetOf(print));
  return Array.from({ length: bucketBytes / entryBytes }, (_, index) => {
    const entry = bytes.subarray(index * entryBytes, (index + 1) * entryBytes);
    const isWhole = entry.readUInt32LE(12) === takeCrc32(entry.subarray(0, 12));
    return isWhole
      ? { key: entry.toString('latin1', 0, 8), seconds: entry.readUInt32LE(8) }
      : { key: '', seconds: -1 };
  });
}

function writeEntry(print: string, seconds: number): Buffer {
  const entry = Buffer.alloc(entryBytes);
  entry.write(keyOf(print), 0, 'latin1');
  entry.writeUInt32LE(Math.min(seconds, 0xffff_ffff), 8);
  entry.writeUInt32LE(takeCrc32(entry.subarray(0, 12)), 12);
  return entry;
}

function keyOf(print: string): string {
  const key = Buffer.alloc(8);
  key.writeUInt32LE(takeCrc32(Buffer.from(print, 'utf8')), 0);
  key.writeUInt32LE(hashText(print), 4);
  return key.toString('latin1');
}

function offsetOf(print: string): number {
  return (hashText(print) % buckets) * bucketBytes;
}

/** Opens the marks that can be opened, for `work`. */
function withFiles<T>(paths: readonly string[], flags: number, work: (files: readonly number[]) => T): T {
  const files = paths.flatMap((path) => openFile(path, flags) ?? []);
  try {
    return work(files);
  } finally {
    for (const file of files) closeSync(file);
  }
}

/** undefined: there are none, they cannot be reached, or others could have written them. */
function openFile(path: string, flags: number): number | undefined {
  try {
    if (flags & constants.O_CREAT) mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    const file = openSync(path, flags | constants.O_NOFOLLOW, 0o600);
    const { uid, mode, nlink } = fstatSync(file);
    if (uid === process.geteuid?.() && (mode & 0o170077) === constants.S_IFREG && nlink === 1) return file;
    closeSync(file);
  } catch {
    // A full or read-only file system: the store counts alone.
  }
  return undefined;
}
