import { fstatSync, readFileSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';

/** A terminal's two directions, as Node gives them. */
export type RawTerminal = { readonly input: TtyInput; readonly output: TtyOutput };
export type TtyInput = ReadStream & { readonly fd: number };
export type TtyOutput = WriteStream & { readonly fd: number };

/** A terminal in raw mode, for questions and answers. */
export type RawInput = {
  write(text: string): void;
  /** Takes the first match out of what came in; undefined when the time is up or the input ends. */
  expect(pattern: RegExp): Promise<RegExpMatchArray | undefined>;
  /** The same of what has come already. */
  take(pattern: RegExp): RegExpMatchArray | undefined;
  /** Takes all that matched nothing, in order. */
  takeRest(): Buffer;
};

/** Signals that end a process and leave its terminal as it is; Node itself sees to exits and exceptions. */
const endingSignals = ['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

/** Whether questions can be asked: both ends are one terminal, and this process is in its foreground. */
export function canAsk({ input, output }: RawTerminal): boolean {
  if (!input.isTTY || !output.isTTY) return false;
  return fstatSync(input.fd).rdev === fstatSync(output.fd).rdev && isInForeground();
}

/**
 * Runs `work` with the input in raw mode and its listeners set aside, for `timeoutMs` at most in all. Mode, listeners
 * and flow are as before afterwards, whether `work` returns, throws or a signal comes.
 */
export async function withRawInput<T>(
  { input, output }: RawTerminal,
  timeoutMs: number,
  work: (raw: RawInput) => Promise<T>,
): Promise<T> {
  let received = '';
  let ended = false;
  let wake = () => {};
  const finish = () => {
    ended = true;
    wake();
  };
  const receive = (chunk: Buffer | string) => {
    // Latin-1 keeps every byte as it came, a character cut in two included.
    received += Buffer.from(chunk).toString('latin1');
    if (received.includes('\x03')) ended = true;
    wake();
  };
  const take = (pattern: RegExp) => {
    const match = received.match(pattern);
    if (!match) return undefined;
    received = received.slice(0, match.index) + received.slice(match.index! + match[0].length);
    return match;
  };
  const raw: RawInput = {
    write: (text) => void output.write(text),
    take,
    expect: async (pattern) => {
      for (;;) {
        const match = take(pattern);
        if (match || ended) return match;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    takeRest: () => {
      const rest = Buffer.from(received, 'latin1');
      received = '';
      return rest;
    },
  };

  const timer = setTimeout(finish, timeoutMs);
  const restore = seizeInput(input, receive, finish);
  try {
    return await work(raw);
  } finally {
    clearTimeout(timer);
    restore();
  }
}

function seizeInput(input: ReadStream, receive: (chunk: Buffer) => void, finish: () => void): () => void {
  const wasRaw = input.isRaw;
  const wasFlowing = input.readableFlowing === true;
  const others = input.rawListeners('data') as ((chunk: Buffer) => void)[];
  const restoreMode = () => void input.setRawMode(wasRaw);
  const disarm = armSignals(restoreMode);
  for (const listener of others) input.off('data', listener);
  input.setRawMode(true);
  input.on('data', receive).on('end', finish).on('error', finish).resume();
  return () => {
    input.pause();
    input.off('data', receive).off('end', finish).off('error', finish);
    for (const listener of others) input.on('data', listener);
    restoreMode();
    disarm();
    if (wasFlowing) input.resume();
  };
}

/** Puts the terminal right before a signal takes its course. */
function armSignals(restoreMode: () => void): () => void {
  const disarm = () => {
    for (const signal of endingSignals) process.off(signal, handle);
  };
  const handle = (signal: NodeJS.Signals) => {
    restoreMode();
    disarm();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  for (const signal of endingSignals) process.prependListener(signal, handle);
  return disarm;
}

/** A process in the background would be stopped by the kernel for touching the terminal's mode (proc(5), stat). */
function isInForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [group, terminal, foregroundGroup] = [fields[2], fields[4], fields[5]];
    // A rescue shell often has no controlling terminal; then nothing is in the background.
    return terminal === '0' || group === foregroundGroup;
  } catch {
    return true;
  }
}
