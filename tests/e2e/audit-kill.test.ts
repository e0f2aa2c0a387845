import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { listCalls, strace } from '../support/store-calls.ts';
import { openLab, run } from '../support/store-lab.ts';

// The whole program is killed at its every system call that changes a file system: a change that is in force has its
// line in the audit log.

const program = fileURLToPath(new URL('../../bin/postern.js', import.meta.url));
const lab = openLab();
const folder = mkdtempSync(join(tmpdir(), 'postern-audit-'));
afterAll(() => {
  lab.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('no kill leaves a change in force without its audit line', async () => {
  const [before, directory] = [join(folder, 'before'), join(folder, 'store')];
  const postern = (where: string, name: string) => [
    ...['node', program, '--state-dir', where],
    ...['account', 'user', 'update', 'root', `full_name=${name}`],
  ];
  await run(postern(before, 'old'));
  const argv = postern(directory, 'new');
  const reset = () => {
    rmSync(directory, { recursive: true, force: true });
    cpSync(before, directory, { recursive: true });
  };
  reset();
  const calls = await listCalls(directory, argv, join(folder, 'calls'));
  const seen = new Set<string>();
  for (const { call, when, text } of calls.filter((each) => each.text.includes(directory))) {
    reset();
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${when}`];
    await run([...strace, '-o', '/dev/null', ...inject, ...argv]);
    const isInForce = readFileSync(join(directory, 'accounts/root.json'), 'utf8').includes(
      '"full_name": "new"',
    );
    const isLogged = readFileSync(join(directory, 'audit.jsonl'), 'utf8').includes('full_name=new');
    expect(isInForce && !isLogged, text).toBe(false);
    seen.add(`${isInForce} ${isLogged}`);
  }
  expect([...seen].sort()).toEqual(['false false', 'false true', 'true true']);
}, 300_000);

test('an audit log that is new, or put aside, is on the disk with its name', async () => {
  const directory = join(folder, 'names');
  const log = join(folder, 'log');
  const trace = ['-e', 'trace=openat,rename,fsync,fdatasync'];
  await run([...strace, '-y', '-o', log, ...trace, 'node', lab.driver(), 'audit', directory, '120']);
  expect(existsSync(join(directory, 'audit.jsonl.1'))).toBe(true);
  const calls = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes(directory) && !/O_DIRECTORY|O_RDONLY/.test(line))
    .map((line) => line.replace(/^\d+ +/, '').replaceAll(directory, 'DIR'));
  const first = calls.findIndex((line) => line.includes('audit.jsonl'));
  expect(calls.slice(first, first + 3)).toEqual([
    expect.stringMatching(/^openat\(.*DIR\/audit\.jsonl"/),
    expect.stringMatching(/^fdatasync\(.*DIR\/audit\.jsonl>/),
    expect.stringMatching(/^fsync\(\d+<DIR>/),
  ]);
  const renamed = calls.findIndex((line) => line.startsWith('rename('));
  expect(calls[renamed + 1]).toMatch(/^fsync\(\d+<DIR>/);
});
