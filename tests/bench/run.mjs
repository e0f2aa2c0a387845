// Bundles the benchmark, which is TypeScript like the rest, and runs it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'));
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
    define: { 'import.meta.url': JSON.stringify(new URL('bench.ts', import.meta.url).href) },
  });
  const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
