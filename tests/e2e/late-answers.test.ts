import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type PtyProgram, startOnPty } from '../support/program-pty.ts';

/*
 * A terminal at the end of a slow line: it answers what it is asked after two seconds, when the program has given up
 * and the person is typing. What it sends is never taken for typing.
 */

let program: PtyProgram | undefined;
afterEach(() => program?.stop());

const roundTripMs = 2000;
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
/** What an xterm answers to the questions of the program, and a mouse; each as a line may cut it. */
const answers: readonly (readonly string[])[] = [
  ['\x1b[1;2', 'R\x1b[24;80R'],
  ['\x1b', ']4;0;rgb:0000/00', '00/0000\x1b', '\\'],
  ['\x1b]11;rgb:0000/0000/0000\x1b\\\x1b', '[?62;2', '2c'],
  ['\x1b[<0;12;7M', '\x1b[<0;12;7m'],
];

function start(...argv: readonly string[]): PtyProgram {
  program = startOnPty(argv);
  return program;
}

/** Types a text with the answers between its characters, each read of its own. */
async function typeAmid(terminal: PtyProgram, typed: string): Promise<void> {
  const [first = '', ...others] = typed;
  for (const piece of [first, ...answers.flatMap((answer, index) => [...answer, others[index] ?? ''])]) {
    terminal.type(piece);
    await sleep(10);
  }
  terminal.type(`${others.slice(answers.length).join('')}\r`);
}

describe('answers that come late', () => {
  it('leave the code that is typed meanwhile as it was typed', async () => {
    const terminal = start('account', 'user', 'renew_2fa_secret', 'root', `secret=${secret}`);
    await terminal.waitForOutput(/\x1b\[c/);
    await sleep(roundTripMs);
    await terminal.waitForOutput(/\? = help\): $/);
    const { stdout } = spawnSync('oathtool', ['--totp', '-b', secret], { encoding: 'utf8' });
    await typeAmid(terminal, stdout.trim());
    await terminal.waitForOutput(/default of root is confirmed[\s\S]*then type done: $/);
    await typeAmid(terminal, 'done');
    expect(await terminal.exited).toBe(0);
  });

  it('are no part of a line in the shell', async () => {
    const terminal = start();
    await terminal.waitForOutput(/\]> $/);
    await typeAmid(terminal, 'system version');
    expect(await terminal.waitForOutput(/\d\.\d\.\d[\s\S]*\]> $/)).not.toContain('error');
  });

  it('are no number in the menu', async () => {
    const terminal = start('menu');
    await terminal.waitForOutput(/leaves\): $/);
    await typeAmid(terminal, '6');
    await terminal.waitForOutput(/\]> system clock/);
  });

  it('are no answer to a question', async () => {
    const terminal = start('account', 'user', 'unlock');
    await terminal.waitForOutput(/username \(a user name\):/);
    await typeAmid(terminal, 'root');
    expect(await terminal.exited).toBe(0);
  });
});
