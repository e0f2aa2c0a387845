import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePath } from '../support/nodes.ts';

/* What `npm pack` makes of a built checkout, and its installation by the README's line. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const parts = [
  'bin',
  'dist',
  'src',
  'package.json',
  'package-lock.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];
let folder: string;
let checkout: string;
let manifest: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-pack-test-'));
  checkout = join(folder, 'checkout');
  for (const part of parts) cpSync(join(root, part), join(checkout, part), { recursive: true });
  // What a checkout may have got meanwhile, and another machine must not get.
  for (const name of ['postern.cjs.cache', 'postern.cjs.cache.12', 'pam_postern.so', 'postern-pam-check']) {
    writeFileSync(join(checkout, 'dist', name), 'of this machine');
  }
  manifest = readFileSync(join(checkout, 'package.json'), 'utf8');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a line of sh in the checkout without a network; `node` and `npm` are those of `bin`, and nothing is configured. */
function runOffline(line: string, bin: string, prefix = join(folder, 'prefix')) {
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return spawnSync('unshare', [...asRoot, '--net', 'sh', '-ec', line], {
    cwd: checkout,
    encoding: 'utf8',
    env: {
      PATH: [bin, process.env.PATH].join(delimiter),
      HOME: folder,
      npm_config_prefix: prefix,
      npm_config_cache: join(folder, 'cache'),
      npm_config_fetch_retries: '0',
    },
  });
}

/** A folder with `node` and `npm` in it. */
function makeBin(name: string, node: string, npm: string): string {
  const bin = join(folder, name);
  execFileSync('sh', ['-ec', 'mkdir "$1"; ln -s "$2" "$1/node"; ln -s "$3" "$1/npm"', '-', bin, node, npm]);
  return bin;
}

const debian12 = () => {
  const node = nodePath('18.20');
  return makeBin('debian12', node, join(dirname(dirname(node)), 'npm-9.2.0/bin/npm-cli.js'));
};
const here = () =>
  makeBin(
    'here',
    process.execPath,
    execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim(),
  );

describe.each([
  ['npm 9.2 on Node 18.20, as on Debian 12', debian12],
  ['the npm that is here', here],
])('with %s', (_name, makeIt) => {
  let bin: string;
  let prefix: string;
  let program: string;
  beforeAll(() => {
    bin = makeIt();
    prefix = `${bin}-prefix`;
    program = join(prefix, 'lib/node_modules/postern');
  });

  it('installs by the README’s line, without a network and without a warning', () => {
    const line = 'npm install -g "$(npm pack --silent)"';
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(line);
    const { status, stdout, stderr } = runOffline(line, bin, prefix);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/added 1 package/);
    // Not even for a moment is it changed: all that packing writes is the archive.
    expect(readFileSync(join(checkout, 'package.json'), 'utf8')).toBe(manifest);
    expect(readdirSync(checkout).filter((name) => !parts.includes(name))).toEqual([
      expect.stringMatching(/^postern-.*\.tgz$/),
    ]);
  });

  it('brings the program and nothing else', () => {
    const packed = JSON.parse(readFileSync(join(program, 'package.json'), 'utf8'));
    expect(Object.keys(packed)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/dependencies|scripts/i)]),
    );
    expect(packed).toMatchObject({
      name: 'postern',
      bin: { postern: 'bin/postern.js' },
      engines: { node: '>=18.19' },
    });
    expect(existsSync(join(program, 'node_modules'))).toBe(false);
    expect(readdirSync(join(prefix, 'lib/node_modules'))).toEqual(['postern']);
    const built = readdirSync(join(root, 'dist')).filter((name) => /\.(cjs|txt)$/.test(name));
    expect(readdirSync(join(program, 'dist')).sort()).toEqual(built.sort());
  });

  it('runs, and compiles once', () => {
    const line = `'${prefix}/bin/postern' --state-dir '${folder}/state' auth two_factor config`;
    for (const _ of [1, 2]) expect(runOffline(line, bin)).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(join(program, 'dist'))).toContain('postern.cjs.cache');
  });

  it('holds what the PAM module is made of', () => {
    const made = join(folder, 'made');
    const line = `make -s -C '${program}/src/pam' OUT='${made}/out' DESTDIR='${made}' install`;
    expect(runOffline(line, bin)).toMatchObject({ status: 0, stderr: '' });
    expect(
      execFileSync('find', [made, '-name', 'pam_postern.so'], { encoding: 'utf8' }).trim().split('\n'),
    ).toHaveLength(2);
  });
});
