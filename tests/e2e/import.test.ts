import { spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createAccount } from '../../src/domain/two-factor/enrol.ts';
import { defaultSettings } from '../../src/store/defaults.ts';
import { type PtyProgram, programPath, startOnPty } from '../support/program-pty.ts';
import { listLeftovers, openLab, openReal, run } from '../support/store-lab.ts';

// An import of many accounts by the built program: on a terminal, beside readers.

const lab = openLab();
let program: PtyProgram | undefined;
afterEach(() => program?.stop());
afterAll(() => lab.remove());

/** An export of so many accounts. */
function writeExport(count: number): string {
  const accounts = Array.from({ length: count }, (_, index) => createAccount(`u${index}`));
  const path = join(lab.folder, `${count}.json`);
  const top = { postern_export: 1, exported: 'now', host: 'nas', secrets: true };
  writeFileSync(path, JSON.stringify({ ...top, settings: defaultSettings('nas'), accounts }));
  return path;
}

const words = (path: string) => ['--yes', 'system', 'config', 'import', `file=${path}`];

test('Ctrl-C ends it, and the store is as it was', async () => {
  program = startOnPty(words(writeExport(30_000)));
  await program.waitForOutput(/postern: writing the accounts: [1-9]\d* %/);
  expect(readdirSync(join(program.folder, 'state')).join()).toMatch(/accounts\.staged-/);
  program.type('\x03');
  expect(await program.exited).toBe(130);
  expect(program.output()).toContain('Cancelled. Nothing was changed.');
  const state = join(program.folder, 'state');
  expect(listLeftovers(state)).toEqual([]);
  expect(existsSync(join(state, 'accounts'))).toBe(false);
  expect(openReal(state).accountNames()).toEqual(['root']);
});

test('how far it is is shown on a terminal, and taken away before the answer', async () => {
  program = startOnPty(words(writeExport(600)));
  expect(await program.exited).toBe(0);
  const [shown = '', answer = ''] = program.output().split(/\r +\r(?!.*\r +\r)/s);
  expect(shown).toMatch(/\rpostern: writing the accounts: \d+ %/);
  expect(shown).toContain('\rpostern: done, removing what was replaced');
  expect(answer).toContain('accounts.u0.username: - -> u0');
  expect(openReal(join(program.folder, 'state')).accountNames()).toHaveLength(601);
});

test('nothing of that is written to what is no terminal', async () => {
  const state = join(lab.folder, 'state');
  const { status, stderr } = await run([
    'node',
    programPath,
    '--state-dir',
    state,
    ...words(writeExport(600)),
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('whoever reads meanwhile finds every account at every moment', async () => {
  const directory = join(lab.folder, 'read');
  await run(['node', lab.driver(), 'import', directory, 'old']);
  const rounds = 'for round in 1 2 3 4 5 6 7 8 9 10; do node "$0" stage "$1" "r$round" || exit 1; done';
  const writer = spawn('sh', ['-c', rounds, lab.driver(), directory], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  writer.stderr.on('data', (text) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve) => writer.on('exit', resolve));
  const seen = new Set<string | undefined>();
  let reads = 0;
  while (writer.exitCode === null) {
    const store = openReal(directory);
    for (let turn = 0; turn < 50; turn++, reads++) {
      expect(store.account('old')?.username).toBe('old');
      seen.add(store.account('ann')?.full_name);
    }
    expect(store.account('nobody')).toBeUndefined();
    expect(store.accountNames()).toEqual(expect.arrayContaining(['ann', 'bob', 'old', 'root']));
    expect(store.takeNotices()).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await ended, said).toBe(0);
  expect(seen).toContain('r10');
  expect(reads).toBeGreaterThan(1000);
  expect(openReal(directory).account('ann')?.full_name).toBe('r10');
});
