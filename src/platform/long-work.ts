import { cancelledError } from '../errors.ts';
import type { LongWork } from '../ports/store.ts';
import { isTerminal, writeAll } from './io.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs work that takes long: on a terminal, standard error shows how far it is, and a signal to end waits until the
 * work has put everything back. Nothing is shown of what is done at its first step.
 */
export async function runLong<T>(work: (long: LongWork) => Promise<T>): Promise<T> {
  const isShown = isTerminal(2);
  // Up to the first step, where a pipe or a person may be waited for, a signal ends the process as ever.
  let isHeard = false;
  let endedBy: NodeJS.Signals | undefined;
  let shown = '';
  const interrupt = (signal: NodeJS.Signals) => {
    endedBy ??= signal;
  };
  const show = (text: string) => {
    if (!isShown || text === shown) return;
    // No escape sequence: every terminal knows a carriage return.
    writeAll(2, `\r${text.padEnd(shown.length)}${text === '' ? '\r' : ''}`);
    shown = text;
  };
  try {
    return await work({
      finish: (what) => show(`postern: ${what}`),
      async step(what, done) {
        if (!isHeard) for (const signal of signals) process.on(signal, interrupt);
        isHeard = true;
        if (done < 1) show(`postern: ${what}: ${Math.floor(done * 100)} %`);
        await new Promise((resolve) => setImmediate(resolve));
        if (endedBy !== undefined) throw cancelledError(endedBy);
      },
    });
  } finally {
    show('');
    for (const signal of signals) process.off(signal, interrupt);
  }
}
