import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeFolder } from './wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let paths: readonly string[] | undefined;

/** Versions of the Nodes of tests/nodes.sh, oldest first; throws where one cannot be had. */
export function listNodes(): readonly string[] {
  paths ??= execFileSync('sh', [join(root, 'tests/nodes.sh')], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return paths.map((path) => basename(dirname(path)));
}

/** Path of one of them, by the beginning of its version: `18.19`. */
export function nodePath(version: string): string {
  const index = listNodes().findIndex((name) => `${name}.`.startsWith(`${version}.`));
  const path = paths?.[index];
  if (path === undefined) throw new Error(`tests/nodes.sh has no Node ${version}`);
  return path;
}

/**
 * Copies one of them to `path`, to be run there. By cp(1): what another thread starts meanwhile would inherit our open
 * file, and a program that is open for writing cannot be run (ETXTBSY).
 */
export function copyNode(version: string, path: string): void {
  execFileSync('cp', ['--', nodePath(version), path]);
}

/** A copy of the built program, with nothing compiled yet: `dist` and the path of bin/postern.js. */
export function copyProgram() {
  const folder = mkdtempSync(join(tmpdir(), 'postern-copy-'));
  const dist = join(folder, 'dist');
  for (const part of ['bin', 'dist']) cpSync(join(root, part), join(folder, part), { recursive: true });
  for (const name of readdirSync(dist)) if (name.includes('.cache')) rmSync(join(dist, name));
  return {
    folder,
    dist,
    script: join(folder, 'bin/postern.js'),
    /** Waits for a run that is about to end, and keeps what it has compiled. */
    remove: () => removeFolder(folder),
  };
}
