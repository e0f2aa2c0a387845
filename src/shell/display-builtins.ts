import { boolean, choice } from '../registry/kinds.ts';
import { type CommandSpec, defineCommand } from '../registry/spec.ts';

const mode = defineCommand({
  path: ['.mode'],
  brief: 'Choose how answers are written; alone, show how.',
  effect: 'session',
  params: {
    format: {
      kind: choice('table', 'json', 'yaml', 'csv'),
      brief: 'as with --output',
      positional: true,
    },
  },
  examples: [{ line: '.mode json', note: 'For what is copied into a program.' }],
  run: ({ format }, session) => {
    if (format === undefined) return { shape: 'text', text: session.mode(), data: { mode: session.mode() } };
    session.setMode(format);
    return undefined;
  },
});

const pager = defineCommand({
  path: ['.pager'],
  brief: 'Show long answers a screen at a time, or not.',
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
  brief: 'Choose how QR codes are drawn from here on.',
  effect: 'session',
  params: {
    mode: {
      kind: choice('auto', 'half', 'column', 'wide', 'reverse', 'sixel', 'ascii', 'none'),
      brief: 'as with --qr',
      positional: true,
      required: true,
    },
    invert: { kind: boolean, brief: 'swap dark and light; default: as the colours of the terminal want it' },
  },
  examples: [
    {
      line: '.qr_mode column',
      note: 'For a font without half blocks; it needs a window of 38 rows or more.',
    },
    { line: '.qr_mode reverse invert=true', note: 'For a screen without colours where dark is lit.' },
  ],
  run: ({ mode, invert }, session) => {
    session.setQr(mode, invert);
    return undefined;
  },
});

const clear = defineCommand({
  path: ['clear'],
  brief: 'Clear the screen, and what could be scrolled back to.',
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
