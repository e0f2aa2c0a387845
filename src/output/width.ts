import { eastAsianWidth } from 'get-east-asian-width';

const plainAscii = /^[\x20-\x7e]*$/;
const combining = /[\p{Mn}\p{Me}]/u;

/**
 * Terminal cells that a text takes, 0, 1 or 2 a code point, as terminals count (wcwidth(3)). The text is one that
 * `escapeForTerminal` has passed, so that nothing in it joins or hides.
 */
export function measureCells(text: string): number {
  if (plainAscii.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += measureCharacter(character);
  return cells;
}

/** Cells of one code point. */
export function measureCharacter(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (combining.test(character)) return 0;
  return eastAsianWidth(code);
}

/** The text with spaces behind it up to `cells`; longer text stays as it is. */
export function padCells(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - measureCells(text)));
}

/** Lines of at most `cells` cells, broken at spaces, and inside a word that is too long. Nothing but spaces is lost. */
export function wrapCells(text: string, cells: number): readonly string[] {
  if (measureCells(text) <= cells) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (measureCells(joined) <= cells) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = breakWord(word, cells);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  return [...lines, line];
}

function breakWord(word: string, cells: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const character of word) {
    const width = measureCharacter(character);
    if (used + width > cells && piece !== '') {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += character;
    used += width;
  }
  return [...pieces, piece];
}
