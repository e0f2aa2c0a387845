import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { run } from './store-lab.ts';

// Which system calls a process makes that changes a store, for tests that strike at each of them.

const writingCalls =
  'open openat creat write pwrite64 writev fsync fdatasync rename renameat renameat2 link linkat symlink symlinkat ' +
  'unlink unlinkat rmdir mkdir mkdirat chmod fchmod fchmodat ftruncate truncate fallocate';
// The question mark: not every machine has each of them.
const allWritingCalls = writingCalls.replaceAll(' ', ',?');
// Not with --seccomp-bpf, with which strace 6.1 delivers no signal.
export const strace = ['strace', '-f', '-qq'];

/** One system call: its name, which one of that name it is in the main thread, and as strace shows it, with paths. */
export type Call = { readonly call: string; readonly when: number; readonly text: string };

/** All writing calls from the lock's creation on, from a run that nobody disturbs. */
export async function listCalls(
  directory: string,
  argv: readonly string[],
  log: string,
  more = '',
): Promise<readonly Call[]> {
  const traced = await run([
    ...strace,
    '-y',
    '-o',
    log,
    '-e',
    `trace=?${allWritingCalls}${more === '' ? '' : `,${more}`}`,
    ...argv,
  ]);
  expect(traced, traced.stderr).toMatchObject({ status: 0 });
  const lines = readFileSync(log, 'utf8').split('\n');
  const mainThread = lines[0]?.split(' ')[0];
  const counts = new Map<string, number>();
  const calls: Call[] = [];
  let isAtWork = false;
  for (const line of lines) {
    const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread !== mainThread || call === undefined) continue;
    const when = (counts.get(call) ?? 0) + 1;
    counts.set(call, when);
    isAtWork ||= line.includes(directory) && (call === 'symlink' || call === 'mkdir');
    if (isAtWork) calls.push({ call, when, text: line });
  }
  return calls;
}
