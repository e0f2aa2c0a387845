import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from './wait.ts';

export const programPath = new URL('../../bin/postern.js', import.meta.url).pathname;

/** The built program on a terminal (script of package bsdutils) whose every byte is kept. */
export type PtyProgram = {
  /** All that it has sent. */
  output(): string;
  /** Forgets what was sent, so that `output` is what comes next. */
  forget(): void;
  type(bytes: string): void;
  waitForOutput(pattern: RegExp): Promise<string>;
  /** Waits until keys reach the program one by one, unseen by the terminal's driver. */
  waitForRawMode(): Promise<void>;
  /** Process id of the program itself. */
  pid(): Promise<number>;
  /** Modes of the terminal, by stty. */
  exited: Promise<number>;
  readonly folder: string;
  stop(): void;
};

/** Starts the program with a store of its own (`folder`/state), on a terminal of `columns` by `rows`. */
export function startOnPty(
  argv: readonly string[],
  options: {
    readonly term?: string;
    readonly columns?: number;
    readonly rows?: number;
    /** Runs before the start; answers variables of the environment. */
    readonly prepare?: (folder: string) => Readonly<Record<string, string>>;
  } = {},
): PtyProgram {
  const { term = 'xterm-256color', columns = 80, rows = 24 } = options;
  const folder = mkdtempSync(join(tmpdir(), 'postern-pty-'));
  const prepared = options.prepare?.(folder);
  const words = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const start = `stty cols ${columns} rows ${rows}; echo $$ > '${folder}/pid'; exec '${process.execPath}' '${programPath}' --state-dir '${folder}/state' ${words}`;
  const child = spawn('script', ['-qefc', start, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      LANG: 'C.UTF-8',
      TERM: term,
      SHELL: '/bin/sh',
      ...prepared,
    },
  });
  let received = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk;
  });
  child.stdin.on('error', () => {});
  const exited = new Promise<number>((resolve) =>
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 255 : 0))),
  );
  const pid = () =>
    waitFor('the process id', () => Number(readFileSync(join(folder, 'pid'), 'utf8')) || undefined);
  return {
    folder,
    exited,
    output: () => received,
    forget: () => {
      received = '';
    },
    type: (bytes) => void child.stdin.write(bytes),
    waitForOutput: (pattern) =>
      waitFor(`${pattern} after ${JSON.stringify(received.slice(-300))}`, () =>
        pattern.test(received) ? received : undefined,
      ),
    waitForRawMode: async () => {
      const terminal = `/proc/${await pid()}/fd/0`;
      await waitFor('raw mode', () => {
        const { stdout } = spawnSync('stty', ['-F', terminal, '-a'], { encoding: 'utf8' });
        return / -icanon\b/.test(stdout) || undefined;
      });
    },
    pid,
    stop: () => {
      child.kill('SIGKILL');
      // The program itself may be writing yet.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    },
  };
}
