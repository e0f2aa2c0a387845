import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyNode, copyProgram, nodePath } from '../support/nodes.ts';

/*
 * What bin/postern.js keeps of what V8 has compiled: used by the Node that made it for the source it was made of, and
 * never else, for V8 itself hardly looks.
 */

let copy: ReturnType<typeof copyProgram>;
let main: string;
beforeEach(() => {
  copy = copyProgram();
  main = join(copy.dist, 'postern.cjs');
});
afterEach(() => copy.remove());

type Run = { readonly node?: string; readonly flags?: readonly string[]; readonly options?: string };

/** Answers what a run printed, after it has gone well. */
function run(words: readonly string[], { node = process.execPath, flags = [], options }: Run = {}): string {
  const ran = spawnSync(node, [...flags, copy.script, ...words], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      POSTERN_STATE_DIR: join(copy.folder, 'state'),
      ...(options && { NODE_OPTIONS: options }),
    },
  });
  expect(ran.error).toBe(undefined);
  expect(ran).toMatchObject({ status: 0, stderr: '', signal: null });
  return ran.stdout;
}

const config = (by?: Run) => run(['auth', 'two_factor', 'config'], by);
const caches = () => readdirSync(copy.dist).filter((name) => name.includes('.cache'));
/** Changes whenever what is kept of the main file is made anew: it is then another file. */
const identity = () => statSync(`${main}.cache`).ino;

it('is made by the first run, for the sign-in too, and used by the next', () => {
  config();
  expect(caches()).toEqual(['pam-main.cjs.cache', 'postern.cjs.cache']);
  expect(statSync(`${main}.cache`).mode & 0o777).toBe(0o644);
  const made = identity();
  config();
  expect(identity()).toBe(made);
});

it('is never made while somebody signs in', () => {
  const ran = spawnSync(process.execPath, [copy.script, 'pam'], { input: '' });
  expect(ran.signal).toBeNull();
  expect(caches()).toEqual([]);
});

it('is made by the owner of the program alone, so that root leaves nothing in a folder of somebody else', () => {
  const asRoot = process.getuid?.() === 0 ? [] : ['unshare', '--user', '--map-root-user', '--map-auto'];
  const script = `cd '${copy.dist}'; chown 1 .; '${process.execPath}' ../bin/postern.js system version; chown 0 .`;
  const [command = '', ...args] = [...asRoot, 'sh', '-ec', script];
  expect(spawnSync(command, args, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  expect(caches()).toEqual([]);
});

describe('where it cannot be written, a run goes well', () => {
  it.each([
    ['a folder is in its place', () => mkdirSync(`${main}.cache`)],
    ['what a sign-in loads is gone', () => rmSync(join(copy.dist, 'pam-main.cjs'))],
  ])('%s', (_reason, harm) => {
    harm();
    expect(config()).toContain('window');
    expect(caches().filter((name) => /\d$/.test(name))).toEqual([]);
  });
});

const half = () => Math.floor(statSync(`${main}.cache`).size / 4);
function edit(path: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}

const damages: readonly { because: string; harm: () => void }[] = [
  { because: 'it is empty', harm: () => truncateSync(`${main}.cache`) },
  { because: 'it is one byte', harm: () => truncateSync(`${main}.cache`, 1) },
  { because: 'it is half written', harm: () => truncateSync(`${main}.cache`, half()) },
  { because: 'its last byte is missing', harm: () => truncateSync(`${main}.cache`, half() * 4 - 1) },
  {
    because: 'a bit has flipped in what V8 would run',
    harm: () => edit(`${main}.cache`, (bytes) => bytes.writeUInt8((bytes[half()] ?? 0) ^ 1, half())),
  },
  {
    because: 'its first page is zeros',
    harm: () => edit(`${main}.cache`, (bytes) => bytes.fill(0, 0, 4096)),
  },
  {
    because: 'it is garbage with the right end, twice',
    harm: () =>
      edit(`${main}.cache`, (bytes) => {
        const end = bytes.indexOf(`["${process.version}"`);
        const garbage = randomBytes(end / 2);
        garbage.copy(bytes);
        garbage.copy(bytes, end / 2);
      }),
  },
  {
    because: 'nothing but the end is there',
    harm: () => writeFileSync(`${main}.cache`, readFileSync(`${main}.cache`).subarray(half() * 2)),
  },
  {
    because: 'it is that of another file',
    harm: () => copyFileSync(join(copy.dist, 'pam-main.cjs.cache'), `${main}.cache`),
  },
];
it.each(damages)('is made anew, and harms no run, where $because', ({ harm }) => {
  const before = config();
  harm();
  const damaged = readFileSync(`${main}.cache`);
  expect(config()).toBe(before);
  expect(readFileSync(`${main}.cache`).equals(damaged)).toBe(false);
});

it('counts for its source alone, though another has its length and its time', () => {
  const { version } = JSON.parse(run(['system', 'version', '-o', 'json']));
  const other = version.replace(/./g, '9');
  const { atime, mtime } = statSync(main);
  edit(main, (bytes) => bytes.write(bytes.toString('latin1').replaceAll(version, other), 'latin1'));
  utimesSync(main, atime, mtime);
  expect(JSON.parse(run(['system', 'version', '-o', 'json']))).toMatchObject({ version: other });
});

describe('counts for the very Node that made it', () => {
  it.each([
    ['20.12.0', '20.19', 'V8 gives both the same number'],
    ['20.19', '20.12.0', 'sorts descending'],
    ['18.19', '26', 'nothing is alike'],
  ])('made by %s, %s makes its own: %s', (maker, starter) => {
    const before = config({ node: nodePath(maker) });
    const made = identity();
    expect(config({ node: nodePath(starter) })).toBe(before);
    expect(identity()).not.toBe(made);
  });

  it('and not for another at the same path with the same size and time', () => {
    const node = join(copy.folder, 'node');
    copyNode('20.19', node);
    utimesSync(node, 1e9, 1e9);
    config({ node });
    const made = identity();
    config({ node });
    expect(identity()).toBe(made);
    copyNode('20.19', node);
    utimesSync(node, 1e9, 1e9);
    config({ node });
    expect(identity()).not.toBe(made);
  });
});

describe('is left alone by a run with options for V8', () => {
  it.each([
    { flags: ['--no-opt'] },
    { flags: ['--max-lazy'] },
    { flags: ['--stack-size=900'] },
    { options: '--max-old-space-size=256' },
    { options: '--stack-trace-limit=5' },
  ])('%j', (by) => {
    const before = config(by);
    expect(caches()).toEqual([]);
    config();
    const made = identity();
    truncateSync(`${main}.cache`);
    expect(config(by)).toBe(before);
    expect(statSync(`${main}.cache`)).toMatchObject({ ino: made, size: 0 });
  });
});

it('is whole after any number of runs at once and kills in the middle', async () => {
  const start = () =>
    spawn(process.execPath, [copy.script, 'system', 'version'], {
      stdio: 'ignore',
      env: { PATH: process.env.PATH },
    });
  const ended = Array.from({ length: 12 }, (_, index) => {
    const child = start();
    if (index % 2 === 0) setTimeout(() => child.kill('SIGKILL'), 60 + 5 * index);
    return new Promise((resolve) => child.on('exit', resolve));
  });
  await Promise.all(ended);
  config();
  const made = identity();
  config();
  expect(identity()).toBe(made);
  expect(existsSync(main)).toBe(true);
});
