import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { exitCodeOf, isPosternError } from '../../src/errors.ts';
import type { LineResult } from '../../src/pipeline/run-line.ts';
import type { Prompter, Question } from '../../src/ports/terminal.ts';
import type { TerminalAnswers } from '../../src/qr/facts.ts';
import type { ShellIo } from '../../src/shell/io.ts';

/** Answers questions from a list, and keeps what was asked. An answer that the question refuses is a wrong one. */
export function createFakePrompter(
  answers: readonly string[],
): Prompter & { readonly asked: Question[]; readonly refused: string[]; readonly said: string[] } {
  const left = [...answers];
  const asked: Question[] = [];
  const refused: string[] = [];
  const said: string[] = [];
  return {
    asked,
    refused,
    said,
    say: (text) => void said.push(text),
    confirm: async (statement) => {
      asked.push({ message: statement });
      return left.shift() === 'y';
    },
    ask: async (question) => {
      asked.push(question);
      for (;;) {
        const typed = left.shift();
        if (typed === undefined) throw new Error(`nothing left to answer ${question.message}`);
        const answer = typed === '' ? (question.initial ?? '') : typed;
        const wrong = question.check?.(answer);
        if (wrong === undefined) return answer;
        refused.push(wrong);
      }
    },
    edit: async () => left.shift(),
  };
}

/** Stands where a fake console's screen was cleared. */
export const clearMark = '\u0001';

/** A terminal whose keys are written to `keys`, and whose bytes are kept. */
export type FakeConsole = ShellIo & {
  readonly keys: PassThrough;
  readonly signals: EventEmitter & { suspended: number };
  readonly rawModes: boolean[];
  written: string;
  columns: number;
  results: LineResult[];
  errors: string[];
  cleared: number;
  held: number;
};

export function createFakeConsole(
  options: {
    readonly canEdit?: boolean;
    readonly canClear?: boolean;
    readonly columns?: number;
    readonly rows?: number;
    readonly history?: string[];
    readonly answers?: TerminalAnswers;
  } = {},
): FakeConsole {
  const keys = new PassThrough();
  const rawModes: boolean[] = [];
  const lines = options.history ?? [];
  const signals = Object.assign(new EventEmitter(), {
    suspended: 0,
    suspend: () => {
      signals.suspended += 1;
    },
  });
  const io: FakeConsole = {
    keys,
    signals: signals as never,
    rawModes,
    written: '',
    columns: options.columns ?? 80,
    results: [],
    errors: [],
    cleared: 0,
    held: 0,
    input: Object.assign(keys, { setRawMode: (mode: boolean) => void rawModes.push(mode) }),
    terminal: {
      isTty: true,
      colours: false,
      size: () => ({ columns: io.columns, rows: options.rows ?? 24 }),
      write: (text) => {
        io.written += text;
      },
      clearScreen: () => {
        io.written += clearMark;
      },
      clearScreenAndScrollback: () => {
        io.cleared += 1;
        return options.canClear ?? true;
      },
      ask: async () => options.answers ?? {},
      holdKernelMessages: () => {
        io.held += 1;
        return () => {
          io.held -= 1;
        };
      },
    },
    environment: { TERM: 'xterm', LANG: 'C.UTF-8' },
    qr: { requested: 'auto', invert: undefined },
    isInteractive: true,
    canEdit: options.canEdit ?? true,
    marksPaste: false,
    history: {
      read: () => [...lines],
      append: (line) => {
        lines.push(line);
        return true;
      },
    },
    addresses: () => ['192.0.2.7'],
    mode: () => 'table',
    setMode: () => {},
    setPager: () => {},
    setQr: (requested, invert) => {
      Object.assign(io, { qr: { requested, invert } });
    },
    showResult: async (result) => {
      io.results.push(result);
      return 0;
    },
    showError: (error) => {
      const code = isPosternError(error) ? error.code : 'bug.unexpected';
      io.errors.push(isPosternError(error) ? code : String(error));
      return exitCodeOf(code);
    },
  };
  return io;
}

/** Waits until all that was written to a fake console has been taken. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
