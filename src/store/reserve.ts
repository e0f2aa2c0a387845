import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../ports/machine.ts';
import type { StorePurpose } from '../ports/store.ts';
import { removeFile, replaceFile, statEntry } from './disk.ts';
import { layout, temporaryPath } from './layout.ts';

type ReserveFile = readonly [name: string, bytes: number];

/**
 * Files kept for a full disk, and their bytes: blocks in the first of each pair, and in the second the inode that the
 * lock takes when a file system has run out of inodes. Whoever signs in must not spend what the way back in needs, and
 * an ordinary change spends nothing.
 */
const kept: { readonly [purpose in 'recovery' | 'sign_in']: readonly ReserveFile[] } = {
  recovery: [
    [layout.reserve, 64 * 1024],
    [`${layout.reserve}.2`, 1024],
  ],
  sign_in: [
    [`${layout.reserve}.sign-in`, 64 * 1024],
    [`${layout.reserve}.sign-in.2`, 1024],
  ],
};

/** What a change may spend, the first that is there. */
const allowed: { readonly [purpose in StorePurpose]: readonly (readonly ReserveFile[])[] } = {
  change: [],
  sign_in: [kept.sign_in],
  recovery: [kept.recovery, kept.sign_in],
};

/** Free bytes below which the reserve is not made again: they are left to what freed them. */
const plentyBytes = 256 * 1024;
/** The smallest part of a reserve worth keeping where there is no room for all of it. */
const leastBytes = 8 * 1024;

/** Gives up one reserve that `purpose` may spend. Answers whether there was any. */
export function releaseReserve(directory: string, purpose: StorePurpose): boolean {
  return allowed[purpose].some((files) =>
    files.map(([name]) => removes(join(directory, name))).includes(true),
  );
}

/**
 * Makes what is missing of the reserves if the file system has plenty of room; at once, and as much as there is room
 * for, where they have just been spent: a change that is done leaves the room that it needed. Never fails: without a
 * reserve the store works as well, until the disk is full.
 */
export function keepReserve(directory: string, random: Random, id: string, wasSpent = false): void {
  for (const [name, bytes] of [...kept.recovery, ...kept.sign_in]) {
    try {
      const path = join(directory, name);
      const present = statEntry(path)?.size ?? 0;
      if (present >= bytes) continue;
      const { bavail, bsize } = statfsSync(directory);
      if (bavail * bsize >= plentyBytes) fill(path, bytes, random, id);
      else if (wasSpent && present === 0) fillWhatFits(path, bytes, random, id);
    } catch {
      // The next change tries again.
    }
  }
}

function fillWhatFits(path: string, bytes: number, random: Random, id: string): void {
  try {
    fill(path, bytes, random, id);
  } catch (error) {
    if (bytes / 2 < leastBytes) throw error;
    fillWhatFits(path, bytes / 2, random, id);
  }
}

function fill(path: string, bytes: number, random: Random, id: string): void {
  // Random bytes: a file system that compresses would keep no blocks for zeros.
  replaceFile(path, temporaryPath(path, id), random.bytes(bytes), true);
}

function removes(path: string): boolean {
  try {
    return removeFile(path);
  } catch {
    return false;
  }
}
