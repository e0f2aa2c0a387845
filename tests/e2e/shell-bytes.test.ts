import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { firstAccount } from '../../src/store/defaults.ts';
import { type PtyProgram, startOnPty } from '../support/program-pty.ts';

/** Bytes that a line of 9600 baud carries in a second. */
const bytesPerSecond = 960;
let program: PtyProgram | undefined;
afterEach(() => program?.stop());

async function answerTo(keys: string): Promise<string> {
  program?.forget();
  program?.type(keys);
  await sleep(150);
  return program?.output() ?? '';
}

describe('on a slow line', () => {
  it.each(['xterm-256color', 'linux', 'vt100', 'dumb'])(
    'the first prompt takes a quarter of a second (%s)',
    async (term) => {
      program = startOnPty([], { term });
      const output = await program.waitForOutput(/\]> $/);
      expect(Buffer.byteLength(output)).toBeLessThan(bytesPerSecond / 4 + program.folder.length);
    },
  );

  it('the menu takes a second', async () => {
    program = startOnPty(['menu'], { term: 'vt100' });
    const output = await program.waitForOutput(/leaves\): $/);
    expect(Buffer.byteLength(output)).toBeLessThan(bytesPerSecond);
  });

  it('each key costs no byte that is not needed', async () => {
    program = startOnPty([], { term: 'vt100' });
    await program.waitForOutput(/\]> $/);
    expect(await answerTo('c')).toBe('c');
    expect(await answerTo('lock')).toBe('lock');
    expect(await answerTo('\x7f')).toBe('\b \b');
    expect(await answerTo('\x1b[D')).toBe('\b');
    expect(await answerTo('X')).toBe('Xc\b');
    expect(await answerTo('\x1b[C')).toBe('c');
  });

  it('a terminal that cannot move its cursor is sent nothing but text', async () => {
    program = startOnPty([], { term: 'dumb' });
    await program.waitForOutput(/\]> $/);
    program.type('auth two_factor\nconfig\nupdate ?\naccount user unlock\n');
    await program.waitForOutput(/unlock\r\n/);
    program.type('exit\n');
    expect(await program.exited).toBe(0);
    expect(program.output()).not.toMatch(/[\x1b\b]/);
  });
});

describe('with 10,000 accounts', () => {
  it('a key press is answered within 5 ms', async () => {
    program = startOnPty([], {
      term: 'vt100',
      prepare: (folder) => {
        const accounts = join(folder, 'state', 'accounts');
        mkdirSync(accounts, { recursive: true, mode: 0o700 });
        for (let count = 0; count < 10_000; count += 1) {
          const account = { ...firstAccount(), username: `user${count}`, admin: false };
          writeFileSync(join(accounts, `user${count}.json`), JSON.stringify(account), { mode: 0o600 });
        }
        return {};
      },
    });
    await program.waitForOutput(/\]> $/);
    const timesMs: number[] = [];
    for (const character of 'account user unlock username=user1234 '.repeat(6)) {
      program.forget();
      const startMs = performance.now();
      program.type(character);
      while (program.output() === '') await new Promise((resolve) => setImmediate(resolve));
      timesMs.push(performance.now() - startMs);
    }
    // The time of the terminal and of this test is in it, and the machine has other work; the tail is measured
    // inside the process, by tests/shell/line-speed.test.ts.
    const median = timesMs.sort((a, b) => a - b)[Math.floor(timesMs.length / 2)] ?? 0;
    expect(median).toBeLessThan(5);
  });
});
