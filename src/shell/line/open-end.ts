import { findQuoteEnd } from '../../language/brackets.ts';

/** Whether a `?` typed at the end of `text` asks something: not inside quotes, brackets or a comment, where it stands for itself. */
export function isQuestionPlace(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"' || character === "'") {
      const close = findQuoteEnd(text, at, text.length);
      if (close < 0) return false;
      at = close;
    } else if ('{[('.includes(character)) depth += 1;
    else if ('}])'.includes(character)) depth -= 1;
    else if (character === '#' && /^$|\s/.test(text[at - 1] ?? '')) return false;
  }
  return depth <= 0;
}
