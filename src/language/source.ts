import {
  codeAt,
  describeCharacter,
  isBlank,
  isForeignBlank,
  isForeignSpace,
  isHidden,
  unitsOf,
} from './characters.ts';
import { addFault, createFaults, type Faults } from './repair.ts';

/** A line being read: `end` leaves out the blanks after the last word, `helpAt` is the `?` that ends it, or -1. */
export type Source = {
  readonly text: string;
  readonly end: number;
  readonly helpAt: number;
  readonly faults: Faults;
  /** Set once a double quote was found open, so that no later one looks for its end again. */
  openDouble: boolean;
};

/** Opens a line for reading. */
export function openSource(text: string): Source {
  const end = text.trimEnd().length;
  return {
    text,
    end,
    helpAt: text[end - 1] === '?' ? end - 1 : -1,
    faults: createFaults(),
    openDouble: false,
  };
}

/** Whether the word before `at` is over there. */
export function endsWord(source: Source, at: number): boolean {
  if (at >= source.end || at === source.helpAt) return true;
  const code = codeAt(source.text, at);
  return isBlank(code) || isForeignSpace(code);
}

/** The offset of the next word; complains of what separates lines, not words. */
export function skipBlanks(source: Source, from: number): number {
  const { text, end, faults } = source;
  let at = from;
  while (at < end) {
    const code = codeAt(text, at);
    if (code === 32 || code === 9) at++;
    else if (isBlank(code)) {
      const span = { start: at, end: at + 1 };
      const message = 'there is a line break in the line';
      const hint = 'type one command a line; in a text write \\n in double quotes';
      addFault(faults, { code: 'lex.line_break', message, span, hint }, undefined);
      at++;
    } else if (isForeignBlank(code)) at += unitsOf(code);
    else if (isForeignSpace(code)) {
      const span = { start: at, end: at + unitsOf(code) };
      const message = `${describeCharacter(code)} is not a plain space`;
      addFault(faults, { code: 'lex.space', message, span, hint: 'type a space here' }, { span, text: ' ' });
      at = span.end;
    } else if (isHidden(code)) at = skipHidden(source, at, false);
    else break;
  }
  return Math.min(at, end);
}

/** Passes over one hidden character, or a whole terminal escape sequence, with a complaint. */
export function skipHidden(source: Source, at: number, isCovered: boolean): number {
  const { text, faults } = source;
  const sequence = /\x1b(?:\[[0-9;?]{0,16}[@-~]|O.)/y;
  sequence.lastIndex = at;
  const found = sequence.exec(text)?.[0];
  const code = codeAt(text, at);
  const span = { start: at, end: at + (found?.length ?? unitsOf(code)) };
  const message =
    found === undefined
      ? `${describeCharacter(code)} cannot be in a line`
      : 'a key such as an arrow left its escape sequence here';
  const hint = `delete it, or write \\u${code.toString(16).padStart(4, '0')} in double quotes`;
  addFault(
    faults,
    { code: 'lex.hidden_character', message, span, hint },
    isCovered ? 'covered' : { span, text: '' },
  );
  return span.end;
}

/** The offset after the spaces and tabs at `from`, those of copied documents too. */
export function skipPlainBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t' || isForeignBlank(codeAt(text, at))) at++;
  return at;
}

/** The offset after the comment that starts at `from`: the end of its line. */
export function skipComment(source: Source, from: number): number {
  let at = from;
  while (at < source.end && source.text[at] !== '\n' && source.text[at] !== '\r') at++;
  return at;
}
