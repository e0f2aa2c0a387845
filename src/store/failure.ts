import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ErrorCode, isPosternError, PosternError } from '../errors.ts';

/** The errno name of a failed system call, or undefined. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * True where the system or Postern has said what is wrong. Anything else that reading throws comes from the content
 * (a SyntaxError, a RangeError for JSON that is nested too deeply): it is damage.
 */
export function isSystemError(error: unknown): boolean {
  return isPosternError(error) || (errnoOf(error) !== undefined && !errnoOf(error)?.startsWith('ERR_'));
}

/** True where giving room back may help: no space, no inode, no quota left. */
export function isOutOfRoom(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOSPC' || errno === 'EDQUOT';
}

type Action = 'read' | 'write' | 'remove';

/** What became of a change that failed before anything of it was in force. */
export const unchanged = 'the old content is in place';

/**
 * What a failed read or write of `path` means to a person, by its errno; a PosternError comes back as it is.
 * `outcome` says what that leaves in force.
 */
export function explainFailure(error: unknown, action: Action, path: string, outcome?: string): PosternError {
  if (isPosternError(error)) return error;
  const [code, reason, hint] = describeFailure(errnoOf(error), action, path);
  const rest = outcome === undefined ? '' : `; ${outcome}`;
  return new PosternError({ code, message: `cannot ${action} ${path}: ${reason}${rest}`, hint }, error);
}

/** The reason alone, for a sentence of one's own. */
export function describeReason(error: unknown): string {
  return describeFailure(errnoOf(error), 'write', '')[1];
}

function describeFailure(
  errno: string | undefined,
  action: Action,
  path: string,
): [code: ErrorCode, reason: string, hint: string] {
  const otherwise: ErrorCode = action === 'read' ? 'store.unreadable' : 'store.write_failed';
  switch (errno) {
    case 'ENOSPC':
      return lacksInodes(folderOf(path))
        ? ['store.full', 'its file system has room for no more files (no inodes)', `df -i ${folderOf(path)}`]
        : ['store.full', 'its file system is full', `df -h ${folderOf(path)}`];
    case 'EDQUOT':
      return ['store.full', 'the disk quota is used up', `df -h ${dirname(path)}`];
    case 'EFBIG':
      return ['store.full', 'the file size limit of this session is too small', 'ulimit -f unlimited'];
    case 'EROFS':
      return ['store.read_only', 'its file system is read-only', `findmnt -T ${dirname(path)}`];
    case 'EACCES':
      return ['permission.store', 'permission denied', `ls -ld ${dirname(path)}`];
    case 'EPERM':
      return ['permission.store', 'the system does not allow it', `lsattr -d ${dirname(path)}`];
    case 'EIO':
      return [otherwise, 'the disk reported an input/output error', 'dmesg | tail'];
    case 'ENAMETOOLONG':
      return [otherwise, 'the name is too long', 'name a shorter directory with --state-dir'];
    case 'ENOTDIR':
      return [otherwise, 'a part of that path is not a directory', `ls -ld ${dirname(path)}`];
    case 'EMFILE':
    case 'ENFILE':
      return [otherwise, 'too many files are open', 'ulimit -n'];
    default:
      return [otherwise, errno ?? 'an unexpected error', `ls -ld ${dirname(path)}`];
  }
}

/** The folder whose file system it is about. */
function folderOf(path: string): string {
  try {
    return statSync(path).isDirectory() ? path : dirname(path);
  } catch {
    return dirname(path);
  }
}

/** A file system that makes its inodes when it needs them says that it has none at all. */
function lacksInodes(folder: string): boolean {
  try {
    const { files, ffree } = statfsSync(folder);
    return files > 0 && ffree === 0;
  } catch {
    return false;
  }
}
