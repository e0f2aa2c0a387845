import type { ShellIo } from './io.ts';
import { createEditingReader } from './line/editing-reader.ts';
import { createPlainReader } from './line/plain-reader.ts';
import type { LineReader } from './line/reader.ts';

/** What the shell and the menu share, one being opened from the other. */
export type Shell = {
  readonly io: ShellIo;
  readonly reader: LineReader;
  /** The exit code of the signal that asked this process to end; undefined: none did. */
  stopCode(): 129 | 143 | undefined;
  close(): void;
};

/**
 * Opens the reading of lines. From here on a signal to end waits for the command that is running, and Ctrl-C leaves
 * a running command alone: it is over in a moment, or has its own way to be cancelled. `columns` is the terminal's
 * width where that is known already.
 */
export async function openShell(io: ShellIo, columns?: number): Promise<Shell> {
  const reader = io.canEdit
    ? createEditingReader(io, columns ?? (await askColumns(io)))
    : createPlainReader(io);
  let code: 129 | 143 | undefined;
  const stopWith = (signalCode: 129 | 143) => () => {
    code ??= signalCode;
    reader.stop();
  };
  const [hangUp, terminate] = [stopWith(129), stopWith(143)];
  const interrupt = () => reader.discardTypedAhead();
  io.signals.on('SIGHUP', hangUp);
  io.signals.on('SIGTERM', terminate);
  io.signals.on('SIGINT', interrupt);
  return {
    io,
    reader,
    stopCode: () => code,
    close: () => {
      io.signals.off('SIGHUP', hangUp);
      io.signals.off('SIGTERM', terminate);
      io.signals.off('SIGINT', interrupt);
    },
  };
}

/** A serial line tells no size: only the terminal behind it can. */
async function askColumns({ terminal }: ShellIo): Promise<number | undefined> {
  if (terminal.size().columns > 0) return undefined;
  return (await terminal.ask().catch(() => undefined))?.size?.columns;
}
