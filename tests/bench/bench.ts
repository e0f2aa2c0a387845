import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { createRegistry } from '../../src/commands/registry.ts';
import { completeLine } from '../../src/registry/complete.ts';
import { builtinCommands } from '../../src/shell/builtins.ts';
import {
  type Candidate,
  compare,
  emptyEnvironment,
  measurePeakMib,
  median,
  nodeAlone,
  percentile,
  timeRun,
} from './measure.ts';
import { haveAll } from './needs.ts';
import { benchPam } from './pam.ts';
import { benchFirstPrompt } from './shell.ts';

/*
 * npm run bench [-- RUNS [pam]]: what a start costs, as ratios to `node -e 0` in the same run, in an empty environment, with the
 * store on disk and in memory. Medians of pairs; an idle machine gives steadier figures, a busy one the same ratios.
 */

/** What statfs(2) calls tmpfs. */
const tmpfsMagic = 0x01021994;
const runs = Math.max(20, Number(process.argv[2] ?? 21));
const program = join(dirname(fileURLToPath(import.meta.url)), '../../bin/postern.js');
/** The folder of the stores: on disk first, in memory later. */
let folder = '';
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

main();

async function main(): Promise<void> {
  console.log(`Node ${process.version} (${process.execPath}), V8 ${process.versions.v8}, ${process.arch}`);
  if (process.argv[3] !== 'pam') {
    await inPlace('/var/tmp', async (where) => {
      const enrolled = makeEnrolledStore('enrolled');
      const starts = benchStarts(enrolled, where);
      console.log('\nPeak memory, MiB');
      for (const { name, argv, env, prepare } of [nodeAlone, ...starts]) {
        const whole = [...argv, ...(prepare?.(0) ?? [])] as unknown as [string, ...string[]];
        console.log(`  ${name.padEnd(48)} ${measurePeakMib(whole, env).toFixed(1)}`);
      }
      const [few, ...more] = [10, 1_000, 100_000].map((count) =>
        verifyAs(makeCrowd(count), `with ${count} accounts`),
      );
      if (few) report('A right code, by the number of accounts', compare(few, more, runs));
      reportScripts(enrolled, where);
      reportQrBytes(enrolled);
      reportCompletion();
      if (haveAll('The first prompt', ['script']))
        await benchFirstPrompt(`'${process.execPath}' '${program}' --state-dir '${enrolled}'`, runs);
    });
    await inPlace('/dev/shm', (where) => {
      const enrolled = makeEnrolledStore('enrolled');
      benchStarts(enrolled, where);
      reportScripts(enrolled, where);
    });
  }
  const needs = ['make', 'gcc', 'stdio.h', 'security/pam_appl.h', 'pam_oath.so', 'oathtool', 'unshare'];
  if (haveAll('A PAM conversation', needs)) await benchPam(runs);
}

