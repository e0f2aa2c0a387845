import type { SystemPorts } from './types.ts';

/** Gives `work` a private folder in memory (root's, 0700), which is gone afterwards. */
export function withStaging<T>(ports: SystemPorts, work: (directory: string) => T): T {
  const made = ports.runner.run(['mktemp', '-d', '/run/postern-staging.XXXXXX']);
  const directory = made.stdout.trim();
  if (made.status !== 0 || directory === '') throw new Error(`no folder for staging: ${made.stderr.trim()}`);
  try {
    return work(directory);
  } finally {
    ports.runner.run(['rm', '-rf', '--', directory]);
  }
}
