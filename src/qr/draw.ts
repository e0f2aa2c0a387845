import type { Matrix } from './matrix.ts';
import { drawSixel } from './sixel.ts';

/**
 * The ways to draw:
 * - `half`: two modules a cell with half blocks and explicit colours; needs UTF-8 and the glyphs
 * - `column`: a module a cell, `wide`: a module in two cells; background colours only, so any font and charset
 * - `reverse`: a module a cell, reverse video only; for dark screens without colours
 * - `sixel`: a picture
 * - `ascii`: a module in two cells without any escape sequence; for dark screens; scans only sometimes
 */
export const qrModes = ['half', 'column', 'wide', 'reverse', 'sixel', 'ascii'] as const;
export type QrMode = (typeof qrModes)[number];

/** Pixels of one character cell. */
export type CellPixels = { readonly width: number; readonly height: number };

export type DrawOptions = {
  /** Swaps dark and light, for screens that show `reverse` or `ascii` the wrong way round. */
  readonly invert: boolean;
  /** `half` only: puts the terminal into UTF-8 for the drawing and back into its 8-bit charset after it. */
  readonly switchToUtf8?: boolean;
  /** `sixel` only. Default: a small cell, so that the picture is never taller than its `rows`. */
  readonly cellPixels?: CellPixels;
};

/** Lines without line ends, each with its colours reset at its end; `sixel` is one line that is `rows` high. */
export type Drawing = { readonly lines: readonly string[]; readonly columns: number; readonly rows: number };

/** Light modules around the code. The standard asks for 4; 2 scans and fits 80x24, 0 does not scan on a dark screen. */
const quietModules = 2;
const smallestCell: CellPixels = { width: 6, height: 12 };
const reset = '\x1b[m';

/** Cells that a code of `moduleCount` modules a side takes in `mode`, its quiet zone included. */
export function measureQr(
  moduleCount: number,
  mode: QrMode,
  cell: CellPixels = smallestCell,
): { readonly columns: number; readonly rows: number } {
  const side = moduleCount + 2 * quietModules;
  switch (mode) {
    case 'half':
      return { columns: side, rows: Math.ceil(side / 2) };
    case 'column':
    case 'reverse':
      return { columns: side, rows: side };
    case 'wide':
    case 'ascii':
      return { columns: 2 * side, rows: side };
    case 'sixel': {
      const sidePixels = side * modulePixelsOf(cell);
      return { columns: Math.ceil(sidePixels / cell.width), rows: Math.ceil(sidePixels / cell.height) };
    }
    default:
      return mode satisfies never;
  }
}

/** Draws a QR code with its quiet zone, in as few bytes as the mode allows. */
export function drawQr(matrix: Matrix, mode: QrMode, options: DrawOptions): Drawing {
  const light = options.invert;
  const framed = addQuietZone(matrix, quietModules).map((row) => row.map((dark) => dark !== light));
  return { lines: drawLines(framed, mode, options), ...measureQr(matrix.length, mode, options.cellPixels) };
}

function drawLines(framed: Matrix, mode: QrMode, options: DrawOptions): readonly string[] {
  switch (mode) {
    case 'half':
      return drawHalf(framed, options);
    case 'column':
      return framed.map((row) => drawRuns(row, '\x1b[40m', '\x1b[47m', ' ') + reset);
    case 'wide':
      return framed.map((row) => drawRuns(row, '\x1b[40m', '\x1b[47m', '  ') + reset);
    case 'reverse':
      return framed.map((row) => drawRuns(row, reset, '\x1b[7m', ' ') + reset);
    case 'sixel':
      return [drawSixel(framed, modulePixelsOf(options.cellPixels ?? smallestCell))];
    case 'ascii':
      return framed.map((row) => row.map((dark) => (dark ? '  ' : '##')).join(''));
    default:
      return mode satisfies never;
  }
}

/**
 * Light is the glyph, white on black: a terminal that ignores colours still shows light as lit, and the bold makes the
 * white a full one on the Linux console.
 */
function drawHalf(framed: Matrix, options: DrawOptions): readonly string[] {
  const none: readonly boolean[] = [];
  const lines = framed
    .filter((_, index) => index % 2 === 0)
    .map((upper, pair) => {
      const lower = framed[2 * pair + 1] ?? none;
      const cells = upper.map((dark, column) => halfBlock(!dark, !(lower[column] ?? options.invert)));
      return `\x1b[40;37;1m${cells.join('')}${reset}`;
    });
  if (options.switchToUtf8 !== true) return lines;
  const last = lines.length - 1;
  return lines.map((line, index) => `${index === 0 ? '\x1b%G' : ''}${line}${index === last ? '\x1b%@' : ''}`);
}

function halfBlock(upperLight: boolean, lowerLight: boolean): string {
  if (upperLight) return lowerLight ? '█' : '▀';
  return lowerLight ? '▄' : ' ';
}

function drawRuns(row: readonly boolean[], darkStyle: string, lightStyle: string, cell: string): string {
  return row
    .map((dark, column) => (dark === row[column - 1] ? cell : (dark ? darkStyle : lightStyle) + cell))
    .join('');
}

function addQuietZone(matrix: Matrix, width: number): Matrix {
  const side = Array<boolean>(width).fill(false);
  const rows = matrix.map((row) => [...side, ...row, ...side]);
  const edge = Array.from({ length: width }, () => Array<boolean>(matrix.length + 2 * width).fill(false));
  return [...edge, ...rows, ...edge];
}

/** Half a cell's height, so that a picture takes the rows that `half` does. */
function modulePixelsOf(cell: CellPixels): number {
  return Math.max(2, Math.floor(cell.height / 2));
}
