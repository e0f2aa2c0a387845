import { describe, expect, test } from 'vitest';
import { type DrawOptions, drawQr, measureQr, type QrMode, qrModes } from '../../src/qr/draw.ts';
import { makeMatrix } from '../../src/qr/matrix.ts';
import { blockFont, decodeByJsqr, paintScreen } from '../support/picture.ts';
import { uris } from '../support/qr-uris.ts';
import { readScreen, themes } from '../support/screen.ts';
import { paintSixel } from '../support/sixel.ts';

const [uri4, uri5, uri6] = uris as [string, string, string];

function draw(uri: string, mode: QrMode, options: DrawOptions = { invert: false }) {
  return drawQr(makeMatrix(uri), mode, options);
}

function read(uri: string, mode: QrMode, theme: 'dark' | 'light', invert: boolean): string | undefined {
  const { lines } = draw(uri, mode, { invert });
  return decodeByJsqr(paintScreen(readScreen(lines.join('\n'), themes[theme]), blockFont, themes[theme]));
}

describe('drawQr is read back', () => {
  const coloured: readonly QrMode[] = ['half', 'column', 'wide'];
  test.each(coloured.flatMap((mode) => uris.map((uri) => [mode, uri.length, uri] as const)))(
    '%s, %i bytes, on dark and on light',
    (mode, _bytes, uri) => {
      expect(read(uri, mode, 'dark', false)).toBe(uri);
      expect(read(uri, mode, 'light', false)).toBe(uri);
    },
  );

  test('reverse: as it is on a dark screen, inverted on a light one, and only so', () => {
    expect(read(uri4, 'reverse', 'dark', false)).toBe(uri4);
    expect(read(uri4, 'reverse', 'light', true)).toBe(uri4);
    expect(read(uri4, 'reverse', 'light', false)).toBeUndefined();
  });

  test('half without colours still shows light as lit on a dark screen', () => {
    const uncoloured = draw(uri4, 'half').lines.map((line) => line.replace('\x1b[40;37;1m', '\x1b[1m'));
    const cells = readScreen(uncoloured.join('\n'), themes.dark);
    expect(decodeByJsqr(paintScreen(cells, blockFont, themes.dark))).toBe(uri4);
  });

  test.each([
    [undefined],
    [{ width: 6, height: 13 }],
    [{ width: 10, height: 20 }],
    [{ width: 11, height: 23 }],
  ])('sixel with cells of %o', (cellPixels) => {
    for (const uri of uris) {
      const { lines } = draw(uri, 'sixel', { invert: false, ...(cellPixels && { cellPixels }) });
      expect(decodeByJsqr(paintSixel(lines.join(''), [0, 0, 0]))).toBe(uri);
      expect(decodeByJsqr(paintSixel(lines.join(''), [255, 255, 255]))).toBe(uri);
    }
  });

  test('ascii holds every module, light as ##', () => {
    const matrix = makeMatrix(uri4);
    const { lines } = draw(uri4, 'ascii');
    const inner = lines.slice(2, -2).map((line) =>
      line
        .slice(4, -4)
        .match(/../g)!
        .map((pair) => pair === '  '),
    );
    expect(inner).toEqual(matrix);
    expect(lines.join('')).toMatch(/^[ #]*$/);
  });
});

describe('drawQr measures', () => {
  test.each([
    [uri4, 37, 19],
    [uri5, 41, 21],
    [uri6, 45, 23],
  ])('half fits 80x24 beside a prompt line: %.0s%ix%i', (uri, columns, rows) => {
    const { lines, ...size } = draw(uri, 'half');
    expect(size).toEqual({ columns, rows });
    expect(lines).toHaveLength(rows);
  });

  test.each(qrModes.filter((mode) => mode !== 'sixel'))('%s fills the cells that it says', (mode) => {
    const { lines, columns, rows } = draw(uri5, mode);
    const cells = readScreen(lines.join('\n'), themes.dark);
    expect(cells.map((row) => row.length)).toEqual(Array(rows).fill(columns));
  });

  test.each([12, 13, 16, 20, 23])('sixel is never taller than it says: cells of %i pixels', (height) => {
    const cellPixels = { width: Math.ceil(height / 2), height };
    const { lines, columns, rows } = draw(uri4, 'sixel', { invert: false, cellPixels });
    const [, width, tall] = /"1;1;(\d+);(\d+)/.exec(lines[0]!)!.map(Number) as [number, number, number];
    expect(tall).toBeLessThanOrEqual(rows * height);
    expect(width).toBeLessThanOrEqual(columns * cellPixels.width);
    expect(rows).toBeLessThanOrEqual(measureQr(33, 'half').rows);
  });
});

describe('drawQr is clean', () => {
  test.each(['half', 'column', 'wide', 'reverse'] as const)('%s: each line ends without colours', (mode) => {
    const { lines } = draw(uri4, mode);
    expect(lines.every((line) => line.endsWith('\x1b[m'))).toBe(true);
  });

  test('half leaves the charset alone unless it is told to switch, and then switches back', () => {
    expect(draw(uri4, 'half').lines.join('')).not.toContain('%');
    const text = draw(uri4, 'half', { invert: false, switchToUtf8: true }).lines.join('');
    expect(text.startsWith('\x1b%G')).toBe(true);
    expect(text.endsWith('\x1b%@')).toBe(true);
  });

  test.each(qrModes)('%s inverted swaps dark and light everywhere', (mode) => {
    const negative = makeMatrix(uri4).map((row) => row.map((dark) => !dark));
    const inside = (lines: readonly string[]) =>
      readScreen(lines.join('\n'), themes.dark).map((row) => row.map((cell) => cell.character + cell.paper));
    const inverted = drawQr(negative, mode, { invert: true }).lines;
    const plain = draw(uri4, mode).lines;
    // The codes are the same then, and the quiet zone alone differs.
    const middle = (lines: readonly string[]) =>
      inside(lines)
        .slice(2, -2)
        .map((row) => row.slice(4, -4));
    expect(middle(inverted)).toEqual(middle(plain));
    expect(inverted[0]).not.toEqual(plain[0]);
  });
});

describe('drawQr sends few bytes', () => {
  // With the line ends that a terminal gets. 960 bytes are a second at 9600 baud.
  test.each([
    ['half', 2200],
    ['column', 4700],
    ['wide', 6100],
    ['reverse', 3800],
    ['sixel', 2500],
    ['ascii', 2900],
  ] as const)('%s takes at most %i for version 4', (mode, most) => {
    const text = draw(uri4, mode, { invert: false, switchToUtf8: true })
      .lines.map((line) => `${line}\r\n`)
      .join('');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
  });
});