/** Measures with stores below `place`, and says what kind of place that is. */
async function inPlace(place: string, work: (where: string) => Promise<void> | void): Promise<void> {
  const isMemory = statfsSync(place).type === tmpfsMagic;
  folder = mkdtempSync(join(place, 'postern-bench-'));
  try {
    await work(`${place}, ${isMemory ? 'in memory' : 'on disk'}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function benchStarts(enrolled: string, where: string): readonly Candidate[] {
  const starts = [
    configCommand(enrolled),
    updateCommand(enrolled),
    verifyCommand(enrolled),
    versionCommand(enrolled),
  ];
  report(`A start, against node -e 0, the store in ${where}`, compare(nodeAlone, starts, runs));
  return starts;
}

function report(title: string, rows: ReturnType<typeof compare>): void {
  console.log(`\n${title} (${runs} pairs)`);
  for (const { name, ratio, ms } of rows)
    console.log(`  ${name.padEnd(48)} ${ratio.toFixed(2)} x   ${ms.toFixed(0)} ms`);
}

/** As it is called on an appliance, with no option; the store of the benchmark comes by the environment. */
function postern(directory: string, ...words: string[]): Pick<Candidate, 'argv' | 'env'> {
  return { argv: [process.execPath, program, ...words], env: { POSTERN_STATE_DIR: directory } };
}

function configCommand(directory: string): Candidate {
  return { name: 'auth two_factor config', ...postern(directory, 'auth', 'two_factor', 'config') };
}

function versionCommand(directory: string): Candidate {
  return { name: '--version', ...postern(directory, '--version') };
}

/** A real change, synced to disk: each run switches off a store that is on. */
function updateCommand(from: string): Candidate {
  const directory = join(folder, 'update');
  return {
    name: 'auth two_factor update enabled=false',
    ...postern(directory, 'auth', 'two_factor', 'update', 'enabled=false'),
    prepare: () => {
      rmSync(directory, { recursive: true, force: true });
      cpSync(from, directory, { recursive: true });
      return undefined;
    },
  };
}

function verifyCommand(from: string): Candidate {
  const directory = join(folder, 'verify');
  return {
    name: 'account user verify_twofactor_token',
    ...postern(directory, 'account', 'user', 'verify_twofactor_token', 'username=root'),
    prepare: () => {
      rmSync(directory, { recursive: true, force: true });
      cpSync(from, directory, { recursive: true });
      return [`token=${currentCode()}`];
    },
  };
}

/** Each run is another account's first code. */
function verifyAs(directory: string, name: string): Candidate {
  let next = 0;
  return {
    name,
    ...postern(directory, 'account', 'user', 'verify_twofactor_token'),
    prepare: () => {
      const username = `user${next++}`;
      // Few accounts come round again: their last code is forgotten.
      writeFileSync(join(directory, 'accounts', `${username}.json`), accountText(username), { mode: 0o600 });
      return [`username=${username}`, `token=${currentCode()}`];
    },
  };
}

function makeEnrolledStore(name: string): string {
  const directory = join(folder, name);
  for (const words of [
    ['account', 'user', 'renew_2fa_secret', 'username=root', `secret=${secret}`],
    ['auth', 'two_factor', 'update', 'enabled=true', 'force=true'],
  ]) {
    timeRun({ name: words.join(' '), ...postern(directory, ...words) }, 0);
  }
  return directory;
}

let template: string | undefined;

function accountText(username: string): string {
  template ??= readFileSync(join(folder, 'enrolled', 'accounts', 'root.json'), 'utf8');
  // Without its checksum it counts as it stands.
  return JSON.stringify({ ...JSON.parse(template), checksum: undefined, username, admin: false });
}

function makeCrowd(count: number): string {
  const directory = join(folder, `crowd-${count}`);
  cpSync(join(folder, 'enrolled'), directory, { recursive: true });
  mkdirSync(join(directory, 'accounts'), { recursive: true });
  for (let index = 0; index < count; index += 1) {
    writeFileSync(join(directory, 'accounts', `user${index}.json`), accountText(`user${index}`), {
      mode: 0o600,
    });
  }
  return directory;
}

/** RFC 6238 by hand, so that the program under test does not make its own codes. */
function currentCode(): string {
  const bits = [...secret]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac[19] ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

function reportScripts(from: string, where: string): void {
  console.log(`\nA script of 10,000 lines, the store in ${where}`);
  const directory = join(folder, 'script');
  cpSync(from, directory, { recursive: true });
  const scripts = {
    reads: 'auth two_factor config\n'.repeat(10_000),
    writes: Array.from({ length: 10_000 }, (_, index) => `auth two_factor update window=${index % 2}\n`).join(
      '',
    ),
  };
  for (const [name, input] of Object.entries(scripts)) {
    const ms = timeRun({ name, ...postern(directory), input }, 0);
    console.log(`  ${name.padEnd(48)} ${Math.round(10_000_000 / ms)} lines a second`);
  }
}

function reportQrBytes(directory: string): void {
  console.log('\nBytes sent for a version-4 code, by mode');
  const none = bytesOf('none');
  for (const mode of ['half', 'column', 'wide', 'reverse', 'sixel', 'ascii']) {
    const bytes = bytesOf(mode) - none;
    console.log(`  ${mode.padEnd(48)} ${bytes} bytes, ${(bytes / 960).toFixed(1)} s at 9600 baud`);
  }
  function bytesOf(mode: string): number {
    const { argv, env } = postern(directory, '--qr', mode, 'account', 'user', 'show_2fa_qr', 'root');
    const [node, ...args] = argv;
    return spawnSync(node, args, {
      env: { ...emptyEnvironment(), ...env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    }).stdout.length;
  }
}

function reportCompletion(): void {
  const registry = createRegistry(builtinCommands);
  const names = Array.from({ length: 10_000 }, (_, index) => `user${index}`).sort();
  const sources = { accountNames: () => names, deviceNames: () => ['default'] };
  const lines = [
    '',
    'au',
    'auth two_factor update ',
    'auth two_factor update enabled=',
    'account user unlock username=',
    'account user unlock username=user99',
    'account user query username where ',
  ];
  const times: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    for (const line of lines) {
      const start = performance.now();
      completeLine(line, line.length, [], registry, sources);
      if (round > 0) times.push(performance.now() - start);
    }
  }
  console.log('\nCompletion with 10,000 accounts');
  console.log(
    `  median ${median(times).toFixed(3)} ms, 99th percentile ${percentile(times, 0.99).toFixed(3)} ms`,
  );
}
