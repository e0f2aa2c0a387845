import {
  closeSync,
  constants,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { PosternError } from '../errors.ts';
import type { Random } from '../ports/machine.ts';
import type { AuditEntry, AuditLog } from '../ports/store.ts';
import { prepareDirectory } from './directory.ts';
import { statEntry, syncDirectory } from './disk.ts';
import { explainFailure } from './failure.ts';
import { layout } from './layout.ts';
import { releaseLock, tryAcquireLock } from './lock.ts';

/** Size from which the log is put aside as audit.jsonl.1; the one before that is dropped. */
export const auditLimitBytes = 4 * 1024 * 1024;

export type AuditOptions = {
  readonly directory: string;
  readonly random: Random;
  readonly limitBytes?: number;
  /** For a dry run: the line is written, and nothing else is changed. */
  readonly keepsModes?: boolean;
};

const entrySchema = v.object({
  time: v.string(),
  actor: v.string(),
  from: v.nullable(v.string()),
  line: v.string(),
  outcome: v.picklist(['done', 'unchanged', 'refused', 'failed']),
});

/**
 * The audit log of a state directory. `append` writes one line by one system call and syncs it; it throws `store.full`
 * and the like, and it is for the caller to report that and carry on. `read` answers what can be read of both files,
 * and leaves out torn lines, and all but the end of a file far above its bound.
 */
export function openAuditLog(options: AuditOptions): AuditLog {
  const directory = resolve(options.directory);
  const path = join(directory, layout.audit);
  const former = `${path}.1`;

  return {
    append(entry) {
      prepareDirectory(directory, options.keepsModes);
      try {
        const size = appendLine(path, `${JSON.stringify(entry)}\n`);
        if (size >= (options.limitBytes ?? auditLimitBytes)) rotate(directory, options);
      } catch (error) {
        throw explainFailure(error, 'write', path);
      }
    },
    read() {
      const most = (options.limitBytes ?? auditLimitBytes) * 8;
      return [former, path].flatMap((each) => readEntries(each, most));
    },
  };
}

/** Answers the size of the log afterwards. */
function appendLine(path: string, line: string): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const descriptor = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    const entry = fstatSync(descriptor);
    if (!entry.isFile()) throw strangeLogError(path);
    if ((entry.mode & 0o777) !== 0o600 && entry.nlink === 1) fchmodSync(descriptor, 0o600);
    const isTorn = entry.size > 0 && readLastByte(descriptor, entry.size) !== 0x0a;
    const bytes = Buffer.from(isTorn ? `\n${line}` : line, 'utf8');
    const written = writeSync(descriptor, bytes);
    if (written < bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    fdatasyncSync(descriptor);
    // A new file is not on the disk before its name is.
    if (entry.size === 0) syncDirectory(dirname(path));
    return entry.size + written;
  } finally {
    closeSync(descriptor);
  }
}

function readLastByte(descriptor: number, size: number): number | undefined {
  const byte = Buffer.alloc(1);
  return readSync(descriptor, byte, 0, 1, size - 1) === 1 ? byte[0] : undefined;
}

/** Under a lock of its own: two processes that rotate at once would drop a whole log. Who finds it held leaves it be. */
function rotate(directory: string, options: AuditOptions): void {
  const lock = tryAcquireLock(join(directory, 'lock.audit'), options.random);
  if (lock === undefined) return;
  try {
    const path = join(directory, layout.audit);
    const size = statEntry(path)?.size ?? 0;
    if (size < (options.limitBytes ?? auditLimitBytes)) return;
    renameSync(path, `${path}.1`);
    syncDirectory(directory);
  } finally {
    releaseLock(lock);
  }
}

/** Of a file that is far larger than Postern lets one grow, only the end: it must not take all the memory. */
function readEntries(path: string, most: number): readonly AuditEntry[] {
  try {
    const entry = statEntry(path);
    if (entry === undefined) return [];
    if (!entry.isFile()) throw strangeLogError(path);
    const text = entry.size > most ? readEnd(path, entry.size, most) : readFileSync(path, 'utf8');
    return text.split('\n').flatMap(parseEntry);
  } catch (error) {
    throw explainFailure(error, 'read', path);
  }
}

function readEnd(path: string, size: number, most: number): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const bytes = Buffer.alloc(most);
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, most, size - most));
  } finally {
    closeSync(descriptor);
  }
}

function parseEntry(line: string): readonly AuditEntry[] {
  try {
    const value: unknown = JSON.parse(line);
    return v.is(entrySchema, value) ? [value as AuditEntry] : [];
  } catch {
    return [];
  }
}

function strangeLogError(path: string): PosternError {
  return new PosternError({
    code: 'store.unreadable',
    message: `${path} is not a regular file`,
    hint: `mv ${path} ${path}.old`,
  });
}
