import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../ports.ts';
import { removeFile, replaceFile, statEntry } from './disk.ts';
import { layout, temporaryPath } from './layout.ts';

/** Bytes kept for the change that gets an administrator back in on a full disk. */
export const reserveBytes = 64 * 1024;

/** Gives the reserve up. Answers whether there was one. */
export function releaseReserve(directory: string): boolean {
  return removeFile(join(directory, layout.reserve));
}

/**
 * Makes the reserve if there is none and the file system has plenty of room. Never fails: without a reserve the store
 * works as well, until the disk is full.
 */
export function keepReserve(directory: string, random: Random, id: string): void {
  const path = join(directory, layout.reserve);
  try {
    if (statEntry(path) !== undefined) return;
    const { bavail, bsize } = statfsSync(directory);
    if (bavail * bsize < 4 * reserveBytes) return;
    // Random bytes: a file system that compresses would keep no blocks for zeros.
    replaceFile(path, temporaryPath(path, id), random.bytes(reserveBytes), true);
  } catch {
    removeQuietly(path);
  }
}

function removeQuietly(path: string): void {
  try {
    removeFile(path);
  } catch {
    // Nothing depends on it.
  }
}
