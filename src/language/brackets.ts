/** What the brackets that start somewhere come to. Offsets are into the text. */
export type Brackets =
  | { readonly kind: 'closed'; readonly end: number; readonly depth: number }
  /** The text ends first: `openAt` is the innermost open one, `closers` is what would close all of them. */
  | { readonly kind: 'open'; readonly openAt: number; readonly closers: string; readonly depth: number }
  /** A quote inside them is never closed. */
  | { readonly kind: 'quote'; readonly at: number }
  /** A closing bracket that does not belong to the open one. */
  | { readonly kind: 'mismatch'; readonly at: number; readonly expected: string };

const closerOf: Readonly<Record<string, string>> = { '{': '}', '[': ']', '(': ')' };

/** Follows the brackets from the opening one at `start` to the one that closes it, past quotes; one pass. */
export function scanBrackets(text: string, start: number, end: number): Brackets {
  const openers: number[] = [];
  const closers: string[] = [];
  let depth = 0;
  for (let at = start; at < end; at++) {
    const character = text[at] as string;
    if (character === '"' || character === "'") {
      const close = findQuoteEnd(text, at, end);
      if (close < 0) return { kind: 'quote', at };
      at = close;
    } else if (closerOf[character] !== undefined) {
      openers.push(at);
      closers.push(closerOf[character]);
      depth = Math.max(depth, closers.length);
    } else if (character === '}' || character === ']' || (character === ')' && closers.includes(')'))) {
      const expected = closers.pop() as string;
      if (character !== expected) return { kind: 'mismatch', at, expected };
      openers.pop();
      if (closers.length === 0) return { kind: 'closed', end: at + 1, depth };
    }
  }
  return { kind: 'open', openAt: openers.at(-1) ?? start, closers: closers.reverse().join(''), depth };
}

/** Where the quote that opens at `at` closes, backslashes respected in double ones; -1: nowhere before `end`. */
export function findQuoteEnd(text: string, at: number, end: number): number {
  const quote = text[at];
  if (quote === "'") {
    const close = text.indexOf("'", at + 1);
    return close < end ? close : -1;
  }
  for (let i = at + 1; i < end; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return -1;
}
