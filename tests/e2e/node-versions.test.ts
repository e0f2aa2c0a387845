import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { copyProgram, listNodes, nodePath } from '../support/nodes.ts';
import { askOathtool } from '../support/oathtool.ts';
import { blockFont, decodeByBoth, paintScreen } from '../support/picture.ts';
import { readScreen, themes } from '../support/screen.ts';
import { startTmux, type TmuxScreen } from '../support/tmux.ts';

/* The built program on each Node that people have, where another of them has run it before. */

describe.each(listNodes())('Node %s runs what another has left', (version) => {
  const node = nodePath(version);
  // 20.12.0 and 20.19 have one number of V8: each is the worst that can have been there before the other.
  const other = nodePath(version.startsWith('20.19') ? '20.12.0' : '20.19');
  let copy: ReturnType<typeof copyProgram>;
  let screen: TmuxScreen | undefined;
  const state = () => join(copy.folder, 'state');
  const run = (...words: readonly string[]) => {
    const argv = [copy.script, '--state-dir', state(), ...words];
    const { status, stdout, stderr } = spawnSync(node, argv, {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    return { status, stdout, stderr };
  };

  beforeAll(() => {
    copy = copyProgram();
  });
  beforeEach(() => {
    execFileSync(other, [copy.script, '--state-dir', state(), 'auth', 'two_factor', 'config']);
  });
  afterEach(() => screen?.stop());
  afterAll(() => copy.remove());

  it('in one command, with and without -o json', () => {
    expect(run('auth', 'two_factor', 'update', 'window=2')).toEqual({
      status: 0,
      stdout: 'window: 1 -> 2\n',
      stderr: '',
    });
    const json = run('-o', 'json', 'auth', 'two_factor', 'config');
    expect(json).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({ enabled: false, window: 2 });
    expect(run('-o', 'csv', 'account', 'user', 'query', 'username').stdout).toBe('username\nroot\n');
    expect(run('--help').stdout).toMatch(/^Usage: postern/);
  });

  it('on a terminal: the shell, its questions, and an enrolment by QR code', async () => {
    const tmux = startTmux(
      [node, copy.script, '--state-dir', state()],
      { columns: 80, rows: 30 },
      { TERM: 'xterm', LC_ALL: 'C.UTF-8', NO_COLOR: '1' },
    );
    screen = tmux;
    const enter = async (typed: string, until: RegExp) => {
      tmux.type(typed);
      tmux.press('Enter');
      return tmux.waitForText(until);
    };
    await tmux.waitForText(/\]> /);
    tmux.type('auth two_f');
    tmux.press('Tab');
    await tmux.waitForText(/auth two_factor/);
    await enter('config', /unenrolled +allow/);

    // A choice, a text, and hidden input.
    await enter('auth two_factor update --', /\? enabled \(true or false\):/);
    tmux.press('Down');
    await enter('', /\? services\.ssh/);
    tmux.press('C-c');
    await tmux.waitForText(/Cancelled\. Nothing was changed\./);
    await enter('account user create', /\? username \(/);
    await enter('ann', /created ann[\s\S]*\]> /);
    await enter('account user verify_twofactor_token root', /\? token \(a code\):/);
    expect(await enter('123456', /the account has no device/)).not.toContain('123456');

    await enter('clear', /\]> /);
    const shown = await enter('account user renew_2fa_secret root', /\? = help\): *$/m);
    const { zbar, jsqr } = decodeByBoth(paintScreen(readScreen(shown, themes.dark), blockFont, themes.dark));
    expect(zbar).toMatch(/^otpauth:/);
    expect(jsqr).toBe(zbar);
    const secret = new URL(zbar ?? '').searchParams.get('secret') ?? '';
    const [code = ''] = askOathtool(secret, { fromStep: Math.floor(Date.now() / 30_000) });
    await enter(code, /is confirmed[\s\S]*then type done/);
    await enter('done', /\]> /);
    expect(run('account', 'user', 'query', 'username', 'enrolled').stdout).toMatch(/ann +false\nroot +true/);
  });
});

