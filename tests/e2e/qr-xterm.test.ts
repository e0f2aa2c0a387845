import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BundledDriver, bundleDriver } from '../support/bundle-driver.ts';
import { decodeByBoth } from '../support/picture.ts';
import { uris } from '../support/qr-uris.ts';
import { waitFor } from '../support/wait.ts';
import { type Display, startDisplay } from '../support/xterm.ts';

let driver: BundledDriver;
let display: Display;
beforeAll(async () => {
  driver = bundleDriver('qr-driver');
  display = await startDisplay();
});
afterAll(async () => {
  await display.stop();
  driver.remove();
});

const dark = ['-fg', 'grey90', '-bg', 'black'];
/** Its blocks leave gaps between the lines. Package fonts-dejavu-core. */
const scalable = ['-fa', 'DejaVu Sans Mono', '-fs', '11'];
const light = ['-fg', 'black', '-bg', 'white'];
const [uri4, , uri6] = uris as [string, string, string];

type Screen = {
  readonly size?: string;
  readonly locale?: string;
  readonly term?: string;
  readonly colours?: readonly string[];
  readonly options?: readonly string[];
};

/** What the program decided in a real xterm, and what both decoders read off the display. */
async function show(screen: Screen, ...words: readonly string[]) {
  const reportPath = join(driver.folder, 'report.json');
  rmSync(reportPath, { force: true });
  const {
    size = '80x24',
    locale = 'C.UTF-8',
    term = 'xterm-256color',
    colours = dark,
    options = [],
  } = screen;
  const argv = [
    'xterm',
    '-geometry',
    `${size}+0+0`,
    ...colours,
    '-tn',
    term,
    ...options,
    '-e',
    process.execPath,
  ];
  const xterm = display.open([...argv, driver.path, ...words], { LC_ALL: locale, REPORT: reportPath });
  try {
    await waitFor('the report', () => existsSync(reportPath) || undefined);
    const report = JSON.parse(readFileSync(reportPath, 'utf8'));
    if (report.mode === 'none') return { report, ...decodeByBoth(display.takePicture()) };
    // What xterm has read it may not have painted yet.
    const read = () => {
      const texts = decodeByBoth(display.takePicture());
      return texts.jsqr === undefined || texts.zbar === undefined ? undefined : texts;
    };
    const texts = await waitFor('both decoders', read, 3000).catch(() => decodeByBoth(display.takePicture()));
    return { report, ...texts };
  } finally {
    xterm.kill();
    if (xterm.exitCode === null) await once(xterm, 'exit');
  }
}

const papers = [
  ['dark', dark],
  ['light', light],
] as const;
const locales = ['C.UTF-8', 'C'] as const;

describe('auto in xterm is read off the display', () => {
  test.each(
    papers.flatMap(([paper, colours]) =>
      ['xterm-256color', 'vt100', 'vt220'].map((term) => [term, paper, colours] as const),
    ),
  )('UTF-8 at 80x24: half, TERM=%s, %s', async (term, _paper, colours) => {
    const { report, zbar, jsqr } = await show({ term, colours }, 'auto', uri6, 'ask');
    const facts = { columns: 80, rows: 24, utf8: true, sixel: false };
    expect(report).toMatchObject({ mode: 'half', raw: false, facts });
    expect({ zbar, jsqr }).toEqual({ zbar: uri6, jsqr: uri6 });
  });

  test.each(
    papers.flatMap(([paper, colours]) =>
      locales.flatMap((locale) =>
        ['xterm-256color', 'linux'].map((term) => [locale, term, paper, colours] as const),
      ),
    ),
  )('132x50: LC_ALL=%s, TERM=%s, %s', async (locale, term, _paper, colours) => {
    const { report, zbar, jsqr } = await show({ size: '132x50', locale, term, colours }, 'auto', uri6, 'ask');
    expect(report.facts).toMatchObject({ columns: 132, rows: 50, utf8: locale === 'C.UTF-8' });
    expect(report.mode).toBe(locale === 'C.UTF-8' && term !== 'linux' ? 'half' : 'column');
    expect({ zbar, jsqr }).toEqual({ zbar: uri6, jsqr: uri6 });
  });

  test.each(papers)('UTF-8 at 80x25, %s', async (_paper, colours) => {
    const { report, zbar, jsqr } = await show({ size: '80x25', colours }, 'auto', uri4, 'ask');
    expect(report.mode).toBe('half');
    expect({ zbar, jsqr }).toEqual({ zbar: uri4, jsqr: uri4 });
  });

  test.each(papers)('with gaps between the lines, %s', async (_paper, colours) => {
    const { report, zbar, jsqr } = await show({ colours, options: scalable }, 'auto', uri6, 'ask');
    expect(report.mode).toBe('half');
    expect({ zbar, jsqr }).toEqual({ zbar: uri6, jsqr: uri6 });
  });

  test('LANG says C and the terminal reads UTF-8 all the same', async () => {
    const { report, zbar, jsqr } = await show({ options: ['+lc', '-u8'], locale: 'C' }, 'auto', uri4, 'ask');
    expect(report).toMatchObject({ mode: 'half', facts: { utf8: true } });
    expect({ zbar, jsqr }).toEqual({ zbar: uri4, jsqr: uri4 });
  });
});

