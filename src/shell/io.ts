import type { ExitCode } from '../errors.ts';
import type { LineSource } from '../pipeline/adapt-problem.ts';
import type { LineResult } from '../pipeline/run-line.ts';
import type { Terminal } from '../ports/terminal.ts';
import type { QrRequest } from '../qr/fit.ts';

/** What people type comes from here: standard input, or a stream that a test writes to. */
export type ShellInput = NodeJS.ReadableStream & { setRawMode?(mode: boolean): unknown };

/** Lines that were typed before, of earlier runs and of other shells too; never a secret in them. */
export interface HistoryFile {
  /** Oldest first. Never fails: without a file it is empty. */
  read(): readonly string[];
  /** False: it could not be kept, for the disk is full or the file system is read-only. */
  append(line: string): boolean;
}

export type ShellSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGCONT' | 'SIGWINCH';

/** The signals of this process that the shell has to know of. */
export interface Signals {
  on(signal: ShellSignal, listener: () => void): unknown;
  off(signal: ShellSignal, listener: () => void): unknown;
  /** Stops this process until it is continued, as Ctrl-Z does. */
  suspend(): void;
}

/** The person in front of the shell or the menu, and how answers get to them. */
export type ShellIo = {
  readonly input: ShellInput;
  readonly terminal: Terminal;
  /** Whether a terminal is at the other end of both, so that there is someone to prompt. */
  readonly isInteractive: boolean;
  /** Whether lines can be edited where they stand: interactive, and the cursor can be moved. */
  readonly canEdit: boolean;
  /** Whether the terminal marks what is pasted when asked to; one that does not know the request may print it. */
  readonly marksPaste: boolean;
  /** Variables that say what the terminal can show (TERM, LANG). */
  readonly environment: { readonly [name: string]: string | undefined };
  /** How codes are drawn until someone chooses otherwise; `invert` undefined: as the terminal's colours want it. */
  readonly qr: { readonly requested: QrRequest; readonly invert: boolean | undefined };
  readonly history: HistoryFile;
  readonly signals: Signals;
  /** Addresses that this host answers at, for people to read. */
  addresses(): readonly string[];
  mode(): string;
  setMode(mode: string): void;
  setPager(on: boolean): void;
  setQr(mode: string, invert: boolean | undefined): void;
  showResult(result: LineResult): Promise<ExitCode>;
  showError(error: unknown, source: LineSource): ExitCode;
};
