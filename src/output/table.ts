import { measureCells, padCells, wrapCells } from './width.ts';

/** How wide a table may get, and whether its header stands out. */
export type TableLayout = {
  /** Cells of a line of the terminal; undefined: no terminal, nothing is wrapped. */
  readonly columns: number | undefined;
  readonly colours: boolean;
};

const gap = '  ';
/** Words of up to so many cells are not broken in a table: a name in brackets, a time. */
const wholeWord = 24;

/**
 * Plain aligned columns under a line of headers, two spaces between them, no spaces at the end of a line. On a
 * terminal that is too narrow, cells wrap; where that gets too narrow to read, each row becomes a record. Nothing is
 * cut off. The texts are escaped already.
 */
export function layOutTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  layout: TableLayout,
): string {
  const widths = fitWidths(headers, rows, layout.columns);
  if (!widths) return rows.map((row) => layOutRecord(zip(headers, row), layout)).join('\n\n');
  const head = layOutRow(headers.map(wrapHeader), widths).map((line) => embolden(line, layout.colours));
  const body = rows.flatMap((row) =>
    layOutRow(
      row.map((cell) => (width) => wrapCells(cell, width)),
      widths,
    ),
  );
  return [...head, ...body].join('\n');
}

/**
 * `key  value` lines with the values aligned. On a terminal long values go on under themselves, at spaces; a word
 * longer than the line is left whole for the terminal to wrap, so that a URI can be copied.
 */
export function layOutRecord(
  fields: readonly (readonly [key: string, value: string])[],
  layout: TableLayout,
): string {
  const keyCells = Math.max(0, ...fields.map(([key]) => measureCells(key)));
  const margin = ' '.repeat(keyCells + gap.length);
  return fields
    .flatMap(([key, value]) => {
      const lines = value.split('\n').flatMap((line) => wrapWords(line, layout.columns, margin));
      const [first = '', ...more] = lines;
      const head = `${embolden(padCells(key, keyCells), layout.colours)}${gap}`;
      return first.startsWith(margin) ? [head + first.slice(margin.length), ...more] : [head, first, ...more];
    })
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Lines that begin with the margin, but for a word too long to be behind it. */
function wrapWords(value: string, columns: number | undefined, margin: string): readonly string[] {
  if (columns === undefined || margin.length + measureCells(value) <= columns) return [margin + value];
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of value.split(' ')) {
    const joined: string = line === undefined ? margin + word : `${line} ${word}`;
    if (measureCells(joined) <= columns) {
      line = joined;
      continue;
    }
    if (line !== undefined) lines.push(line);
    const fits = margin.length + measureCells(word) <= columns;
    if (!fits) lines.push(word);
    line = fits ? margin + word : undefined;
  }
  return line === undefined ? lines : [...lines, line];
}

type WrapCell = (width: number) => readonly string[];

function layOutRow(cells: readonly WrapCell[], widths: readonly number[]): readonly string[] {
  const wrapped = widths.map((width, index) => cells[index]?.(width) ?? []);
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((lines, index) => padCells(lines[line] ?? '', widths[index] ?? 0))
      .join(gap)
      .trimEnd(),
  );
}

/** A header breaks behind its underscores. */
function wrapHeader(header: string): WrapCell {
  return (width) => {
    const lines: string[] = [];
    for (const piece of splitHeader(header)) {
      const joined = `${lines.at(-1) ?? ''}${piece}`;
      if (lines.length > 0 && measureCells(joined) <= width) lines[lines.length - 1] = joined;
      else lines.push(piece);
    }
    return lines;
  };
}

function splitHeader(header: string): readonly string[] {
  return header.split(/(?<=_)/);
}

/**
 * Takes cells until the table fits: first from headers that are wider than all below them, for they wrap once, then from
 * the widest column that can give some; undefined where it cannot.
 */
function fitWidths(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): readonly number[] | undefined {
  const widths = headers.map((header, index) => widest(measureCells(header), rows, index, measureCells));
  if (columns === undefined) return widths;
  let excess = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1) - columns;
  if (excess <= 0) return widths;
  const narrowest = headers.map((header, index) => {
    const piece = Math.max(...splitHeader(header).map(measureCells));
    return widest(piece, rows, index, (cell) => Math.min(wholeWord, measureLongestWord(cell)));
  });
  const contents = headers.map((_, index) => widest(narrowest[index] ?? 0, rows, index, measureCells));
  for (; excess > 0; excess -= 1) {
    const giving = giveFrom(widths, contents) ?? giveFrom(widths, narrowest);
    if (giving === undefined) return undefined;
    widths[giving] = (widths[giving] ?? 0) - 1;
  }
  return widths;
}

/** The widest column that is wider than it has to be. */
function giveFrom(widths: readonly number[], least: readonly number[]): number | undefined {
  const giving = widths.map((width, index) => (width > (least[index] ?? 0) ? width : 0));
  const most = Math.max(...giving);
  return most === 0 ? undefined : giving.indexOf(most);
}

function widest(
  atLeast: number,
  rows: readonly (readonly string[])[],
  index: number,
  measure: (cell: string) => number,
): number {
  return rows.reduce((most, row) => Math.max(most, measure(row[index] ?? '')), atLeast);
}

function measureLongestWord(cell: string): number {
  return cell.split(' ').reduce((most, word) => Math.max(most, measureCells(word)), 0);
}

function zip(headers: readonly string[], row: readonly string[]): readonly (readonly [string, string])[] {
  return headers.map((header, index) => [header, row[index] ?? ''] as const);
}

function embolden(text: string, colours: boolean): string {
  return colours ? `\x1b[1m${text}\x1b[22m` : text;
}
