import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findHalfBlocks } from '../../src/platform/console-font.ts';
import type { Runner } from '../../src/ports/machine.ts';
import { drawQr, type QrMode } from '../../src/qr/draw.ts';
import { blockFontName } from '../../src/qr/fit.ts';
import { makeMatrix } from '../../src/qr/matrix.ts';
import { decodeByBoth, decodeByJsqr, paintScreen } from '../support/picture.ts';
import { type ConsoleFont, readConsoleFont } from '../support/psf.ts';
import { uris } from '../support/qr-uris.ts';
import { readScreen, themes } from '../support/screen.ts';

/** Package console-setup-linux. */
const folder = '/usr/share/consolefonts';
const fonts = readdirSync(folder).filter((name) => name.endsWith('.psf.gz'));
const theme = themes.linuxConsole;
const uri = uris[0]!;

/** Every family, and every size of cell from 8x8 to 16x32. */
const sample = [
  ...fonts.filter((_, index) => index % 45 === 0),
  'Lat15-Fixed16.psf.gz',
  'Lat15-TerminusBold32x16.psf.gz',
  'Lat15-VGA8.psf.gz',
  'Uni2-Terminus12x6.psf.gz',
  'CyrKoi-Fixed16.psf.gz',
  `${blockFontName}.psf.gz`,
];

function paint(mode: QrMode, font: ConsoleFont) {
  const { lines } = drawQr(makeMatrix(uri), mode, { invert: false });
  return paintScreen(readScreen(lines.join('\n'), theme), font, theme);
}

/** Answers like setfont with `font` loaded. */
function runWithFont(font: ConsoleFont): Runner {
  const map = [...font.characters].map((character, glyph) => {
    const code = character.codePointAt(0)!.toString(16).padStart(4, '0');
    return `0x${glyph.toString(16).padStart(2, '0')}\tU+${code}\n`;
  });
  return { run: () => ({ status: 0, signal: null, stdout: map.join(''), stderr: '' }) };
}

describe('the fonts of the Linux console', () => {
  test.each(sample)('%s: column and wide are read', (name) => {
    const font = readConsoleFont(`${folder}/${name}`);
    expect(decodeByBoth(paint('column', font))).toEqual({ zbar: uri, jsqr: uri });
    expect(decodeByJsqr(paint('wide', font))).toBe(uri);
  });

  test('half is read with those that findHalfBlocks names, and with no other', () => {
    const read: string[] = [];
    const named: string[] = [];
    for (const name of fonts.filter((_, index) => index % 9 === 0).concat(sample)) {
      const font = readConsoleFont(`${folder}/${name}`);
      if (decodeByJsqr(paint('half', font)) === uri) read.push(name);
      if (findHalfBlocks(runWithFont(font), '/dev/tty1') === true) named.push(name);
    }
    expect(named).toEqual(read);
    expect(read).toContain('CyrKoi-Fixed16.psf.gz');
    expect(read).toContain(`${blockFontName}.psf.gz`);
    expect(read).not.toContain('Lat15-Fixed16.psf.gz');
  });
});
