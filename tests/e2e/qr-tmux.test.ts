import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { QrMode } from '../../src/qr/draw.ts';
import { type BundledDriver, bundleDriver } from '../support/bundle-driver.ts';
import { blockFont, decodeByBoth, paintScreen } from '../support/picture.ts';
import { uris } from '../support/qr-uris.ts';
import { readScreen, themes } from '../support/screen.ts';
import { startTmux } from '../support/tmux.ts';

let driver: BundledDriver;
beforeAll(() => {
  driver = bundleDriver('qr-driver');
});
afterAll(() => driver.remove());

const console24 = { columns: 80, rows: 24 };
const tall = { columns: 100, rows: 50 };

/** Shows a code, and answers the screen when the prompt stands below it. */
async function show(size: typeof tall, environment: Record<string, string>, ...words: readonly string[]) {
  const reportPath = join(driver.folder, 'report.json');
  const screen = startTmux([process.execPath, driver.path, ...words], size, {
    TERM: 'xterm',
    LC_ALL: 'C.UTF-8',
    REPORT: reportPath,
    ...environment,
  });
  try {
    const text = await screen.waitForText(/ready> /);
    return { text, report: JSON.parse(readFileSync(reportPath, 'utf8')) };
  } finally {
    screen.stop();
  }
}

function decode(text: string, theme: 'dark' | 'light') {
  return decodeByBoth(paintScreen(readScreen(text, themes[theme]), blockFont, themes[theme]));
}

describe('a code on a screen of tmux', () => {
  const coloured: readonly (readonly [QrMode, typeof tall])[] = [
    ['half', console24],
    ['column', tall],
    ['wide', tall],
  ];
  test.each(coloured.flatMap(([mode, size]) => uris.map((uri) => [mode, uri.length, size, uri] as const)))(
    '%s, %i bytes',
    async (mode, _bytes, size, uri) => {
      const { text } = await show(size, {}, mode, uri);
      expect(decode(text, 'dark')).toEqual({ zbar: uri, jsqr: uri });
      expect(decode(text, 'light')).toEqual({ zbar: uri, jsqr: uri });
    },
  );

  test.each(uris.map((uri) => [uri.length, uri] as const))('reverse, %i bytes', async (_bytes, uri) => {
    const dark = await show(tall, {}, 'reverse', uri);
    expect(decode(dark.text, 'dark')).toEqual({ zbar: uri, jsqr: uri });
    const light = await show(tall, {}, 'reverse', uri, 'invert');
    expect(decode(light.text, 'light')).toEqual({ zbar: uri, jsqr: uri });
  });

  test.each(uris.map((uri) => [uri.length, uri] as const))('auto at 80x24, %i bytes', async (_bytes, uri) => {
    const { text, report } = await show(console24, {}, 'auto', uri, 'ask');
    expect(report).toMatchObject({
      mode: 'half',
      raw: false,
      facts: { utf8: true, sixel: false, ...console24 },
    });
    expect(decode(text, 'dark')).toEqual({ zbar: uri, jsqr: uri });
  });

  test.each(['column', 'wide', 'reverse', 'sixel', 'ascii'])(
    '%s answers none at 80x24, with the URI',
    async (mode) => {
      const { text, report } = await show(console24, {}, mode, uris[0]!, 'ask');
      expect(report.mode).toBe('none');
      expect(text.replaceAll('\n', '')).toContain(uris[0]);
    },
  );

  test('tmux in a locale without UTF-8 is not believed to show it', async () => {
    const { report } = await show(console24, { TERM: 'screen', LC_ALL: 'C' }, 'auto', uris[0]!, 'ask');
    expect(report).toMatchObject({ mode: 'none', facts: { sixel: false } });
    expect(report.facts.utf8).toBeUndefined();
  });

  test('nothing is left to be scrolled back to', async () => {
    const screen = startTmux([process.execPath, driver.path, 'half', uris[2]!], console24, {
      TERM: 'xterm',
      LC_ALL: 'C.UTF-8',
    });
    try {
      await screen.waitForText(/ready> /);
      screen.type('filler');
      for (let line = 0; line < 40; line += 1) screen.press('Enter');
      expect(screen.captureAll()).toContain('▀');
      screen.type('clear');
      screen.press('Enter');
      await screen.waitForText(/^[^a-z]*ready> \s*$/);
      expect(screen.captureAll().trim()).toBe('ready>');
    } finally {
      screen.stop();
    }
  });
});