/** The palette of somebody who likes paper, and turned it round by hand. */
const swapped = ['color0', 'white', 'color7', 'black', 'color15', 'black'];
const turnedRound = [0, 2, 4].flatMap((at) => ['-xrm', `*${swapped[at]}: ${swapped[at + 1]}`]);

describe('colours that are swapped', () => {
  test.each([
    ['half', '80x24', 'C.UTF-8', dark],
    ['half', '80x24', 'C.UTF-8', light],
    ['column', '132x50', 'C', dark],
  ] as const)('are found out: %s at %s in %s', async (mode, size, locale, colours) => {
    const screen = { size, locale, colours, options: turnedRound };
    const { report, zbar, jsqr } = await show(screen, 'auto', uri6, 'ask');
    expect(report).toMatchObject({ mode, facts: { palette: { black: 1, white: 0, brightWhite: 0 } } });
    expect({ zbar, jsqr }).toEqual({ zbar: uri6, jsqr: uri6 });
  });

  test.each(papers)('so reverse video scans on %s without a word', async (_paper, colours) => {
    const { zbar, jsqr } = await show({ size: '132x50', colours }, 'reverse', uri4, 'ask');
    expect({ zbar, jsqr }).toEqual({ zbar: uri4, jsqr: uri4 });
  });
});

describe('auto in xterm says that it cannot', () => {
  test.each<[Screen, RegExp]>([
    [{ size: '40x12' }, /this window has 40 and 12/],
    [{ size: '40x12', locale: 'C', colours: light }, /this window has 40 and 12/],
    [{ locale: 'C' }, /8-bit charset/],
    [{ locale: 'C', colours: light, size: '80x25' }, /8-bit charset/],
    [{ locale: 'C', term: 'vt100' }, /8-bit charset/],
    [{ locale: 'C', term: 'vt220' }, /8-bit charset/],
    [{ term: 'linux' }, /not known whether the console font has half blocks/],
    [{ term: 'linux', locale: 'C' }, /not known whether the console font has half blocks/],
    [{ term: 'dumb' }, /TERM is dumb/],
    [{ term: 'dumb', size: '132x50', locale: 'C' }, /TERM is dumb/],
  ])('%o', async (screen, reason) => {
    const { report, zbar, jsqr } = await show(screen, 'auto', uri4, 'ask');
    expect(report).toMatchObject({ mode: 'none', raw: false });
    expect(report.reason).toMatch(reason);
    expect({ zbar, jsqr }).toEqual({ zbar: undefined, jsqr: undefined });
  });
});

describe('modes by name in xterm', () => {
  test.each(
    ['column', 'wide'].flatMap((mode) =>
      papers.flatMap(([paper, colours]) => locales.map((locale) => [mode, locale, paper, colours] as const)),
    ),
  )('%s, LC_ALL=%s, %s', async (mode, locale, _paper, colours) => {
    const { report, zbar, jsqr } = await show({ size: '132x50', locale, colours }, mode, uri6, 'ask');
    expect(report.mode).toBe(mode);
    expect({ zbar, jsqr }).toEqual({ zbar: uri6, jsqr: uri6 });
  });

  test('reverse: on dark as it is, on light inverted', async () => {
    const plain = await show({ size: '132x50', locale: 'C' }, 'reverse', uri4, 'ask');
    expect(plain).toMatchObject({ zbar: uri4, jsqr: uri4 });
    const inverted = await show({ size: '132x50', colours: light }, 'reverse', uri4, 'ask', 'invert');
    expect(inverted).toMatchObject({ zbar: uri4, jsqr: uri4 });
  });

  test('half, in an 8-bit locale with a font that has the blocks: switched to UTF-8 and back', async () => {
    const options = scalable;
    const { report, zbar, jsqr } = await show({ locale: 'C', options }, 'half', uri6, 'ask');
    expect(report.facts).toMatchObject({ utf8: false, switchesToUtf8: true });
    expect({ zbar, jsqr }).toEqual({ zbar: uri6, jsqr: uri6 });
  });

  test.each(papers)(
    'sixel, which xterm has as a VT340, is what auto takes in an 8-bit locale: %s',
    async (_paper, colours) => {
      const screen = { colours, locale: 'C', options: ['-ti', 'vt340'] };
      const { report, zbar, jsqr } = await show(screen, 'auto', uri6, 'ask');
      expect(report).toMatchObject({ mode: 'sixel', facts: { sixel: true } });
      expect({ zbar, jsqr }).toEqual({ zbar: uri6, jsqr: uri6 });
    },
  );

  test('sixel fills its cells where the terminal tells their size', async () => {
    const options = ['-ti', 'vt340', '-xrm', '*allowWindowOps: true', '-fn', '10x20'];
    const { report, zbar, jsqr } = await show({ options }, 'sixel', uri6, 'ask');
    expect(report.facts.cellPixels).toEqual({ width: 10, height: 20 });
    expect({ zbar, jsqr }).toEqual({ zbar: uri6, jsqr: uri6 });
  });
});
