import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemRandom } from '../../src/platform/random.ts';
import { openAuditLog } from '../../src/store/audit.ts';
import { firstAccount } from '../../src/store/defaults.ts';
import { describeSelf, formatHolder } from '../../src/store/holder.ts';
import { listLeftovers, openLab, openReal, run } from '../support/store-lab.ts';

const lab = openLab();
beforeAll(() => void lab.driver());
afterAll(() => lab.remove());

/** A process that has the lock and keeps it until it is killed. */
async function startHolder(directory: string): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn('node', [lab.driver(), 'hold', directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child as ChildProcess & { readonly pid: number };
}

async function waitFor(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('four processes with 500 changes each lose none', async () => {
  const directory = join(lab.folder, 'four');
  const argv = ['node', lab.driver(), 'count', directory, '500'];
  const outcomes = await Promise.all([run(argv), run(argv), run(argv), run(argv)]);
  expect(outcomes.map((outcome) => outcome.stderr)).toEqual(['', '', '', '']);
  expect(openReal(directory).account('root')?.failures).toBe(2000);
  expect(listLeftovers(directory)).toEqual([]);
}, 180_000);

test('50 processes at the same moment all get through', async () => {
  const directory = join(lab.folder, 'fifty');
  const argv = ['node', lab.driver(), 'count', directory, '1'];
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => run(argv)));
  expect(outcomes.filter((outcome) => outcome.status !== 0)).toEqual([]);
  expect(openReal(directory).account('root')?.failures).toBe(50);
}, 180_000);

test('a stopped holder is waited for, then named with the way to wake it', async () => {
  const directory = join(lab.folder, 'stopped');
  const holder = await startHolder(directory);
  try {
    process.kill(holder.pid, 'SIGSTOP');
    const store = openReal(directory, { holderMs: 300, totalMs: 300 });
    const startedMs = performance.now();
    const problems = [
      {
        code: 'store.busy',
        message: `the store is in use by process ${holder.pid}, which is stopped`,
        hint: `kill -CONT ${holder.pid}`,
      },
    ];
    await expect(store.withLock(() => 'got it')).rejects.toMatchObject({ problems });
    expect(performance.now() - startedMs).toBeGreaterThan(290);
    expect(readlinkSync(join(directory, 'lock'))).toContain(`${holder.pid}:`);
  } finally {
    await kill(holder);
  }
  const store = openReal(directory, { holderMs: 300, totalMs: 300 });
  await expect(store.withLock(() => 'got it')).resolves.toBe('got it');
  const notice = `process ${holder.pid} died during a change: its lock was taken over`;
  expect(store.takeNotices()).toEqual([notice]);
});

test('a holder that goes on is waited for', async () => {
  const directory = join(lab.folder, 'waited');
  const holder = await startHolder(directory);
  const waiting = openReal(directory).withLock(() => 'got it');
  holder.stdin?.write('x');
  await expect(waiting).resolves.toBe('got it');
  await kill(holder);
});

const self = describeSelf(systemRandom);
const nonce = 'aaaaaaaaaaaa';
const deadHolders: readonly [reason: string, text: string][] = [
  ['its pid is gone', formatHolder({ ...self, pid: 4_194_303, nonce })],
  ['its pid is another process now', formatHolder({ ...self, startTicks: '1', nonce })],
  ['it ran before the last boot', formatHolder({ ...self, boot: '000000000001', nonce })],
  ['the same in another container', formatHolder({ ...self, boot: '000000000001', namespace: '1', nonce })],
];

test.each(deadHolders)('a dead lock is taken over: %s', async (_, text) => {
  const directory = join(lab.folder, 'dead');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o700 });
  symlinkSync(text, join(directory, 'lock'));
  // A breaker that died as well, between taking the guard and using it.
  symlinkSync(text.replace(nonce, 'bbbbbbbbbbbb'), join(directory, `lock.${nonce}`));
  await expect(openReal(directory).withLock(() => 'got it')).resolves.toBe('got it');
  expect(readdirSync(directory)).toEqual([]);
});

const liveHolders: readonly [reason: string, text: string, message: RegExp][] = [
  ['a process like any other', formatHolder({ ...self, nonce }), /in use by process \d+$/],
  [
    'of another container',
    formatHolder({ ...self, pid: 4_194_303, namespace: '1', nonce }),
    /another container/,
  ],
  ['no start time known', formatHolder({ ...self, startTicks: '0', nonce }), /in use by process \d+$/],
  ['no boot id known', formatHolder({ ...self, boot: '0', nonce }), /in use by process \d+$/],
  ['no lock of ours', '/etc/passwd', /not a lock that Postern made/],
];

test.each(liveHolders)('in doubt a lock is left alone: %s', async (_, text, message) => {
  const directory = join(lab.folder, 'alive');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o700 });
  symlinkSync(text, join(directory, 'lock'));
  const store = openReal(directory, { holderMs: 30, totalMs: 30 });
  const error = { code: 'store.busy', message: expect.stringMatching(message) };
  await expect(store.withLock(() => 'got it')).rejects.toMatchObject(error);
  expect(readlinkSync(join(directory, 'lock'))).toBe(text);
});

