import { findQuoteEnd, scanBrackets } from './brackets.ts';

/**
 * Whether the line goes on in the next one: a bracket is open at its end. An open quote never continues a line,
 * so that a stray one cannot trap whoever types it.
 */
export function needsMoreInput(text: string): boolean {
  let isInWhere = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    const isWordStart = at === 0 || /[\s=,<>(]/.test(text[at - 1] as string);
    if (character === '#' && isWordStart) return false;
    if (isWordStart && /^where\s/i.test(text.slice(at, at + 6))) isInWhere = true;
    if (character === '"' || character === "'") {
      at = findQuoteEnd(text, at, text.length);
      if (at < 0) return false;
    } else if (
      ((character === '{' || character === '[') && isWordStart) ||
      (character === '(' && isInWhere)
    ) {
      const brackets = scanBrackets(text, at, text.length);
      if (brackets.kind !== 'closed') return brackets.kind === 'open';
      at = brackets.end - 1;
    }
  }
  return false;
}
