import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { run } from '../support/store-lab.ts';

// What the program says, and leaves alone, where its answer reaches nobody.

const program = fileURLToPath(new URL('../../bin/postern.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'postern-unread-'));
const store = join(folder, 'store');
beforeEach(() => rmSync(store, { recursive: true, force: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A shell script in which `postern` is the program, in trial mode. */
function sh(script: string) {
  const argv = ['bash', '-c', `postern() { node ${program} --state-dir ${store} "$@"; }\n${script}`];
  return run(argv);
}

/** Runs the program with a reader of its standard output that goes away before it is written to. */
function runUnread(words: readonly string[]): Promise<{ status: number | null; stderr: string }> {
  const child = spawn('node', [program, '--state-dir', store, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stderr })));
}

const renew = 'account user renew_2fa_secret root';
const done = /error\[store\.output\]: .*; the command was carried out, and its recovery codes were not shown/;

async function expectSeenAgain(status: number | null, stderr: string): Promise<void> {
  expect(status, stderr).toBe(4);
  expect(stderr).toMatch(done);
  const [, hint = ''] = /hint: (.*)/.exec(stderr) ?? [];
  expect(hint).toBe('account user show_2fa_qr username=root device=default');
  const secret = /"secret": "([A-Z2-7]+)"/.exec(readFileSync(join(store, 'accounts/root.json'), 'utf8'))?.[1];
  expect((await sh(`postern -y -o json ${hint}`)).stdout).toContain(secret);
}

const sinks: readonly [where: string, script: string][] = [
  ['a device that is full', `postern -y ${renew} > /dev/full`],
  ['closed', `postern -y ${renew} >&-`],
  [
    'closed, and JSON is asked for',
    `postern -y -o json ${renew} >&- 2> ${folder}/json; status=$?
    sed -E 's/.*"code":"([^"]*)","message":"([^"]*)".*"hint":"([^"]*)".*/error[\\1]: \\2\\nhint: \\3/' ${folder}/json >&2; exit $status`,
  ],
];

test.each(sinks)(
  'a new secret that is not seen can be seen again: standard output is %s',
  async (_, script) => {
    const { status, stderr } = await sh(script);
    await expectSeenAgain(status, stderr);
  },
);

test.each(['provisioning_uri', 'twofactor_config', 'show_2fa_qr'])(
  'a secret that is shown again, and not seen: account user %s',
  async (command) => {
    const line = `postern account user ${command} root >&-`;
    const { status, stderr } = await sh(`postern -y ${renew} > /dev/null; ${line}`);
    expect(status, stderr).toBe(4);
    expect(stderr).toMatch(/error\[store\.output\]: .*; the secret was not seen/);
    expect(stderr).toContain('hint: account user show_2fa_qr username=root device=default');
  },
);

test('a new secret that is not seen can be seen again: its reader went away', async () => {
  const { status, stderr } = await runUnread(['-y', ...renew.split(' ')]);
  await expectSeenAgain(status, stderr);
});

test('a new secret that is not seen can be seen again: the disk of `> file` is full', async () => {
  const flags = process.geteuid?.() === 0 ? '-m' : '-rm';
  const disk = `mkdir -p ${folder}/disk; mount -t tmpfs -o size=4k none ${folder}/disk; head -c 4096 /dev/zero > ${folder}/disk/fill`;
  const line = `postern -y -c '${renew} > ${folder}/disk/secret'`;
  const inside = `postern() { node ${program} --state-dir ${store} "$@"; }; ${disk}; ${line}; status=$?; ls ${folder}/disk; exit $status`;
  const { status, stdout, stderr } = await run(['unshare', flags, 'bash', '-c', inside]);
  expect(stdout).toBe('fill\n');
  await expectSeenAgain(status, stderr);
});

test('recovery codes that are not seen can only be made anew', async () => {
  await sh(`postern -y ${renew}`);
  const { status, stderr } = await sh('postern -y account user renew_recovery_codes root > /dev/full');
  expect(status).toBe(4);
  expect(stderr).toMatch(
    /store\.output.*was carried out\n +hint: account user renew_recovery_codes root\n$/s,
  );
});

test.each([[[]], [['--keep-going']]])(
  'a script ends at once where nobody reads its answers %j',
  async (options) => {
    const lines = Array.from({ length: 5 }, (_, index) => `account user update root full_name=n${index}`);
    writeFileSync(join(folder, 'script'), `${lines.join('\n')}\n`);
    expect(await runUnread([...options, '-f', join(folder, 'script')])).toEqual({ status: 141, stderr: '' });
    expect(readFileSync(join(store, 'accounts/root.json'), 'utf8')).toContain('"full_name": "n0"');
  },
);

test('one answer that nobody reads is no error', async () => {
  const { status, stderr } = await runUnread(['auth', 'two_factor', 'config']);
  expect({ status, stderr }).toEqual({ status: 141, stderr: '' });
});

test('with -o json every line of standard error is JSON', async () => {
  await sh('postern account user update root full_name=n');
  writeFileSync(join(store, 'config.json'), '{');
  const { status, stdout, stderr } = await sh('postern -o json auth two_factor config');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ enabled: false });
  const said = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(said).toEqual([{ notice: { message: expect.stringContaining('using its last good copy') } }]);
  const unknown = await sh('postern -o jsn auth two_factor config');
  expect(unknown).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^postern: error\[usage/),
  });
});