test('a zombie holds nothing', async () => {
  const directory = join(lab.folder, 'zombie');
  const fifo = join(lab.folder, 'fifo');
  expect((await run(['mkfifo', fifo])).status).toBe(0);
  // The shell kills its child and never waits for it.
  const script = `exec 3<>${fifo}; node ${lab.driver()} hold ${directory} < ${fifo} > /dev/null & 
    until [ -L ${directory}/lock ]; do sleep 0.02; done
    kill -9 $!; echo ready; exec sleep 30`;
  const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await once(shell.stdout, 'data');
    const store = openReal(directory, { holderMs: 2000, totalMs: 2000 });
    await expect(store.withLock(() => 'got it')).resolves.toBe('got it');
  } finally {
    await kill(shell);
  }
});

test('a breaker that was late does not take the lock of the one that was first', async () => {
  const directory = join(lab.folder, 'late');
  mkdirSync(directory, { mode: 0o700 });
  symlinkSync(deadHolders[0]?.[1] ?? '', join(directory, 'lock'));
  // It has found the holder dead, and is held up before it makes the guard.
  const log = join(lab.folder, 'late-calls');
  const delay = 'inject=symlink:delay_enter=1500000:when=2';
  const late = run([
    ...['strace', '-f', '-qq', '-o', log, '-e', 'trace=symlink', '-e', delay],
    ...['node', lab.driver(), 'count', directory, '1'],
  ]);
  await waitFor(() => existsSync(log) && readFileSync(log, 'utf8').split('symlink(').length > 2);
  await openReal(directory).withLock(async (transaction) => {
    const ours = readlinkSync(join(directory, 'lock'));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(readlinkSync(join(directory, 'lock'))).toBe(ours);
    transaction.save({ accounts: new Map([['root', { ...firstAccount(), failures: 10 }]]) });
  });
  expect(await late).toMatchObject({ status: 0, stderr: '' });
  expect(openReal(directory).account('root')?.failures).toBe(11);
  expect(listLeftovers(directory)).toEqual([]);
}, 30_000);

test('two breakers at once never both hold, and no change is lost', async () => {
  for (let round = 0; round < 12; round++) {
    const directory = join(lab.folder, `breakers-${round}`);
    mkdirSync(directory, { mode: 0o700 });
    symlinkSync(deadHolders[round % 3]?.[1] ?? '', join(directory, 'lock'));
    const argv = ['node', lab.driver(), 'count', directory, '3'];
    const outcomes = await Promise.all([run(argv), run(argv), run(argv), run(argv)]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([0, 0, 0, 0]);
    expect(openReal(directory).account('root')?.failures).toBe(12);
    const breakers = outcomes.filter((outcome) => outcome.stderr.includes('was taken over'));
    expect(breakers.length).toBe(1);
    expect(listLeftovers(directory)).toEqual([]);
  }
}, 120_000);

test('processes killed again and again never let two in at once', async () => {
  const directory = join(lab.folder, 'killed');
  const script = `for i in $(seq 8); do timeout -s KILL 0.$((RANDOM % 5 + 3)) node ${lab.driver()} count ${directory} 999; done`;
  const counting = ['node', lab.driver(), 'count', directory, '150'];
  const outcomes = await Promise.all([
    run(counting),
    run(counting),
    run(['bash', '-c', script]),
    run(['bash', '-c', script]),
  ]);
  expect(outcomes.slice(0, 2).map((outcome) => outcome.status)).toEqual([0, 0]);
  const reported = outcomes.map((outcome) => outcome.stdout.split('.').length - 1).reduce((a, b) => a + b, 0);
  const counted = openReal(directory).account('root')?.failures ?? 0;
  expect(reported).toBeGreaterThanOrEqual(300);
  expect(counted).toBeGreaterThanOrEqual(reported);
  // One at most for each that was killed between its change and its dot.
  expect(counted).toBeLessThanOrEqual(reported + 16);
  await openReal(directory).withLock(() => undefined);
  expect(listLeftovers(directory)).toEqual([]);
}, 120_000);

test('processes that write to the audit log at once tear no line and put aside no log too early', async () => {
  const directory = join(lab.folder, 'audit');
  const argv = ['node', lab.driver(), 'audit', directory, '300'];
  const outcomes = await Promise.all([run(argv), run(argv), run(argv), run(argv)]);
  expect(outcomes.map((outcome) => outcome.stderr)).toEqual(['', '', '', '']);
  const former = readFileSync(join(directory, 'audit.jsonl.1'), 'utf8');
  expect(former.length).toBeGreaterThanOrEqual(8000);
  const lines = openAuditLog({ directory, random: systemRandom })
    .read()
    .map((entry) => entry.line);
  const present = existsSync(join(directory, 'audit.jsonl'))
    ? readFileSync(join(directory, 'audit.jsonl'), 'utf8')
    : '';
  expect(lines.length).toBe((former + present).split('\n').filter((line) => line !== '').length);
  expect(new Set(lines).size).toBe(lines.length);
  expect(listLeftovers(directory)).toEqual([]);
}, 60_000);
