import type { Completion } from '../../registry/candidates.ts';
import type { History } from './history.ts';

/** What came of reading one line. */
export type LineEvent =
  | { readonly kind: 'line'; readonly text: string }
  /** `?` was typed behind `text`: whoever explains it reads on with `text` as it is. */
  | { readonly kind: 'explain'; readonly text: string }
  /** Ctrl-C; `text` is what had been typed. */
  | { readonly kind: 'interrupt'; readonly text: string }
  /** Ctrl-L, where the request draws the screen itself: whoever does reads on with `text` as it is. */
  | { readonly kind: 'redraw'; readonly text: string }
  /** Ctrl-D on an empty line, or there is no more input. */
  | { readonly kind: 'end' };

/** What a line can draw on; each is asked only when its key is pressed. */
export type LineHelp = {
  readonly history?: History;
  complete?(text: string, cursor: number): Completion;
  /** Whether a `?` at the end is a question, to be answered without Enter. */
  readonly answersQuestions?: boolean;
};

/** One line to be read, with the prompt before it. */
export type LineRequest = {
  readonly prompt: string;
  /** It is there already and can be edited, where lines can be. */
  readonly initial?: string;
  /** So does this, until something is typed or pasted, which takes its place. */
  readonly offered?: string;
  readonly help?: LineHelp;
  /** The line is at the foot of a screen: it goes when it is read, so that nothing scrolls, and Ctrl-L draws the screen. */
  readonly atFoot?: true;
};

/** Reads lines; between two of them the terminal is in the mode that programs expect. */
export interface LineReader {
  read(request: LineRequest): Promise<LineEvent>;
  /** Ends a read that is under way as if the input had ended, and every later one. */
  stop(): void;
  /** Forgets what was typed ahead. */
  discardTypedAhead(): void;
}
