// npm runs this after `npm pack`. The bundle carries all that it needs: the packed copy must bring no packages into a
// folder that root runs from, and no scripts that only a checkout can run. The checkout's package.json is not touched,
// so that a kill at any moment harms nothing.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const { npm_package_name: name, npm_package_version: version, npm_config_dry_run: dryRun } = process.env;

if (dryRun !== 'true') {
  // Where npm has just put it: the folder that it was started in, if it was not given another.
  const { INIT_CWD = '.', npm_config_pack_destination: destination = '' } = process.env;
  strip(resolve(INIT_CWD, destination, `${name}-${version}.tgz`));
}

function strip(archive) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-pack-'));
  try {
    execFileSync('tar', ['-xzf', archive, '-C', folder]);
    const file = join(folder, 'package', 'package.json');
    const { dependencies, devDependencies, scripts, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, `${JSON.stringify(rest, null, 2)}\n`);
    execFileSync('tar', ['-czf', `${archive}.new`, '-C', folder, '--owner=0', '--group=0', 'package']);
    renameSync(`${archive}.new`, archive);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(`${archive}.new`, { force: true });
  }
}
