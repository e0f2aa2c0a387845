import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { projectRoot } from '../support/lab/machine.ts';

/** POSTERN_FUZZ_SECONDS=3600 for a long run. */
const seconds = Number(process.env.POSTERN_FUZZ_SECONDS ?? 15);
const directory = mkdtempSync(join(tmpdir(), 'fuzz-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const seeds = [
  // A fault as long as a line may be: the log puts words of the module before it.
  `\0FAULT ${'x'.repeat(500)}`,
  // The line that looks at keys is asked to ask.
  '\x02PROMPT Verification code: \nOK',
  '0PROMPT Verification code: \n\u0001123456\nLOG verification accepted for root from 203.0.113.7: code\nOK',
  '0PROMPT a\n\u0001x\nPROMPT b\n\u0001y\nFAIL',
  '1INFO hello\nSKIP',
  `0LOG ${'x'.repeat(507)}\nOK`,
  `0LOG ${'x'.repeat(508)}\nOK`,
  `0PROMPT a\n\u0001${'y'.repeat(505)}\nOK`,
  '0OK\u0000',
  `0${'LOG x\n'.repeat(16)}OK`,
  '0FAULT /usr/bin/node: No such file or directory',
  'off',
  'on until 916327c0-18d2-4bf6-82ac-26a7f774b3ce 4711 1764000000 1800',
];

it(
  `a hostile helper does no harm to the module (libFuzzer with AddressSanitizer and UBSan, ${seconds} s)`,
  () => {
    const target = join(directory, 'pam-relay');
    const sanitizers = ['-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all', '-g', '-O1'];
    const sources = ['tests/fuzz/pam-relay.c', 'src/pam/helper.c', 'src/pam/switch.c'];
    const paths = sources.map((path) => join(projectRoot, path));
    const warnings = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-Wno-unused-function'];
    execFileSync('clang', [...warnings, ...sanitizers, '-o', target, ...paths], { stdio: 'pipe' });
    const corpus = join(directory, 'corpus');
    mkdirSync(corpus);
    for (const [index, seed] of seeds.entries()) writeFileSync(join(corpus, `seed-${index}`), seed, 'latin1');
    const words = [
      'OK',
      'FAIL',
      'SKIP',
      'PROMPT ',
      'INFO ',
      'LOG ',
      'FAULT ',
      'off',
      'on',
      ' until ',
      ' 1',
      '\\x0a',
      '\\x0a\\x01',
    ];
    writeFileSync(join(directory, 'words'), words.map((word) => `"${word}"\n`).join(''));
    const options = [`-max_total_time=${seconds}`, '-max_len=4096', `-dict=${join(directory, 'words')}`];
    const run = spawnSync(
      target,
      [...options, '-print_final_stats=1', `-artifact_prefix=${directory}/`, corpus],
      {
        encoding: 'utf8',
        timeout: (seconds + 60) * 1000,
      },
    );
    expect(run.status, run.stderr.slice(-4000)).toBe(0);
    // It did work, and got somewhere: a target that returns early would cover next to nothing.
    expect(Number(/stat::number_of_executed_units:\s*(\d+)/.exec(run.stderr)?.[1])).toBeGreaterThan(1000);
    expect(Number(/cov: (\d+)(?!.*cov: )/s.exec(run.stderr)?.[1])).toBeGreaterThan(60);
  },
  (seconds + 120) * 1000,
);
