import { measureCharacter } from '../../output/width.ts';

/** What is on the screen while a line is typed: the prompt, the text behind it, the cursor in it. */
export type Frame = { readonly prompt: string; readonly text: string; readonly cursor: number };

/** A cell, counted from where the prompt begins. */
export type Place = { readonly row: number; readonly column: number };

/**
 * The bytes that turn what is shown into `next`, as few as will do: a serial line carries 960 in a second. `shown` is
 * undefined at the start of an empty line. Only sequences that a VT100 knows.
 */
export function drawFrame(shown: Frame | undefined, next: Frame, columns: number): string {
  if (!shown)
    return (
      writeFrom(next, 0, columns) + moveCursor(endOf(next, columns), placeOf(next, next.cursor, columns))
    );
  const [before, after] = [shown.prompt + shown.text, next.prompt + next.text];
  const at = placeOf(shown, shown.cursor, columns);
  const target = placeOf(next, next.cursor, columns);
  const same = commonLength(before, after);
  if (same === before.length && same === after.length) return moveCursor(at, target, after, columns);
  const from = placeAt(before, same, columns);
  const end = endOf(next, columns);
  return (
    moveCursor(at, from, before, columns) +
    writeFrom(next, same, columns) +
    clearBehind(end, endOf(shown, columns)) +
    moveCursor(end, target)
  );
}

/** The bytes that put the cursor on the empty line below what is shown. */
export function leaveFrame(shown: Frame, columns: number): string {
  const end = endOf(shown, columns);
  return `${moveCursor(placeOf(shown, shown.cursor, columns), end)}${end.column === 0 && end.row > 0 ? '' : '\r\n'}`;
}

/** The bytes that take away what is shown, drawn for `columns`, of a screen that is `nowColumns` wide by now. */
export function eraseFrame(shown: Frame, columns: number, nowColumns: number): string {
  // Some terminals wrap again what they show and some do not: going up too far would erase what is above.
  const rows = Math.min(
    placeOf(shown, shown.cursor, columns).row,
    placeOf(shown, shown.cursor, nowColumns).row,
  );
  return `\r${rows > 0 ? `\x1b[${rows}A` : ''}\x1b[J`;
}

function placeOf({ prompt, text }: Frame, cursor: number, columns: number): Place {
  return placeAt(prompt + text, prompt.length + cursor, columns);
}

function endOf({ prompt, text }: Frame, columns: number): Place {
  return placeOf({ prompt, text, cursor: 0 }, text.length, columns);
}

/** Where the cursor stands after the first `length` units. A full line ends at the start of the next one. */
function placeAt(text: string, length: number, columns: number): Place {
  let row = 0;
  let column = 0;
  for (const character of text.slice(0, length)) {
    const cells = measureCharacter(character);
    if (column + cells > columns) {
      row += 1;
      column = 0;
    }
    column += cells;
  }
  return column >= columns ? { row: row + 1, column: 0 } : { row, column };
}

/**
 * Writes what is behind `from`. A terminal waits at a full line's end until one more cell is written; a wide
 * character that goes to the next row leaves a cell behind, which may show something old.
 */
function writeFrom({ prompt, text }: Frame, from: number, columns: number): string {
  const all = prompt + text;
  let { column } = placeAt(all, from, columns);
  let bytes = '';
  for (const character of all.slice(from)) {
    const cells = measureCharacter(character);
    if (column + cells > columns) {
      bytes += ' '.repeat(columns - column);
      column = 0;
    }
    bytes += character;
    column += cells;
  }
  return bytes + (column >= columns && from < all.length ? ' \r' : '');
}

function clearBehind(end: Place, formerEnd: Place): string {
  if (formerEnd.row > end.row) return '\x1b[J';
  const cells = formerEnd.row === end.row ? formerEnd.column - end.column : 0;
  if (cells === 1) return ' \b';
  return cells > 0 ? '\x1b[K' : '';
}

/** Moves the cursor. Over text that is known to be there, writing it again is the shorter way to the right. */
function moveCursor(from: Place, to: Place, text?: string, columns?: number): string {
  const rows = to.row - from.row;
  const vertical = rows < 0 ? `\x1b[${-rows}A` : rows > 0 ? `\x1b[${rows}B` : '';
  const steps = to.column - from.column;
  if (steps === 0) return vertical;
  if (to.column === 0) return `${vertical}\r`;
  if (steps < 0) return vertical + (steps >= -4 ? '\b'.repeat(-steps) : `\x1b[${-steps}D`);
  if (text !== undefined && columns !== undefined && steps <= 3 && /^[\x20-\x7e]*$/.test(text)) {
    const start = to.row * columns + from.column;
    return vertical + text.slice(start, start + steps);
  }
  return `${vertical}\x1b[${steps}C`;
}

/** Units that both begin with, never ending inside a character or before an accent that belongs to it. */
function commonLength(before: string, after: string): number {
  let length = 0;
  while (length < before.length && before[length] === after[length]) length += 1;
  while (length > 0 && (splitsCharacter(before, length) || splitsCharacter(after, length))) length -= 1;
  return length;
}

function splitsCharacter(text: string, at: number): boolean {
  if (at >= text.length) return false;
  const code = text.charCodeAt(at);
  if (code < 0x300) return false;
  return (
    (code >= 0xdc00 && code <= 0xdfff) ||
    measureCharacter(String.fromCodePoint(text.codePointAt(at) ?? 0)) === 0
  );
}
