import { chmodSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import { PosternError } from '../errors.ts';
import { isIntact } from './checksum.ts';
import { readWithConf } from './conf-store.ts';
import { findPendingCopy } from './copy.ts';
import { statEntry } from './disk.ts';
import { errnoOf, explainFailure, isSystemError } from './failure.ts';
import { lastGoodPath, layout } from './layout.ts';
import type { Judge } from './schema.ts';
import { newerVersionError, upgradeDocument } from './version.ts';

/** Far above an account with a hundred devices; what is larger is not ours, and would only eat the memory. */
const maxDocumentBytes = 4 * 1024 * 1024;

/** Levels of a document's JSON, far above those that this version writes. */
const deepest = 64;

/** What was found at a document's path. `regular` false: a directory, a link or the like, which must be moved away. */
export type Reading<T> =
  | { readonly kind: 'absent' }
  | { readonly kind: 'good'; readonly value: T; readonly text: string }
  | { readonly kind: 'newer' }
  | {
      readonly kind: 'damaged';
      readonly reason: string;
      readonly regular: boolean;
      /** What it would be if its checksum were right. */
      readonly otherwise?: { readonly value: T; readonly text: string };
    };

/** Reads and judges one file. Sets a wrong mode right, unless `keepsMode`. Errors: `store.unreadable`, `permission.store`. */
export function readDocument<T>(path: string, judge: Judge<T>, keepsMode = false): Reading<T> {
  try {
    const entry = statEntry(path);
    if (entry === undefined) return { kind: 'absent' };
    const reason = rejectEntry(entry);
    if (reason !== undefined) return { kind: 'damaged', reason, regular: entry.isFile() };
    if (!keepsMode) tightenMode(path, entry);
    return judgeContent(readWithConf(path), judge);
  } catch (error) {
    if (!isSystemError(error)) {
      const reason = error instanceof SyntaxError ? 'it is not JSON' : 'it cannot be understood';
      return { kind: 'damaged', reason, regular: true };
    }
    if (errnoOf(error) === 'EIO') {
      return { kind: 'damaged', reason: 'the disk cannot read it', regular: true };
    }
    throw explainFailure(error, 'read', path);
  }
}

/**
 * Like `readDocument`, but takes a document for good of which the last good copy is the very same, though the checksum
 * of both is wrong: an older version, which keeps what it does not know, has changed them.
 */
export function readPresent<T>(path: string, judge: Judge<T>, keepsMode = false): Reading<T> {
  const present = readDocument(path, judge, keepsMode);
  if (present.kind !== 'damaged' || present.otherwise === undefined) return present;
  const copy = readDocument(lastGoodPath(path), judge, keepsMode);
  const isTwin = copy.kind === 'damaged' && copy.otherwise?.text === present.otherwise.text;
  // Two names of one file are one file.
  if (!isTwin || statEntry(path)?.ino === statEntry(lastGoodPath(path))?.ino) return present;
  return { kind: 'good', ...present.otherwise };
}

/** A document's value and, where its own file is damaged or lost, what to tell about it. */
export type Answer<T> = { readonly value: T; readonly damage?: string; readonly advice?: string };

/**
 * The document at `path`, from its last good copy where the file itself is damaged or lost. undefined: there is
 * neither. Errors: `store.damaged` (no good copy), `store.newer_version`, and those of reading.
 */
export function answerDocument<T>(path: string, judge: Judge<T>, keepsMode = false): Answer<T> | undefined {
  const present = readPresent(path, judge, keepsMode);
  if (present.kind === 'good') return { value: present.value };
  if (present.kind === 'newer') throw newerVersionError(path);
  const copy = readDocument(lastGoodPath(path), judge, keepsMode);
  if (copy.kind === 'newer') throw newerVersionError(lastGoodPath(path));
  if (present.kind === 'absent' && copy.kind === 'absent') return undefined;
  const reason = present.kind === 'absent' ? 'it is missing' : present.reason;
  const acceptance = present.kind === 'damaged' && present.otherwise ? acceptanceOf(path) : undefined;
  const pending = findPendingCopy(path);
  const newest = pending === undefined ? copy : readDocument(pending, judge, keepsMode);
  const best = newest.kind === 'good' ? newest : copy;
  if (best.kind !== 'good') throw damagedError(path, reason, acceptance);
  return {
    value: best.value,
    damage: `${path} is damaged (${reason})`,
    ...(acceptance ? { advice: `; if you edited the file yourself, accept it with: ${acceptance}` } : {}),
  };
}

/** The error for a document of which no good copy is left. Switching codes off writes new settings; accounts deny. */
export function damagedError(path: string, reason: string, hint?: string): PosternError {
  const isSettings = basename(path) === layout.config;
  return new PosternError({
    code: 'store.damaged',
    message: `${path} is damaged (${reason}), and there is no good copy`,
    hint:
      hint ??
      (isSettings ? 'auth two_factor update enabled=false' : `restore it from a backup: ls -l ${path}*`),
  });
}

function judgeContent<T>(content: ReturnType<typeof readWithConf>, judge: Judge<T>): Reading<T> {
  if (content === undefined) return { kind: 'absent' };
  const document = upgradeDocument(content.value);
  if (document === 'newer') return { kind: 'newer' };
  if (document === 'damaged') return { kind: 'damaged', reason: 'it has no known version', regular: true };
  if (content.text.includes('\ufffd')) return { kind: 'damaged', reason: 'it is not UTF-8', regular: true };
  // It could not be written again, for writing goes into it level by level.
  if (isDeeper(document, deepest))
    return { kind: 'damaged', reason: 'it is nested too deeply', regular: true };
  const judged = judge(document);
  if ('problem' in judged) return { kind: 'damaged', reason: judged.problem, regular: true };
  const good = { value: judged.value, text: content.text };
  if (isIntact(content.text, content.value as object)) return { kind: 'good', ...good };
  return { kind: 'damaged', reason: 'it does not match its checksum', regular: true, otherwise: good };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}

/** Without its checksum a document counts as it is, and gets a new one when it is next written. */
function acceptanceOf(path: string): string {
  return `sed -i '/^  "checksum":/d' ${path}`;
}

function rejectEntry(entry: Stats): string | undefined {
  if (entry.isSymbolicLink()) return 'it is a symbolic link';
  if (!entry.isFile()) return entry.isDirectory() ? 'it is a directory' : 'it is not a regular file';
  const owners = [process.geteuid?.() ?? 0, 0];
  if (!owners.includes(entry.uid)) return `it belongs to another user, number ${entry.uid}`;
  if (entry.size === 0) return 'it is empty';
  return entry.size > maxDocumentBytes ? 'it is far too large' : undefined;
}

function tightenMode(path: string, entry: Stats): void {
  // A file with a second name may be one outside the store.
  if ((entry.mode & 0o777) === 0o600 || entry.nlink > 1) return;
  try {
    chmodSync(path, 0o600);
  } catch {
    // A file of root's, or a read-only file system: reading must not fail for it.
  }
}
