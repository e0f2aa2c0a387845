import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** A whole process to be timed. `prepare` runs before each run and is not counted. */
export type Candidate = {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly prepare?: (run: number) => readonly string[] | undefined;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** PATH alone: others change what Node does at its start. NODE_EXTRA_CA_CERTS doubles its time, which flatters every ratio. */
export function emptyEnvironment(): Readonly<Record<string, string>> {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin' };
}

export const nodeAlone: Candidate = { name: 'node -e 0', argv: [process.execPath, '-e', '0'] };

/** Runs a program to its end; milliseconds. Throws where it fails, for a run that failed is no measurement. */
export function timeRun(candidate: Candidate, run: number): number {
  const more = candidate.prepare?.(run) ?? [];
  const [program, ...args] = candidate.argv;
  const start = performance.now();
  const { status, stderr } = spawnSync(program, [...args, ...more], {
    input: candidate.input ?? '',
    env: { ...emptyEnvironment(), ...candidate.env },
    maxBuffer: 1 << 28,
  });
  const elapsed = performance.now() - start;
  if (status !== 0) throw new Error(`${candidate.name} ended with ${status}: ${stderr}`);
  return elapsed;
}

/** Ratio of each to the first, run in turn so that a machine whose speed drifts does not matter: the median of the pairs. */
export function compare(
  base: Candidate,
  others: readonly Candidate[],
  runs: number,
): readonly { readonly name: string; readonly ratio: number; readonly ms: number }[] {
  const all = [base, ...others];
  for (const candidate of all) timeRun(candidate, -1);
  const times = all.map(() => [] as number[]);
  for (let run = 0; run < runs; run += 1) {
    for (const [index, candidate] of all.entries()) times[index]?.push(timeRun(candidate, run));
  }
  return all.map(({ name }, index) => ({
    name,
    ratio: median((times[index] ?? []).map((time, run) => time / (times[0]?.[run] ?? time))),
    ms: median(times[index] ?? []),
  }));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Peak memory of a process in MiB: what the kernel counted, told by the process itself at its end. */
export function measurePeakMib(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): number {
  const [program, ...args] = argv;
  const hook = `process.on('exit',()=>require('fs').writeSync(2,'PEAK '+process.resourceUsage().maxRSS+'\\n'))`;
  const { stderr } = spawnSync(program, args, {
    env: { ...emptyEnvironment(), ...env, NODE_OPTIONS: `--require=${writeHook(hook)}` },
    encoding: 'utf8',
  });
  return Number(/PEAK (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1024;
}

let hookPath: string | undefined;
function writeHook(code: string): string {
  if (hookPath === undefined) {
    hookPath = join(mkdtempSync(join(tmpdir(), 'postern-bench-hook-')), 'hook.cjs');
    writeFileSync(hookPath, code);
  }
  return hookPath;
}
