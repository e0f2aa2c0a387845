import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listCalls, strace } from '../support/store-calls.ts';
import { listLeftovers, listStaleCopies, listTree, openLab, openReal, run } from '../support/store-lab.ts';

// The disk reports an error at every system call that changes a file system, one run each. What the process says of
// its change must then be what is in force, for other processes too.

const lab = openLab();
afterAll(() => lab.remove());

function look(directory: string): string {
  const store = openReal(directory);
  const accounts = store.accountNames().map((name) => store.account(name));
  const looked = JSON.stringify({ settings: store.settings(), accounts });
  expect(store.takeNotices()).toEqual([]);
  return looked;
}

type Answer = { readonly status: number | null; readonly output: string; readonly inForce: boolean };

async function failEverywhere(verb: string, argument: string, error: string): Promise<readonly Answer[]> {
  const before = join(lab.folder, `before-${verb}`);
  for (const [each, word] of [
    ['issuer', 'old'],
    ['import', 'old'],
  ] as const) {
    await run(['node', lab.driver(), each, before, word]);
  }
  const directory = join(lab.folder, `failed-${verb}`);
  const argv = ['node', lab.driver(), verb, directory, argument];
  const reset = () => {
    rmSync(directory, { recursive: true, force: true });
    cpSync(before, directory, { recursive: true });
  };
  reset();
  const old = look(directory);
  const all = await listCalls(directory, argv, join(lab.folder, 'calls'), 'readlink,statfs');
  const calls = all.filter(({ text }) => text.includes(directory));
  const changed = look(directory);
  expect(changed).not.toBe(old);

  const answers: Answer[] = [];
  for (const { call, when } of calls) {
    reset();
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}:when=${when}`];
    const { status, stdout, stderr } = await run([...strace, '-o', '/dev/null', ...inject, ...argv]);
    const where = `${error} at ${call} number ${when}: ${stderr}`;
    expect([0, 4], where).toContain(status);
    const found = look(directory);
    expect(found, where).toBe(status === 0 ? changed : old);
    // What a journal says is in force has its copies once the next change has finished it.
    if (!existsSync(join(directory, 'journal.json'))) expect(listStaleCopies(directory), where).toEqual([]);
    answers.push({ status, output: stdout + stderr, inForce: found === changed });
    const next = openReal(directory, { holderMs: 1000, totalMs: 1000 });
    await next.withLock((transaction) => transaction.save({ settings: transaction.settings() }));
    expect(look(directory), where).toBe(found);
    expect(listLeftovers(directory), where).toEqual([]);
    expect(listStaleCopies(directory), where).toEqual([]);
  }
  return answers;
}

const refusal = /^store\.\w+: cannot (read .*|write .*; (the old content is in place|nothing was changed))\n/;
const doubt = /the change is in force, but the disk did not confirm it \(.*input\/output error\)/;

test.each([
  ['issuer', 'new'],
  ['import', 'new'],
  ['drop', 'bob'],
])(
  'an I/O error anywhere in the change "%s" is answered by what is in force',
  async (verb, argument) => {
    const answers = await failEverywhere(verb, argument, 'EIO');
    expect(answers.length).toBeGreaterThan(8);
    expect(answers.some(({ status }) => status === 4)).toBe(true);
    // The sync of the directory, after the rename.
    expect(answers.filter(({ inForce, output }) => inForce && doubt.test(output)).length).toBeGreaterThan(0);
    for (const { status, output } of answers) if (status === 4) expect(output).toMatch(refusal);
  },
  300_000,
);

test.each([
  [
    'ENOSYS',
    /^store\.no_links: the file system of .*store has no symbolic links, .*; nothing was changed\n$/,
  ],
  ['EPERM', /^permission\.store: cannot write .*lock: the system does not allow it; nothing was changed\n$/],
])('a lock that cannot be made is told before anything is written: %s', async (error, sentence) => {
  const directory = join(lab.folder, `no-links-${error}`, 'store');
  const inject = ['-e', 'trace=symlink', '-e', `inject=symlink:error=${error}`];
  const argv = ['node', lab.driver(), 'issuer', directory, 'new'];
  const outcome = await run([...strace, '-o', '/dev/null', ...inject, ...argv]);
  expect(outcome).toMatchObject({ status: 4, stderr: expect.stringMatching(sentence) });
  expect(listTree(directory)).toEqual([]);
});

test('a sign-in whose account is saved, but not surely on the disk, is refused', async () => {
  const answers = await failEverywhereForSignIn();
  expect(answers).toMatch(/^store\.write_failed: the change is in force, but the disk did not confirm it/);
});

/** The directory is the last thing that is synced. */
async function failEverywhereForSignIn(): Promise<string> {
  const directory = join(lab.folder, 'sign-in');
  await run(['node', lab.driver(), 'import', directory, 'old']);
  const argv = ['node', lab.driver(), 'sign-in', directory, 'new'];
  const calls = await listCalls(directory, argv, join(lab.folder, 'calls'));
  const last = calls.filter(({ call }) => call === 'fsync').at(-1)?.when;
  const inject = ['-e', 'trace=fsync', '-e', `inject=fsync:error=EIO:when=${last}`];
  const outcome = await run([...strace, '-o', '/dev/null', ...inject, ...argv]);
  expect(outcome.status).toBe(4);
  return outcome.stderr;
}
