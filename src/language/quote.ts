import type { Json } from '../json.ts';
import { escapeHidden, findBareEnd, findHidden } from './characters.ts';

/**
 * Text that parses back to `value`: bare where it can be, else quoted; objects and arrays as JSON on one line.
 * A text that looks like a list, or is `null`, is quoted, since the parameter's kind could take it for one.
 */
export function quoteValue(value: Json): string {
  if (typeof value === 'string') return quoteWord(value);
  return escapeHidden(JSON.stringify(value));
}

/** `text` bare where that reads as the same text in every place of a line, else in quotes. */
export function quoteWord(text: string): string {
  return isPlain(text) ? text : quoteText(text);
}

/** `text` in quotes: double ones, or single ones where those save escapes. */
export function quoteText(text: string): string {
  const needsEscapes = /["\\]/.test(text);
  if (needsEscapes && !text.includes("'") && findHidden(text) < 0) return `'${text}'`;
  return escapeHidden(JSON.stringify(text));
}

function isPlain(text: string): boolean {
  return (
    text !== '' &&
    text !== 'null' &&
    !text.startsWith('--') &&
    !text.includes(',') &&
    findBareEnd(text, 0) === text.length
  );
}
