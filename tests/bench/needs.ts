import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a part of the benchmark needs beside Node, each with the Debian package that has it. */
const packages: Readonly<Record<string, string>> = {
  make: 'make',
  gcc: 'gcc',
  script: 'bsdutils',
  oathtool: 'oathtool',
  unshare: 'util-linux',
  'stdio.h': 'libc6-dev',
  'security/pam_appl.h': 'libpam0g-dev',
  'pam_oath.so': 'libpam-oath',
};

/** Whether everything in `needs` is there; says what to install where it is not. */
export function haveAll(title: string, needs: readonly string[]): boolean {
  const missing = needs.filter((need) => !isThere(need));
  if (missing.length === 0) return true;
  console.log(`\n${title}: not measured, for want of ${missing.join(', ')}`);
  console.log(`  install: apt-get install ${missing.map((need) => packages[need]).join(' ')}`);
  return false;
}

function isThere(need: string): boolean {
  const own = readdirSync('/usr/lib').filter((name) => name.endsWith('-linux-gnu'));
  const folders = need.endsWith('.h')
    ? ['/usr/include']
    : need.endsWith('.so')
      ? ['/usr/lib/security', ...own.map((name) => `/usr/lib/${name}/security`)]
      : (process.env.PATH ?? '').split(':');
  return folders.some((folder) => existsSync(join(folder, need)));
}
