import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import type { Store } from '../../src/ports/store.ts';
import type { LockPatience } from '../../src/store/lock.ts';
import { listShards, shardPath } from '../../src/store/roster.ts';
import { openStore } from '../../src/store/store.ts';

/** A folder of its own for one test file; `remove` it afterwards. */
export type Lab = {
  readonly folder: string;
  /** Path of the bundled driver; built when first asked for. */
  driver(): string;
  remove(): void;
};

export function openLab(parent = tmpdir()): Lab {
  const folder = mkdtempSync(join(parent, 'postern-store-'));
  let built = '';
  return {
    folder,
    driver() {
      if (built === '') built = buildDriver(folder);
      return built;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function buildDriver(folder: string): string {
  const outfile = join(folder, 'driver.cjs');
  const nothing = join(folder, 'nothing.cjs');
  writeFileSync(nothing, 'module.exports = () => {};\n');
  buildSync({
    entryPoints: [fileURLToPath(new URL('./store-driver.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
    // As in the program itself: its handlers would end the process at a file size limit.
    alias: { 'when-exit': nothing },
  });
  return outfile;
}

export type Outcome = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a program to its end; its status is a result, not an error. */
export function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 1 << 26 };
    execFile(program, rest, options, (error, stdout, stderr) => {
      const failed = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ status: failed, stdout, stderr: stderr || (failed === null ? String(error) : '') });
    });
  });
}

/** The store of a directory, opened by the test itself. */
export function openReal(directory: string, patience?: LockPatience): Store {
  return openStore({
    directory,
    clock: systemClock,
    random: systemRandom,
    hostName: 'nas',
    ...(patience ? { patience } : {}),
  });
}

/** Every path below a directory, relative, sorted. */
export function listTree(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true }).map(String).sort();
}

/** Paths that must not be there when nobody is at work: locks, staged and temporary files, folders that were replaced, journals. */
export function listLeftovers(directory: string): readonly string[] {
  return listTree(directory).filter((path) =>
    /(^|\/)lock|\.(staged|tmp|former)-|^journal|\.changed$/.test(path),
  );
}

/** Documents whose last good copy has other content than they have themselves. */
export function listStaleCopies(directory: string): readonly string[] {
  return listTree(directory)
    .filter((path) => path.endsWith('.json') && existsSync(join(directory, `${path}.last-good`)))
    .filter((path) => {
      const [document, copy] = [path, `${path}.last-good`].map((each) => readFileSync(join(directory, each)));
      return !copy || document?.equals(copy) !== true;
    });
}

/** Content and mode of every file, for comparing a directory byte by byte. */
export function photograph(directory: string): Readonly<Record<string, string>> {
  const entries = listTree(directory).map((path): [string, string] => {
    const entry = statSync(join(directory, path));
    const content = entry.isFile() ? readFileSync(join(directory, path), 'base64') : '';
    return [path, `${(entry.mode & 0o7777).toString(8)} ${content}`];
  });
  return Object.fromEntries(entries);
}

/** Whom the roster names, sorted. */
export function listRoster(directory: string): readonly string[] {
  const names = listShards(join(directory, 'roster')).flatMap((shard) => {
    const { rows } = JSON.parse(readFileSync(join(directory, shardPath(shard)), 'utf8')) as {
      rows: string[];
    };
    return rows.map((row) => row.slice(row.indexOf(' ') + 1));
  });
  return names.sort();
}
