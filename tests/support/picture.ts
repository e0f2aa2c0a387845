import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import type { Cell, Theme } from './screen.ts';

/** A font of one cell size: whether the pixel at (x, y) of a character's cell is ink. */
export type Font = {
  readonly width: number;
  readonly height: number;
  isInk(character: string, x: number, y: number): boolean;
};

/** What a modern terminal draws: exact blocks, and something grey for every other character. */
export const blockFont: Font = {
  width: 8,
  height: 16,
  isInk: (character, x, y) => {
    switch (character) {
      case ' ':
        return false;
      case '█':
        return true;
      case '▀':
        return y < 8;
      case '▄':
        return y >= 8;
      case '#':
        return x > 0 && y > 1 && y < 14 && (x % 3 !== 0 || y % 5 !== 0) && (x % 4 === 1 || y % 4 === 1);
      default:
        return x > 1 && x < 6 && y > 3 && y < 12 && (x + y) % 2 === 1;
    }
  },
};

const marginPixels = 16;

/** Paints rows of cells as a screen would show them, with a margin of the screen's own paper. */
export function paintScreen(rows: readonly (readonly Cell[])[], font: Font, theme: Theme): PNG {
  const columns = Math.max(...rows.map((row) => row.length));
  const picture = new PNG({
    width: columns * font.width + 2 * marginPixels,
    height: rows.length * font.height + 2 * marginPixels,
  });
  for (let y = 0; y < picture.height; y += 1) {
    for (let x = 0; x < picture.width; x += 1) {
      const inX = x - marginPixels;
      const inY = y - marginPixels;
      const cell = inX < 0 ? undefined : rows[Math.floor(inY / font.height)]?.[Math.floor(inX / font.width)];
      const isInk = cell && font.isInk(cell.character, inX % font.width, inY % font.height);
      const [red, green, blue] = cell ? (isInk ? cell.ink : cell.paper) : theme.paper;
      picture.data.set([red, green, blue, 255], 4 * (y * picture.width + x));
    }
  }
  return picture;
}

/** What jsqr reads, looking for dark on light only; undefined: nothing. */
export function decodeByJsqr(picture: PNG): string | undefined {
  const pixels = new Uint8ClampedArray(picture.data);
  return jsQR(pixels, picture.width, picture.height, { inversionAttempts: 'dontInvert' })?.data;
}

/** What zbarimg (package zbar-tools) reads; undefined: nothing. */
export function decodeByZbar(picture: PNG): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'postern-picture-'));
  try {
    const path = join(folder, 'screen.png');
    writeFileSync(path, PNG.sync.write(picture));
    const options = ['-q', '--raw', '-Sdisable', '-Sqrcode.enable', path];
    const { status, stdout, error } = spawnSync('zbarimg', options, { encoding: 'utf8' });
    if (error) throw new Error('zbarimg is missing: apt-get install zbar-tools', { cause: error });
    return status === 0 ? stdout.replace(/\n$/, '') : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What both decoders read, to be compared as one. */
export function decodeByBoth(picture: PNG): { zbar: string | undefined; jsqr: string | undefined } {
  return { zbar: decodeByZbar(picture), jsqr: decodeByJsqr(picture) };
}
