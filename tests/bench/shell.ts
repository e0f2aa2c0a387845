import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { median } from './measure.ts';

/** From start to the first prompt on a terminal, against `node -e 0` on one; and what that sends. */
export async function benchFirstPrompt(command: string, runs: number): Promise<void> {
  const base: number[] = [];
  const prompt: number[] = [];
  let bytes = 0;
  for (let run = -1; run < runs; run += 1) {
    const alone = await timeUntil(`'${process.execPath}' -e 0; printf '> '`);
    const shell = await timeUntil(command);
    bytes = shell.bytes;
    if (run < 0) continue;
    base.push(alone.ms);
    prompt.push(shell.ms);
  }
  const ratio = median(prompt.map((ms, run) => ms / (base[run] ?? ms)));
  console.log(`\nThe first prompt (${runs} pairs)`);
  console.log(
    `  ${'from start to prompt, against node -e 0'.padEnd(48)} ${ratio.toFixed(2)} x   ${median(prompt).toFixed(0)} ms`,
  );
  console.log(`  ${'bytes sent'.padEnd(48)} ${bytes}`);
}

/** Runs a command on a terminal of its own (script(1)) until it shows `> `. */
function timeUntil(command: string): Promise<{ readonly ms: number; readonly bytes: number }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(
      'script',
      ['-q', '-e', '-E', 'never', '-c', `stty cols 80 rows 24; ${command}`, '/dev/null'],
      {
        env: { PATH: process.env.PATH, SHELL: '/bin/sh', TERM: 'vt100', LANG: 'C.UTF-8' },
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
    let received = '';
    child.stdin.on('error', () => {});
    child.stdout.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (!received.endsWith('> ')) return;
      resolve({ ms: performance.now() - start, bytes: received.length });
      child.kill('SIGKILL');
    });
    child.on('exit', () => reject(new Error(`${command} ended without a prompt: ${received}`)));
  });
}
