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
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Files } from '../ports.ts';

/** Files of the system. A temporary file is named `.NAME.postern-PID`: no program reads such a name by pattern. */
export const files: Files = {
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },

  writeAtomic(path, content, mode) {
    const directory = dirname(path);
    mkdirSync(directory, { recursive: true });
    const former = lstatSync(path, { throwIfNoEntry: false });
    const temporary = join(directory, `.${basename(path)}.postern-${process.pid}`);
    rmSync(temporary, { force: true });
    try {
      writeNew(temporary, content, mode, former?.isFile() ? former : undefined);
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    syncDirectory(directory);
  },

  remove(path) {
    rmSync(path, { force: true, recursive: true });
    syncDirectory(dirname(path));
  },

  list(directory) {
    return readdirSync(directory).sort();
  },

  stat(path) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found === undefined
      ? undefined
      : {
          uid: found.uid,
          gid: found.gid,
          mode: found.mode,
          size: found.size,
          mtimeMs: found.mtimeMs,
          isFile: found.isFile(),
        };
  },
};

function writeNew(
  path: string,
  content: string,
  mode: number,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    if (owner && process.geteuid?.() === 0) fchownSync(descriptor, owner.uid, owner.gid);
    fchmodSync(descriptor, mode);
    const bytes = Buffer.from(content, 'utf8');
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(descriptor, bytes, written, bytes.length - written);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a rename or removal outlive a power loss; a directory that is gone needs no such thing. */
function syncDirectory(path: string): void {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
