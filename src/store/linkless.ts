import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { PosternError } from '../errors.ts';
import { errnoOf } from './failure.ts';

/** File systems that have no symbolic links, by their magic number (statfs(2)); of FUSE that depends. */
const linklessTypes: ReadonlyMap<number, string> = new Map([
  [0x4d44, 'vfat'],
  [0x2011bab0, 'exfat'],
]);

/**
 * The error for a link that could not be made because the file system knows none (symlink(2) says EPERM, FUSE says
 * ENOSYS); undefined: it failed for another reason.
 */
export function explainLinkless(error: unknown, path: string): PosternError | undefined {
  const errno = errnoOf(error) ?? '';
  const type = findType(path);
  const isLinkless = ['ENOSYS', 'EOPNOTSUPP'].includes(errno) || (errno === 'EPERM' && type !== undefined);
  if (!isLinkless) return undefined;
  const kind = type === undefined ? '' : ` (${type})`;
  return new PosternError(
    {
      code: 'store.no_links',
      message: `the file system of ${dirname(path)}${kind} has no symbolic links, which Postern's lock needs; nothing was changed`,
      hint: 'name a directory on another file system with --state-dir, for example on ext4, XFS or Btrfs',
    },
    error,
  );
}

function findType(path: string): string | undefined {
  try {
    return linklessTypes.get(statfsSync(dirname(path)).type);
  } catch {
    return undefined;
  }
}
