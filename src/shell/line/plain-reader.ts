import { StringDecoder } from 'node:string_decoder';
import type { ShellIo } from '../io.ts';
import type { LineEvent, LineReader } from './reader.ts';

/**
 * Reads lines as they come: the terminal's driver edits them, or nobody does. The prompt goes to a terminal only, and
 * `initial` cannot be edited here, so it is left out.
 */
export function createPlainReader({ input, terminal, isInteractive, signals }: ShellIo): LineReader {
  const decoder = new StringDecoder('utf8');
  let received = '';
  let isEnded = false;
  let wake: () => void = () => {};

  const receive = (chunk: Buffer | string) => {
    received += typeof chunk === 'string' ? chunk : decoder.write(chunk);
    wake();
  };
  const end = () => {
    isEnded = true;
    wake();
  };
  input.on('end', end).on('close', end).on('error', end);

  /** A last line without a line end is a line too. */
  const takeLine = (): LineEvent | undefined => {
    const at = received.indexOf('\n');
    if (at < 0 && !isEnded) return undefined;
    if (at < 0 && received === '') return { kind: 'end' };
    const text = (at < 0 ? received : received.slice(0, at)).replace(/\r$/, '');
    received = at < 0 ? '' : received.slice(at + 1);
    return { kind: 'line', text };
  };

  return {
    read: ({ prompt }) =>
      new Promise((resolve) => {
        const finish = (event: LineEvent) => {
          wake = () => {};
          signals.off('SIGINT', interrupt);
          signals.off('SIGCONT', show);
          input.off('data', receive).pause();
          if (event.kind === 'end' && isInteractive) terminal.write('\n');
          resolve(event);
        };
        const interrupt = () => {
          received = '';
          if (isInteractive) terminal.write('\n');
          finish({ kind: 'interrupt', text: '' });
        };
        const show = () => {
          if (isInteractive) terminal.write(prompt);
        };
        wake = () => {
          const event = takeLine();
          if (event) finish(event);
        };
        signals.on('SIGINT', interrupt);
        signals.on('SIGCONT', show);
        show();
        input.on('data', receive).resume();
        wake();
      }),
    stop: end,
    discardTypedAhead: () => {
      received = '';
    },
  };
}
