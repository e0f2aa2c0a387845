import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeByBoth } from '../support/picture.ts';
import { waitFor } from '../support/wait.ts';
import { type Display, startDisplay } from '../support/xterm.ts';

/*
 * The whole program in a real xterm: the line that people type, and what both decoders read off the display. Where no
 * code can be shown, the program has to say so and to give the key.
 */

const program = fileURLToPath(new URL('../../bin/postern.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'postern-qr-'));
const line = 'account user show_2fa_qr username=root';
let display: Display;
let uri: string;

beforeAll(async () => {
  const run = (...words: string[]) =>
    execFileSync(process.execPath, [program, '--state-dir', directory, ...words], { encoding: 'utf8' });
  run('auth', 'two_factor', 'update', 'issuer=nas');
  ({ provisioning_uri: uri } = JSON.parse(run('-o', 'json', 'account', 'user', 'renew_2fa_secret', 'root')));
  display = await startDisplay();
});

afterAll(async () => {
  await display.stop();
  rmSync(directory, { recursive: true, force: true });
});

type Screen = {
  readonly size: string;
  readonly locale: string;
  readonly term: string;
  readonly colours: 'dark' | 'light';
  readonly words?: readonly string[];
};

const colours = { dark: ['-fg', 'grey90', '-bg', 'black'], light: ['-fg', 'black', '-bg', 'white'] } as const;

/** Runs the line in xterm, and reads the display until both decoders agree or the time is over. */
async function show({ size, locale, term, colours: paper, words = [] }: Screen) {
  const capture = join(directory, 'typescript');
  rmSync(capture, { force: true });
  const typed = [`'${process.execPath}'`, `'${program}'`, '--state-dir', directory, ...words, line].join(' ');
  const xterm = display.open(
    [
      'xterm',
      '-geometry',
      `${size}+0+0`,
      ...colours[paper],
      '-tn',
      term,
      '-e',
      'script',
      '-q',
      '-f',
      '-c',
      typed,
      capture,
    ],
    { LC_ALL: locale, SHELL: '/bin/sh' },
  );
  try {
    const read = () => {
      const texts = decodeByBoth(display.takePicture());
      return texts.jsqr === undefined || texts.zbar === undefined ? undefined : texts;
    };
    const texts = await waitFor('both decoders', read, 6000).catch(() => decodeByBoth(display.takePicture()));
    const said = execFileSync('cat', [capture], { encoding: 'latin1' });
    return { ...texts, said };
  } finally {
    xterm.kill();
    if (xterm.exitCode === null) await once(xterm, 'exit');
  }
}

describe('a code that both decoders read off the screen', () => {
  test.each([
    { size: '80x24', locale: 'C.UTF-8', term: 'xterm-256color', colours: 'dark' },
    { size: '80x24', locale: 'C.UTF-8', term: 'xterm-256color', colours: 'light' },
    { size: '80x25', locale: 'C.UTF-8', term: 'vt100', colours: 'dark' },
    { size: '132x50', locale: 'C', term: 'vt220', colours: 'light' },
    { size: '132x50', locale: 'C', term: 'xterm-256color', colours: 'dark' },
    { size: '80x24', locale: 'C.UTF-8', term: 'linux', colours: 'dark', words: ['--qr', 'half'] },
    { size: '100x60', locale: 'C', term: 'xterm-256color', colours: 'light', words: ['--qr', 'wide'] },
  ] satisfies Screen[])('$size $locale $term on $colours', async (screen) => {
    const { zbar, jsqr } = await show(screen);
    expect({ zbar, jsqr }).toEqual({ zbar: uri, jsqr: uri });
  });
});

describe('where no code can be shown, the reason and the key', () => {
  test.each([
    { size: '40x12', locale: 'C.UTF-8', term: 'xterm-256color', colours: 'dark' },
    { size: '80x24', locale: 'C', term: 'xterm-256color', colours: 'light' },
    { size: '80x24', locale: 'C.UTF-8', term: 'dumb', colours: 'dark' },
  ] satisfies Screen[])('$size $locale $term on $colours', async (screen) => {
    const { zbar, jsqr, said } = await show(screen);
    expect({ zbar, jsqr }).toEqual({ zbar: undefined, jsqr: undefined });
    const key = new URL(uri).searchParams.get('secret') ?? '';
    expect(said).toContain(key.slice(0, 4));
    expect(said.replace(/\s/g, '')).toContain(key.replace(/\s/g, ''));
    expect(said).toMatch(/no QR code|cannot be shown|does not fit/i);
  });
});
