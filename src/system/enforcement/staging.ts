import { PosternError } from '../../errors.ts';
import type { SystemPorts } from '../types.ts';

/** Gives `work` a private folder in memory (root's, 0700), which is gone afterwards. */
export function withStaging<T>(ports: SystemPorts, work: (directory: string) => T): T {
  const made = ports.runner.run(['mktemp', '-d', '/run/postern-staging.XXXXXX']);
  const directory = made.stdout.trim();
  if (made.status !== 0 || directory === '') {
    const inodes = ports.runner.run(['df', '--output=iavail', '/run']).stdout.trim().split('\n').at(-1);
    throw new PosternError({
      code: 'apply.staging',
      message: `there is no room in /run to check the files: ${made.stderr.trim()}`,
      hint: inodes?.trim() === '0' ? 'df -i /run' : 'df /run',
    });
  }
  try {
    return work(directory);
  } finally {
    ports.runner.run(['rm', '-rf', '--', directory]);
  }
}
