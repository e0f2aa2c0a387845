import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** A program of the tests, bundled with the sources it uses into a folder of its own. */
export type BundledDriver = { readonly path: string; readonly folder: string; remove(): void };

/** Bundles tests/support/NAME.ts. */
export function bundleDriver(name: string): BundledDriver {
  const folder = mkdtempSync(join(tmpdir(), 'postern-driver-'));
  const path = join(folder, `${name}.cjs`);
  buildSync({
    entryPoints: [new URL(`${name}.ts`, import.meta.url).pathname],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'cjs',
  });
  return { path, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
