import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/*
 * Expected codes never come from our own code. oathtool gives them; what it gave for the fixed times of the unit tests
 * is recorded, so that they run where it is not installed, and tests/e2e/oathtool.test.ts asks it for all of them again.
 */

/** Steps of a secret: `fromStep` and those after it, `count` in all; 6 digits and 30 s where nothing is said. */
export type Steps = {
  readonly fromStep: number;
  readonly count?: number;
  readonly digits?: number;
  readonly interval?: number;
};

const path = new URL('./oathtool.json', import.meta.url);
/** Codes parted by spaces, under `SECRET DIGITS INTERVAL FROM_STEP COUNT`. */
export const recordedCodes = readRecord();

/** Codes of consecutive steps, by oathtool. */
export function askOathtool(
  secret: string,
  { fromStep, count = 1, digits = 6, interval = 30 }: Steps,
): readonly string[] {
  const output = execFileSync(
    'oathtool',
    [
      '--totp=sha1',
      `--digits=${digits}`,
      `--time-step-size=${interval}s`,
      `--now=@${fromStep * interval}`,
      `--window=${count - 1}`,
      '--base32',
      secret,
    ],
    { encoding: 'utf8' },
  );
  return output.trimEnd().split('\n');
}

/** Codes of consecutive steps as oathtool gave them; throws where none are recorded. */
export function readCodes(secret: string, steps: Steps): readonly string[] {
  const { fromStep, count = 1, digits = 6, interval = 30 } = steps;
  const key = [secret, digits, interval, fromStep, count].join(' ');
  const codes = recordedCodes[key];
  if (codes !== undefined) return codes.split(' ');
  if (process.env.UPDATE_CODES !== '1')
    throw new Error(`oathtool.json has no codes of "${key}": UPDATE_CODES=1 npm test asks oathtool for them`);
  const asked = askOathtool(secret, steps);
  // Another worker may have recorded some meanwhile, and must not read half a file.
  Object.assign(recordedCodes, readRecord(), { [key]: asked.join(' ') });
  const next = `${fileURLToPath(path)}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(recordedCodes, Object.keys(recordedCodes).sort(), 2)}\n`);
  renameSync(next, path);
  return asked;
}

/** One code as oathtool gave it. */
export function readCode(secret: string, step: number, digits = 6, interval = 30): string {
  return readCodes(secret, { fromStep: step, digits, interval })[0] as string;
}

function readRecord(): Record<string, string> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
}
