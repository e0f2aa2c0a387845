import { execFileSync } from 'node:child_process';

/** Codes of consecutive steps as oathtool gives them: the judge, since expected codes never come from our own code. */
export function readCodes(
  secret: string,
  {
    fromStep,
    count = 1,
    digits = 6,
    interval = 30,
  }: { fromStep: number; count?: number; digits?: number; interval?: number },
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

/** One code as oathtool gives it. */
export function readCode(secret: string, step: number, digits = 6, interval = 30): string {
  return readCodes(secret, { fromStep: step, digits, interval })[0] as string;
}
