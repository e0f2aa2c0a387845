import type { Span } from './language/span.ts';

/**
 * The families of error codes and the exit code each leads to (product: 0 done, 1 refused, 2 the line is
 * wrong, 3 applying failed and was put back, 4 the store is busy or unreadable, 5 not permitted, 70 a bug,
 * 130 cancelled).
 */
const exitCodes = {
  rule: 1,
  not_found: 1,
  code: 1,
  lex: 2,
  parse: 2,
  resolve: 2,
  bind: 2,
  query: 2,
  usage: 2,
  apply: 3,
  store: 4,
  permission: 5,
  bug: 70,
  cancelled: 130,
} as const;

export type ErrorFamily = keyof typeof exitCodes;
export type ErrorCode = `${ErrorFamily}.${string}`;
/** What a signal cancelled ends as a shell tells of a process that it ended: 128 and its number. */
const ofSignals: { readonly [code: string]: 129 | 143 } = {
  'cancelled.hangup': 129,
  'cancelled.terminated': 143,
};
/** 141: nobody reads the answers any more, as if SIGPIPE had ended the process. */
export type ExitCode = 0 | 129 | 141 | 143 | (typeof exitCodes)[ErrorFamily];

/** What went wrong, as a value: one sentence, where in the line, and what to type instead. */
export type Problem = {
  readonly code: ErrorCode;
  /** One sentence, no full stop, lower case: names the key and what was expected. */
  readonly message: string;
  /** Where in the line that was typed. */
  readonly span?: Span;
  /** A line that can be typed, or one short instruction. */
  readonly hint?: string;
  /** Set where the hint is a whole line that mends the one typed: what to say where that line cannot be offered. */
  readonly instruction?: string;
};

/** An error with everything a person or a script needs. `problems` is never empty; the first decides the exit code. */
export class PosternError extends Error {
  override readonly name = 'PosternError';
  readonly problems: readonly Problem[];

  constructor(problem: Problem | readonly Problem[], cause?: unknown) {
    const problems = Array.isArray(problem) ? (problem as readonly Problem[]) : [problem as Problem];
    super(problems[0]?.message ?? 'unknown problem', cause === undefined ? undefined : { cause });
    this.problems = problems;
  }

  get code(): ErrorCode {
    return this.problems[0]?.code ?? 'bug.no_problem';
  }
}

/** True for a PosternError of any bundle file: the lazily loaded files each carry their own copy of the class. */
export function isPosternError(error: unknown): error is PosternError {
  return error instanceof Error && error.name === 'PosternError' && 'problems' in error;
}

/** The error of what was cancelled: by a person, or by a signal that asks the process to end. */
export function cancelledError(signal?: string): PosternError {
  const cause = signal === 'SIGHUP' ? 'hangup' : signal === 'SIGTERM' ? 'terminated' : 'by_user';
  return new PosternError({ code: `cancelled.${cause}`, message: 'cancelled: nothing was changed' });
}

/** What an error says, whatever was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The exit code that an error code leads to. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return ofSignals[code] ?? exitCodes[code.slice(0, code.indexOf('.')) as ErrorFamily] ?? 70;
}
