import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../ports.ts';
import { removeFile, replaceFile, statEntry } from './disk.ts';
import { layout, temporaryPath } from './layout.ts';

/**
 * Files kept for the change that gets an administrator back in on a full disk, and their bytes: blocks in the first,
 * and in the second the inode that the lock takes when a file system has run out of inodes.
 */
const reserve: readonly (readonly [name: string, bytes: number])[] = [
  [layout.reserve, 64 * 1024],
  [`${layout.reserve}.2`, 1024],
];

/** Free bytes below which the reserve is not made again: they are left to what freed them. */
const plentyBytes = 256 * 1024;

/** Gives the reserve up. Answers whether there was any. */
export function releaseReserve(directory: string): boolean {
  return reserve.map(([name]) => removeFile(join(directory, name))).includes(true);
}

/**
 * Makes what is missing of the reserve if the file system has plenty of room. Never fails: without a reserve the store
 * works as well, until the disk is full.
 */
export function keepReserve(directory: string, random: Random, id: string): void {
  for (const [name, bytes] of reserve) {
    const path = join(directory, name);
    try {
      if (statEntry(path) !== undefined) continue;
      const { bavail, bsize } = statfsSync(directory);
      if (bavail * bsize < plentyBytes) return;
      // Random bytes: a file system that compresses would keep no blocks for zeros.
      replaceFile(path, temporaryPath(path, id), random.bytes(bytes), true);
    } catch {
      // The next change tries again.
    }
  }
}
