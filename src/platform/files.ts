import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FileOwner, Files, Random } from '../ports/machine.ts';
import { decodeText, encodeText } from './text-bytes.ts';

/** Files of the machine outside the store; `random` names temporary files. */
export function openFiles(random: Random): Files {
  return {
    read(path) {
      try {
        return decodeText(readFileSync(path));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    writeAtomic(path, content, mode, owner) {
      const directory = dirname(path);
      // Under a careless umask, too, for users other than root to write into nothing of this.
      mkdirSync(directory, { recursive: true, mode: 0o755 });
      const suffix = Buffer.from(random.bytes(6)).toString('hex');
      // The dot and the ending keep it out of `include *.conf` of the daemons that read the directory.
      const temporary = join(directory, `.${basename(path).slice(0, 200)}.postern-${suffix}`);
      try {
        writeNew(temporary, content, mode, owner);
        renameSync(temporary, path);
      } catch (error) {
        removeFile(temporary);
        throw error;
      }
      syncDirectory(directory);
    },

    remove(path) {
      if (removeFile(path)) syncDirectory(dirname(path));
    },

    list: (directory) => readdirSync(directory).sort(),

    stat(path) {
      const entry = lookAt(path);
      if (entry === undefined) return undefined;
      const { uid, gid, size, mtimeMs } = entry;
      return { uid, gid, mode: entry.mode & 0o7777, size, mtimeMs, isFile: entry.isFile() };
    },

    realPath(path) {
      try {
        return realpathSync(path);
      } catch {
        return undefined;
      }
    },

    link(path) {
      return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
    },

    changedMs(path) {
      const entries = [lstatSync, statSync].flatMap((look) => look(path, { throwIfNoEntry: false }) ?? []);
      return entries.length === 0 ? undefined : Math.max(...entries.map(({ ctimeMs }) => ctimeMs));
    },
  };
}

/** A path through what is no directory leads to nothing, too. */
function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function writeNew(path: string, content: string, mode: number, owner?: FileOwner): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    const bytes = encodeText(content);
    let written = 0;
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
    if (owner !== undefined) fchownSync(descriptor, owner.uid, owner.gid);
    // Last, so that nobody reads it half written, and whatever the umask; what the system trusts is its owner's to write.
    fchmodSync(descriptor, mode & ~0o022);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Answers whether it was there. */
function removeFile(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    // A read-only file system says EROFS even of what is not there.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
    throw error;
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
