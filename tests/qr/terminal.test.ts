import { describe, expect, test } from 'vitest';
import type { TtyInput, TtyOutput } from '../../src/platform/raw-input.ts';
import { openTerminal } from '../../src/platform/terminal.ts';
import type { Runner } from '../../src/ports/machine.ts';

const runner: Runner = { run: () => ({ status: 127, signal: null, stdout: '', stderr: '' }) };

type Case = {
  readonly isTty?: boolean;
  readonly environment?: Record<string, string>;
  readonly noColor?: boolean;
};

function open({ isTty = true, environment = { TERM: 'xterm' }, noColor = false }: Case) {
  let written = '';
  const write = (text: string) => {
    written += text;
    return true;
  };
  const output = { isTTY: isTty, columns: 80, rows: 24, fd: -1, write } as unknown as TtyOutput;
  const input = { isTTY: false, fd: -1 } as unknown as TtyInput;
  const terminal = openTerminal({ input, output, environment, noColor, runner });
  return { terminal, written: () => written };
}

describe('openTerminal', () => {
  test.each<[string, Case, boolean]>([
    ['a terminal', {}, true],
    ['--no-color', { noColor: true }, false],
    ['NO_COLOR', { environment: { TERM: 'xterm', NO_COLOR: '1' } }, false],
    ['NO_COLOR that is empty', { environment: { TERM: 'xterm', NO_COLOR: '' } }, true],
    ['TERM=dumb', { environment: { TERM: 'dumb' } }, false],
    ['no TERM', { environment: {} }, false],
    ['a file', { isTty: false }, false],
  ])('colours: %s', (_name, how, colours) => {
    expect(open(how).terminal.colours).toBe(colours);
  });

  test.each<[string, Case, string]>([
    ['a terminal', {}, `\x1b[m\x1b[H${'\x1b[2K\x1b[B'.repeat(24)}\x1b[H\x1b[2J\x1b[3J`],
    ['TERM=dumb', { environment: { TERM: 'dumb' } }, ''],
    ['a file', { isTty: false }, ''],
  ])('clears screen and scrollback: %s', (_name, how, expected) => {
    const { terminal, written } = open(how);
    expect(terminal.clearScreenAndScrollback()).toBe(expected !== '');
    expect(written()).toBe(expected);
  });

  test('has a size on a terminal only', () => {
    expect(open({}).terminal.size()).toEqual({ columns: 80, rows: 24 });
    expect(open({ isTty: false }).terminal.size()).toEqual({ columns: 0, rows: 0 });
  });

  test('asks nothing of what is no terminal, and holds nothing off it', async () => {
    const { terminal, written } = open({ isTty: false });
    expect(await terminal.ask()).toEqual({});
    terminal.holdKernelMessages()();
    expect(written()).toBe('');
  });
});
