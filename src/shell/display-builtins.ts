import { boolean, choice } from '../registry/kinds.ts';
import { type CommandSpec, defineCommand } from '../registry/spec.ts';

const mode = defineCommand({
  path: ['.mode'],
  brief: 'Set the output format; alone, show it.',
  effect: 'session',
  params: {
    format: {
      kind: choice('table', 'json', 'yaml', 'csv'),
      brief: 'as with --output',
      positional: true,
    },
  },
  examples: [{ line: '.mode json', note: 'For pasting into a program.' }],
  run: ({ format }, session) => {
    if (format === undefined) return { shape: 'text', text: session.mode(), data: { mode: session.mode() } };
    session.setMode(format);
    return undefined;
  },
});

const pager = defineCommand({
  path: ['.pager'],
  brief: 'Page long answers, or do not.',
  effect: 'session',
  params: { on: { kind: boolean, brief: 'as with --pager', positional: true, required: true } },
  examples: [{ line: '.pager on', note: 'Through $PAGER, or a screen at a time without one.' }],
  run: ({ on }, session) => {
    session.setPager(on);
    return undefined;
  },
});

const qr = defineCommand({
  path: ['.qr_mode'],
  brief: 'Set how QR codes are drawn from now on.',
  effect: 'session',
  params: {
    mode: {
      kind: choice('auto', 'half', 'column', 'wide', 'reverse', 'sixel', 'ascii', 'none'),
      brief: 'as with --qr',
      positional: true,
      required: true,
    },
    invert: { kind: boolean, brief: "swap dark and light; default: to suit the terminal's colours" },
  },
  examples: [
    {
      line: '.qr_mode column',
      note: 'For a font without half blocks; needs 38 rows or more.',
    },
    { line: '.qr_mode reverse invert=true', note: 'For a monochrome screen.' },
  ],
  run: ({ mode, invert }, session) => {
    session.setQr(mode, invert);
    return undefined;
  },
});

const clear = defineCommand({
  path: ['clear'],
  brief: 'Clear the screen and its scrollback.',
  effect: 'session',
  params: {},
  examples: [{ line: 'clear', note: 'After a secret was shown.' }],
  run: (_input, session) => {
    session.clearScreen();
    return undefined;
  },
});

/** The builtins that choose how this session shows things. */
export const displayBuiltins: readonly CommandSpec[] = [mode, pager, qr, clear];
