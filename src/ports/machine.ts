import type { Boot } from '../domain/deadline.ts';

/** Wall clock. */
export interface Clock {
  /** Unix time in milliseconds. */
  nowMs(): number;
  /** undefined: the kernel does not say. */
  readonly boot?: () => Boot | undefined;
}

/** Cryptographically secure random bytes. */
export interface Random {
  bytes(count: number): Uint8Array;
}

/** Whom a file belongs to, by number. */
export type FileOwner = { readonly uid: number; readonly gid: number };

/** Small synchronous file access outside the store, for `system/`; errors are Node's own. */
export interface Files {
  /** undefined: there is no such file. Bytes that are not UTF-8 are kept, as lone surrogates that `writeAtomic` knows. */
  read(path: string): string | undefined;
  /**
   * Whole or not at all, synced; creates parent directories. Takes the place of a symbolic link. Nobody but its owner
   * (default: this process's) may write the file, whatever `mode` says.
   */
  writeAtomic(path: string, content: string, mode: number, owner?: FileOwner): void;
  remove(path: string): void;
  list(directory: string): readonly string[];
  /** undefined: there is nothing. Does not follow a last symbolic link. */
  stat(path: string):
    | {
        readonly uid: number;
        readonly gid: number;
        readonly mode: number;
        readonly size: number;
        readonly mtimeMs: number;
        readonly isFile: boolean;
      }
    | undefined;
  /** Where a path leads, symbolic links followed; undefined: nowhere. */
  realPath(path: string): string | undefined;
  /** What a symbolic link says; undefined: there is none at `path`. */
  link(path: string): string | undefined;
  /**
   * Unix time in milliseconds of the last change to what is at `path`, a link and its target both counted. Another
   * file moved here counts, however old its content. undefined: there is nothing.
   */
  changedMs(path: string): number | undefined;
}

/** What a finished child process said. */
export type RunResult = {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs a program with no shell. Never throws for a failing or missing program: `status` is then 127. */
export interface Runner {
  run(
    argv: readonly [string, ...string[]],
    options?: {
      readonly input?: string;
      readonly timeoutMs?: number;
      readonly env?: Readonly<Record<string, string>>;
    },
  ): RunResult;
}

/** Other processes of this machine. */
export interface Processes {
  /** The process id of this program itself. */
  readonly ownPid: number;
  /** False: there is no such process, or it may not be signalled. Signal 0 only asks. */
  signal(pid: number, signal: 'SIGHUP' | 'SIGTERM' | 0): boolean;
  /**
   * Starts a program in a session of its own, with `/` as directory and no terminal or open file of ours, so
   * that it outlives this process. Answers its pid.
   */
  startDetached(argv: readonly [string, ...string[]], env: Readonly<Record<string, string>>): number;
}

/** What a time server answered (RFC 5905), by its own words and by when they arrived. */
export type TimeAnswer = {
  /** Seconds this clock is ahead of the server's (negative: behind). */
  readonly offsetSeconds: number;
  /** Seconds the packets spent under way: the answer is right to half of it. */
  readonly delaySeconds: number;
  readonly stratum: number;
  /** Address that answered. */
  readonly address: string;
};

/** Asks time servers without changing the clock. */
export interface TimeServers {
  /**
   * Errors: `not_found.time_server` (the name), `rule.time_server_silent` (no answer in time),
   * `rule.time_server_unusable` (an answer that cannot be trusted).
   */
  ask(server: string, timeoutMs?: number): Promise<TimeAnswer>;
}
