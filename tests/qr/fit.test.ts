import { describe, expect, test } from 'vitest';
import { chooseQrMode, type QrRequest, type TerminalFacts } from '../../src/qr/fit.ts';

const xterm: TerminalFacts = {
  isTty: true,
  columns: 80,
  rows: 24,
  utf8: true,
  colours: true,
  sixel: undefined,
  kind: 'xterm',
  halfBlocksInFont: undefined,
};
const switching = { utf8: false, switchesToUtf8: true };
const tall = { columns: 132, rows: 50 };

function choose(requested: QrRequest, facts: Partial<TerminalFacts>, moduleCount = 33, reservedRows = 1) {
  return chooseQrMode({ requested, terminal: { ...xterm, ...facts }, moduleCount, reservedRows });
}

describe('auto', () => {
  test.each<[string, Partial<TerminalFacts>, string, RegExp]>([
    ['a UTF-8 terminal', {}, 'half', /UTF-8/],
    ['a serial line without a size', { columns: 0, rows: 0, kind: 'vt220' }, 'half', /UTF-8/],
    [
      'an 8-bit terminal that is small',
      { utf8: false },
      'none',
      /not read UTF-8; .* 37 columns and 38 rows; this window has 80 and 24/,
    ],
    ['an 8-bit terminal that is tall', { utf8: false, ...tall }, 'column', /background colours/],
    ['an 8-bit terminal that switches, its font unknown', switching, 'none', /8-bit charset/],
    ['the same, tall', { ...switching, ...tall }, 'column', /background colours/],
    [
      'an 8-bit console with the blocks',
      { ...switching, kind: 'linux', halfBlocksInFont: true },
      'half',
      /UTF-8/,
    ],
    ['no word about the charset', { utf8: undefined }, 'none', /not known .* UTF-8; .* has 80 and 24/],
    ['8-bit with sixel', { utf8: false, sixel: true }, 'sixel', /sixel/],
    [
      'small and narrow',
      { columns: 40, rows: 12 },
      'none',
      /half it needs 37 columns and 20 rows; .* 40 and 12/,
    ],
    ['a console with an unknown font', { kind: 'linux' }, 'none', /not known .* font/],
    [
      'a console without the blocks',
      { kind: 'linux', halfBlocksInFont: false },
      'none',
      /no half blocks ."setfont FullGreek-VGA16"/,
    ],
    ['the same, tall', { kind: 'linux', halfBlocksInFont: false, ...tall }, 'column', /every font/],
    ['a console with the blocks', { kind: 'linux', halfBlocksInFont: true }, 'half', /UTF-8/],
    ['TERM=dumb, however tall', { kind: 'dumb', ...tall }, 'none', /TERM is dumb/],
    ['no terminal', { isTty: false }, 'none', /not a terminal/],
    ['no colours and no UTF-8', { colours: false, utf8: undefined, ...tall }, 'reverse', /no colours/],
  ])('%s', (_name, facts, mode, reason) => {
    const choice = choose('auto', facts);
    expect(choice.mode).toBe(mode);
    expect(choice.reason).toMatch(reason);
  });

  test('never answers ascii, whatever the terminal', () => {
    for (const utf8 of [true, false, undefined])
      for (const colours of [true, false])
        for (const kind of ['dumb', 'linux', 'xterm', 'vt100'])
          expect(choose('auto', { utf8, colours, kind, ...tall }).mode).not.toBe('ascii');
  });
});

describe('a mode that was asked for', () => {
  test.each<[string, QrRequest, Partial<TerminalFacts>, string]>([
    ['half, with no word about the charset', 'half', { utf8: undefined }, 'half'],
    ['half, 8-bit that switches', 'half', switching, 'half'],
    ['half, 8-bit for certain', 'half', { utf8: false }, 'none'],
    ['half, font without blocks', 'half', { kind: 'linux', halfBlocksInFont: false }, 'none'],
    ['half, font unknown', 'half', { kind: 'linux' }, 'half'],
    ['column in 24 rows', 'column', {}, 'none'],
    ['wide in 72 columns', 'wide', { columns: 72, rows: 50 }, 'none'],
    ['wide in 74 columns', 'wide', { columns: 74, rows: 50 }, 'wide'],
    ['sixel, not asked', 'sixel', {}, 'sixel'],
    ['sixel, denied', 'sixel', { sixel: false }, 'none'],
    ['ascii into a file', 'ascii', { isTty: false, columns: 0, rows: 0 }, 'ascii'],
    ['wide into a file', 'wide', { isTty: false, columns: 0, rows: 0 }, 'wide'],
    ['none', 'none', {}, 'none'],
  ])('%s', (_name, requested, facts, mode) => {
    const choice = choose(requested, facts);
    expect(choice.mode).toBe(mode);
    expect(choice.reason).not.toBe('');
  });
});

describe('room', () => {
  test.each([
    [33, 5, 'half'],
    [33, 6, 'none'],
    [37, 3, 'half'],
    [41, 1, 'half'],
    [41, 2, 'none'],
    [45, 0, 'none'],
  ])('80x24 with %i modules and %i reserved rows: %s', (moduleCount, reservedRows, mode) => {
    expect(choose('auto', {}, moduleCount, reservedRows).mode).toBe(mode);
  });

  test('only half is told to switch, and only where it helps', () => {
    expect(choose('auto', { ...switching, halfBlocksInFont: true }).switchToUtf8).toBe(true);
    expect(choose('half', switching).switchToUtf8).toBe(true);
    expect(choose('auto', {}).switchToUtf8).toBe(false);
    expect(choose('column', { ...switching, ...tall }).switchToUtf8).toBe(false);
  });
});
