import { afterEach, describe, expect, it } from 'vitest';
import { type PtyProgram, startOnPty } from '../support/program-pty.ts';
import { waitFor, waitUntilQuiet } from '../support/wait.ts';

/** Bytes that a line of 9600 baud carries in a second. */
const bytesPerSecond = 960;
let program: PtyProgram | undefined;
afterEach(() => program?.stop());

async function answerTo(keys: string): Promise<string> {
  program?.forget();
  program?.type(keys);
  await waitFor('an answer', () => program?.output() || undefined);
  return waitUntilQuiet(() => program?.output() ?? '');
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
