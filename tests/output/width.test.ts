import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureCells, padCells, wrapCells } from '../../src/output/width.ts';

describe('measureCells', () => {
  test.each([
    ['abc', 3, 'ASCII'],
    ['J\u00f6rg', 4, 'Latin letters take one cell'],
    ['\u4e00\u4e8c', 4, 'CJK takes two'],
    ['\u{1f600}', 2, 'emoji take two'],
    ['e\u0301', 1, 'a combining accent takes none'],
    ['\uff76', 1, 'halfwidth katakana'],
  ])('%j takes %i', (text, cells) => {
    expect(measureCells(text)).toBe(cells);
  });
});

test('padCells counts cells, not characters', () => {
  expect(padCells('\u4e00', 4)).toBe('\u4e00  ');
  expect(padCells('longer', 3)).toBe('longer');
});

describe('wrapCells', () => {
  test('breaks at spaces, and inside words that are too long', () => {
    expect(wrapCells('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapCells('a JBSWY3DPEHPK3PXP', 8)).toEqual(['a', 'JBSWY3DP', 'EHPK3PXP']);
    expect(wrapCells('\u4e00\u4e8c\u4e09', 5)).toEqual(['\u4e00\u4e8c', '\u4e09']);
  });

  test('loses nothing but spaces and keeps to the width', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '\u4e00', 'e\u0301', '-') }),
        fc.integer({ min: 2, max: 9 }),
        (text, cells) => {
          const lines = wrapCells(text, cells);
          expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
          for (const line of lines) expect(measureCells(line)).toBeLessThanOrEqual(cells);
        },
      ),
    );
  });
});
