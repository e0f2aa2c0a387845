import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { raceRounds } from '../support/effort.ts';

const program = fileURLToPath(new URL('../../bin/postern.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'postern-at-once-'));
const processes = 50;
const rounds = raceRounds;

afterAll(() => rmSync(directory, { recursive: true, force: true }));

it(`tells exactly one of ${processes} processes that a code is valid, ${rounds} times`, async () => {
  // A slow machine takes longer than a step for a round.
  await run(['auth', 'two_factor', 'update', 'window=10']);
  for (let round = 0; round < rounds; round += 1) {
    const { stdout } = await run(['--yes', '-o', 'json', 'account', 'user', 'renew_2fa_secret', 'root']);
    const { secret } = JSON.parse(stdout) as { secret: string };
    const code = execFileSync('oathtool', ['--totp=sha1', '-b', secret], { encoding: 'utf8' }).trim();
    const verify = () => run(['-o', 'json', 'account', 'user', 'verify_twofactor_token', 'root', code]);
    const results = await Promise.all(Array.from({ length: processes }, verify));
    const answers = results.map(
      ({ stdout: answer }) => JSON.parse(answer || '{}') as { valid?: boolean; reason?: string },
    );
    expect(answers.filter(({ valid }) => valid === true)).toHaveLength(1);
    // The others were told why, and none of them that the store was busy.
    expect(answers.filter(({ reason }) => reason === 'already_used')).toHaveLength(processes - 1);
    expect(results.map(({ code: status }) => status).sort()).toEqual([0, ...Array(processes - 1).fill(1)]);
  }
}, 1_200_000);

type Ran = { readonly code: number; readonly stdout: string };

function run(words: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, '--state-dir', directory, ...words],
      (error, stdout) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout });
      },
    );
    child.stdin?.end();
  });
}
