import { measureCharacter } from '../../src/output/width.ts';

/**
 * The part of a VT100 that a line editor needs: printing with the wait at a full line's end, CR, LF, BS, and the CSI
 * sequences A, B, C, D, H, J and K. Any other sequence is an error. It never scrolls: give it rows enough.
 */
export function createVt(columns: number, rows: number) {
  const cells = Array.from({ length: rows }, () => Array<string>(columns).fill(' '));
  let row = 0;
  let column = 0;
  let waits = false;

  const print = (character: string) => {
    const width = measureCharacter(character);
    if (width === 0) {
      const at = waits ? columns - 1 : column - 1;
      cells[row]![at] += character;
      return;
    }
    if (waits || column + width > columns) {
      row += 1;
      column = 0;
      waits = false;
    }
    cells[row]![column] = character;
    if (width === 2) cells[row]![column + 1] = '';
    column += width;
    if (column >= columns) {
      column = columns - 1;
      waits = true;
    }
  };
  const clear = (fromRow: number, fromColumn: number, toRow: number) => {
    for (let at = fromRow; at <= toRow; at += 1) cells[at]!.fill(' ', at === fromRow ? fromColumn : 0);
  };
  const control = (count: string, letter: string) => {
    const steps = Number(count || 1);
    waits = false;
    if (letter === 'A') row = Math.max(0, row - steps);
    else if (letter === 'B') row = Math.min(rows - 1, row + steps);
    else if (letter === 'C') column = Math.min(columns - 1, column + steps);
    else if (letter === 'D') column = Math.max(0, column - steps);
    else if (letter === 'H') [row, column] = [0, 0];
    else if (letter === 'K') clear(row, column, row);
    else if (letter === 'J') clear(count === '2' ? 0 : row, count === '2' ? 0 : column, rows - 1);
    else throw new Error(`CSI ${count}${letter} is not of a VT100`);
  };
  return {
    write: (bytes: string) => {
      for (const [token, count, letter] of bytes.matchAll(/\x1b\[(\d*)([A-Za-z])|./gsu)) {
        if (letter !== undefined) control(count ?? '', letter);
        else if (token === '\r') [column, waits] = [0, false];
        else if (token === '\n') [row, waits] = [row + 1, false];
        else if (token === '\b') [column, waits] = [Math.max(0, column - 1), false];
        else if (token >= ' ') print(token);
        else throw new Error(`an unexpected ${JSON.stringify(token)}`);
      }
    },
    /** Rows without the spaces at their ends, and without the empty ones at the end. */
    rows: () =>
      cells
        .map((line) => line.join('').trimEnd())
        .join('\n')
        .trimEnd()
        .split('\n'),
    cursor: () => ({ row, column: waits ? columns : column }),
  };
}