/**
 * Prints the names of all functions that a program can come to by its globals and the modules MODULE... of Node.
 * `-e` so that each Node tells of itself.
 */
const listFunctions = `
  // Getters of classes, asked without an instance.
  process.on('unhandledRejection', () => {});
  const seen = new Set(), names = new Set();
  const walk = (value, depth) => {
    if (value === null || !['object', 'function'].includes(typeof value) || seen.has(value) || depth > 4) return;
    seen.add(value);
    for (const key of Reflect.ownKeys(value)) {
      let part;
      try { part = value[key]; } catch { continue; }
      if (typeof key === 'string' && typeof part === 'function') names.add(key);
      walk(part, depth + 1);
    }
    walk(Object.getPrototypeOf(value), depth + 1);
  };
  for (const value of [globalThis, [].keys(), new Map().keys(), ''.matchAll(/x/g), (function* () {})(), (async function* () {})()]) walk(value, 0);
  for (const name of process.argv.slice(1)) walk(require(name), 0);
  console.log([...names].join('\\n'));`;

it('calls nothing that the oldest of them lacks', () => {
  const dist = new URL('../../dist/', import.meta.url).pathname;
  const bundles = readdirSync(dist).filter((name) => name.endsWith('.cjs'));
  const texts = bundles.map((name) => readFileSync(join(dist, name), 'utf8'));
  const modules = new Set(
    texts.flatMap((text) =>
      Array.from(text.matchAll(/require\("((?:node:)?[a-z_/]+)"\)/g), ([, name = '']) => name),
    ),
  );
  expect([...modules]).toContain('node:util');
  const namesIn = (version: string) =>
    execFileSync(nodePath(version), ['-e', listFunctions, '--', ...modules], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .trim()
      .split('\n');
  const old = new Set(namesIn(listNodes()[0] ?? ''));
  const fresh = namesIn(listNodes().at(-1) ?? '').filter((name) => !old.has(name));
  expect(fresh).toEqual(
    expect.arrayContaining(['toSorted', 'styleText', 'groupBy', 'fromAsync', 'withResolvers']),
  );
  const called = fresh.flatMap((name) =>
    texts.flatMap((text, index) =>
      text.match(new RegExp(`[^.]\\.${name}\\)?\\(`)) ? [`${name} in ${bundles[index]}`] : [],
    ),
  );
  const harmless = [
    'toSorted', // of inquirer, in its sentence about a kind of prompt that there is not
    'key', // of inquirer's themes
    'bytes', // of our own source of random bytes
    'put', // of the QR code's
    'diff', // of our own
    'before', // of our own, around a line of the audit log
    'after',
  ];
  expect(called.filter((call) => !harmless.includes(call.split(' ')[0] ?? ''))).toEqual([]);
});

describe('on a Node that is too old', () => {
  const need = 'the program needs Node 18.19 or newer, and this is v16.20.2';
  const run = (...words: readonly string[]) => {
    const script = new URL('../../bin/postern.js', import.meta.url).pathname;
    const node = join(dirname(dirname(nodePath('18.19'))), '16.20.2/node');
    const { status, stdout, stderr } = spawnSync(node, [script, ...words], { encoding: 'utf8', input: '' });
    return { status, stdout, stderr };
  };

  it('a command says what it needs, and the way in', () => {
    const { status, stdout, stderr } = run('auth', 'two_factor', 'config');
    expect({ status, stdout }).toEqual({ status: 70, stdout: '' });
    expect(stderr.split('\n')[0]).toBe(`postern: ${need}`);
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const [way = ''] = /rm -rf .*/.exec(stderr) ?? [];
    expect(way).not.toBe('');
    expect(readme).toContain(`\n${way}\n`);
  });

  it('a sign-in is denied, and the log says why', () => {
    expect(run('pam')).toEqual({ status: 70, stdout: `LOG denied: ${need}FAIL`, stderr: '' });
  });
});
