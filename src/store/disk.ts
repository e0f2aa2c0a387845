import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { errnoOf } from './failure.ts';

/** What lies at a path, not following a last symbolic link; undefined: nothing. */
export function statEntry(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** Removes a file; one that is not there is no error. Answers whether it was there. */
export function removeFile(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Removes a file where that can be done: for what is left over after something else has failed already. */
export function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Swept by the next process that takes over a dead one's lock.
  }
}

/** A directory to be synced by `fsyncSync`: opened before a rename, so that nothing but the sync can fail after it. */
export function openDirectory(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** Makes renames and removals in a directory outlive a power loss. */
export function syncDirectory(path: string): void {
  const descriptor = openDirectory(path);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Brings one file to the disk. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Puts a whole new 0600 file at `path` by way of `temporary`, which is gone afterwards in every case. A short write
 * is an error (ENOSPC), never a short file.
 */
export function replaceFile(
  path: string,
  temporary: string,
  content: string | Uint8Array,
  sync: boolean,
): void {
  try {
    writeNewFile(temporary, content, sync);
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
}

/** Writes a 0600 file that must not be there yet, whatever the umask. */
export function writeNewFile(path: string, content: string | Uint8Array, sync: boolean): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    fchmodSync(descriptor, 0o600);
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    let written = 0;
    while (written < bytes.length) written += writeSync(descriptor, bytes, written, bytes.length - written);
    if (sync) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
