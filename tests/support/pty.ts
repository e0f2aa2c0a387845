import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from './wait.ts';

/** A terminal whose screen and keyboard are the test: 0x0 cells, as on a serial line. */
export type Pty = {
  /** All that came so far; Latin-1, so that every byte is a character. */
  received(): string;
  waitForOutput(text: string): Promise<void>;
  send(text: string): void;
  /** Resolves when the program has ended. */
  ended(): Promise<void>;
  stop(): Promise<void>;
};

/** Runs `command` by /bin/sh on a terminal of script(1), package bsdutils. */
export function startPty(command: string, environment: Readonly<Record<string, string>>): Pty {
  const child = spawn('script', ['-q', '-e', '-E', 'never', '-c', command, '/dev/null'], {
    env: { PATH: process.env.PATH, SHELL: '/bin/sh', ...environment },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let received = '';
  child.stdout.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  child.stdin.on('error', () => {});
  const exit = once(child, 'exit');
  return {
    received: () => received,
    waitForOutput: async (text) => {
      await waitFor(
        `${JSON.stringify(text)} after ${JSON.stringify(received)}`,
        () => received.includes(text) || undefined,
      );
    },
    send: (text) => void child.stdin.write(text, 'latin1'),
    ended: async () => void (await exit),
    stop: async () => {
      // script(1) takes two seconds to end politely; its program gets a hang-up either way.
      child.kill('SIGKILL');
      await exit;
    },
  };
}
