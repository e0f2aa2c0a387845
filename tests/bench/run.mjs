// Bundles the benchmark, which is TypeScript like the rest, and runs it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Files find what lies beside them by their own address, which bundling would take from them. */
const keepUrls = {
  name: 'keep-urls',
  setup(plugin) {
    plugin.onLoad({ filter: /\/tests\/.*\.ts$/ }, async ({ path }) => ({
      loader: 'ts',
      contents: (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
    }));
  },
};

// Inside the project, so that its packages are found.
mkdirSync('dist', { recursive: true });
const folder = mkdtempSync('dist/bench-');
try {
  const outfile = join(folder, 'bench.cjs');
  await build({
    entryPoints: ['tests/bench/bench.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.12',
    external: ['esbuild'],
    logLevel: 'warning',
    plugins: [keepUrls],
  });
  const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
