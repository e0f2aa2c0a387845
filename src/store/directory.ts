import { chmodSync, mkdirSync, readdirSync, realpathSync, renameSync, type Stats, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PosternError } from '../errors.ts';
import { statEntry, syncDirectory } from './disk.ts';
import { explainFailure } from './failure.ts';
import { layout } from './layout.ts';

const ownEntries =
  /^(?:config\.json|journal\.json|accounts|roster|audit\.jsonl|reserve|lock|history|enforcement|lost\+found)/;

/**
 * Makes the state directory and the one of the accounts if they are missing, 0700 whatever the umask, and inspects
 * them, with `keepsModes` changing none. Answers sentences for the person. Errors: those of inspectDirectory, `store.full`, `store.read_only`.
 */
export function prepareDirectory(directory: string, keepsModes = false): readonly string[] {
  try {
    const first = mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (first !== undefined) {
      chmodSync(directory, 0o700);
      syncDirectory(dirname(first));
    }
    return inspectDirectory(directory, keepsModes);
  } catch (error) {
    throw explainFailure(error, 'write', directory, 'nothing was changed');
  }
}

/** Makes a folder of the store, 0700 whatever the umask, if it is missing; what is in its place is moved away. */
export function prepareFolder(path: string): void {
  const entry = statEntry(path);
  if (entry?.isDirectory()) return;
  if (entry !== undefined) renameSync(path, `${path}.damaged`);
  mkdirSync(path, { mode: 0o700 });
  chmodSync(path, 0o700);
  syncDirectory(dirname(path));
}

/**
 * Refuses a state directory in which another user could exchange what lies there, and tightens one that is merely
 * too open. Answers sentences for the person; nothing for a directory that does not exist. Tightening rather than
 * refusing keeps the way back in open: what others may have put there is found out by its owner, file by file.
 * A directory that holds anything of someone else's (a home directory, /etc) is never changed, and with `keepsModes`
 * none is.
 * Errors: `permission.store`, `store.damaged`, `store.unreadable`.
 */
export function inspectDirectory(directory: string, keepsModes = false): readonly string[] {
  try {
    const entry = statSync(directory, { throwIfNoEntry: false });
    if (entry === undefined) return [];
    if (!entry.isDirectory()) throw notDirectoryError(directory);
    const trusted = trustedOwners();
    if (!trusted.includes(entry.uid)) throw ownerError(directory, entry.uid);
    if (userId() === 0) checkParents(directory, trusted);
    const accounts = join(directory, layout.accounts);
    if (!keepsModes && statEntry(accounts)?.isDirectory()) tightenAccounts(accounts);
    return tightenDirectory(directory, entry, keepsModes);
  } catch (error) {
    throw explainFailure(error, 'read', directory);
  }
}

/** Looks at the directory of the accounts in the same way, before one is read or written. Errors: the same. */
export function inspectAccounts(directory: string): void {
  const path = join(directory, layout.accounts);
  try {
    judgeAccounts(path, trustedOwners());
  } catch (error) {
    throw explainFailure(error, 'read', path);
  }
}

function judgeAccounts(path: string, trusted: readonly number[]): void {
  const entry = statEntry(path);
  if (entry === undefined) return;
  if (!entry.isDirectory()) {
    throw new PosternError({
      code: 'store.damaged',
      message: `${path} is not a directory, so no account can be read`,
      hint: `restore it from a backup, or start again: mv ${path} ${path}.old && mkdir -m 700 ${path}`,
    });
  }
  if (!trusted.includes(entry.uid)) throw ownerError(path, entry.uid);
}

function tightenAccounts(path: string): void {
  if ((statSync(path).mode & 0o077) !== 0) changeModeQuietly(path);
}

function tightenDirectory(directory: string, entry: Stats, keepsModes: boolean): readonly string[] {
  if ((entry.mode & 0o077) === 0) return [];
  const writable = (entry.mode & 0o022) !== 0;
  const names = readdirSync(directory);
  if (names.every((name) => ownEntries.test(name))) {
    if (keepsModes) return writable && names.length > 0 ? [`other users can write to ${directory}`] : [];
    const changed = changeModeQuietly(directory);
    if (!writable || names.length === 0) return [];
    if (changed) return [`other users could write to ${directory} until now: its mode was set to 700`];
  } else if (!writable) {
    return [];
  }
  throw new PosternError({
    code: 'permission.store',
    message: `other users can write to ${directory}, so its content cannot be trusted`,
    hint: `chmod go-w ${directory}`,
  });
}

/** Whoever can write to a directory above can put another directory in the place of this one. */
function checkParents(directory: string, trusted: readonly number[]): void {
  const real = realpathSync.native(directory);
  for (const path of new Set([...listParents(resolve(directory)), ...listParents(real)])) {
    const entry = statSync(path);
    const isSticky = (entry.mode & 0o1000) !== 0;
    if (!trusted.includes(entry.uid)) throw ownerError(path, entry.uid);
    if ((entry.mode & 0o022) !== 0 && !isSticky) {
      throw new PosternError({
        code: 'permission.store',
        message: `other users can write to ${path}, so root must not keep a store below it`,
        hint: `chmod go-w ${path}`,
      });
    }
  }
}

function listParents(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...listParents(parent)];
}

function changeModeQuietly(path: string): boolean {
  try {
    chmodSync(path, 0o700);
    return true;
  } catch {
    // Root's, or on a read-only file system: reading goes on.
    return false;
  }
}

function trustedOwners(): readonly number[] {
  return [0, userId(), statSync('/').uid];
}

function userId(): number {
  return process.geteuid?.() ?? 0;
}

function notDirectoryError(path: string): PosternError {
  return new PosternError({
    code: 'store.unreadable',
    message: `${path} is not a directory`,
    hint: 'name a directory with --state-dir',
  });
}

function ownerError(path: string, uid: number): PosternError {
  return new PosternError({
    code: 'permission.store',
    message: `${path} belongs to another user (number ${uid}), so a store there cannot be trusted`,
    hint: userId() === 0 ? `chown root ${path}` : 'name a directory of your own with --state-dir',
  });
}
