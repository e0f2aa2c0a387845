import type { TerminalAnswers } from '../qr/facts.ts';

/** The terminal that a person sits at: standard output, and standard input where it is the same. */
export interface Terminal {
  readonly isTty: boolean;
  /** Whether colours are wanted and can be shown: not with --no-color, NO_COLOR, TERM=dumb or into a file. */
  readonly colours: boolean;
  /** Cells as the kernel has them; 0x0 where it does not know, as on a serial line. */
  size(): { readonly columns: number; readonly rows: number };
  write(text: string): void;
  /** Clears the screen row by row: what is cleared at once some terminals keep in their scrollback. */
  clearScreen(): void;
  /** Leaves nothing of a secret to be scrolled back to. False: this terminal cannot be cleared. */
  clearScreenAndScrollback(): boolean;
  /**
   * Asks the terminal itself, within a second in all, at the start of an empty line; `{}` where it cannot be asked.
   * What was typed meanwhile goes back to standard input. Errors: `cancelled.interrupted` for Ctrl-C.
   */
  ask(): Promise<TerminalAnswers>;
  /**
   * Holds kernel messages off a console until the function returned is called, or the process ends in whatever way.
   * Nothing happens where there are none, or without the right to.
   */
  holdKernelMessages(): () => void;
}

/** One question to a person. */
export type Question = {
  /** What is asked for, without a colon. */
  readonly message: string;
  /** Taken when nothing is typed. */
  readonly initial?: string;
  /** Never shown, on any key. */
  readonly hidden?: boolean;
  /** Answers what is wrong with what was typed; the question is then asked again. */
  readonly check?: (answer: string) => string | undefined;
};

/**
 * Asks a person on the terminal. Errors: `cancelled.by_user` for Escape, Ctrl-C, Ctrl-D; `cancelled.hangup` and
 * `cancelled.terminated` for the signals.
 */
export interface Prompter {
  /** `statement` says what will happen; no is the answer of an empty line. */
  confirm(statement: string): Promise<boolean>;
  ask(question: Question): Promise<string>;
  /** Shows text between questions. */
  say(text: string): void;
  /** Opens `text` in $EDITOR, answers what was saved; undefined: nothing was saved. */
  edit(text: string, fileName: string): Promise<string | undefined>;
}
