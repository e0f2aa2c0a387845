import { describe, expect, test } from 'vitest';
import { PosternError } from '../../src/errors.ts';
import { makeMatrix } from '../../src/qr/matrix.ts';
import { uris } from '../support/qr-uris.ts';

describe('makeMatrix', () => {
  test.each([
    [74, 33],
    [100, 37],
    [134, 41],
  ])('%i bytes take the smallest version, of %i modules', (bytes, modules) => {
    const text = uris.find((uri) => uri.length === bytes)!;
    const matrix = makeMatrix(text);
    expect(matrix).toHaveLength(modules);
    expect(matrix.every((row) => row.length === modules)).toBe(true);
  });

  test('true is dark: a finder pattern stands in three corners', () => {
    const matrix = makeMatrix(uris[0]!);
    const finder = ['#######', '#.....#', '#.###.#', '#.###.#', '#.###.#', '#.....#', '#######'];
    const corner = (top: number, left: number) =>
      finder.map((_, row) =>
        finder.map((_, column) => (matrix[top + row]![left + column] ? '#' : '.')).join(''),
      );
    expect(corner(0, 0)).toEqual(finder);
    expect(corner(0, 26)).toEqual(finder);
    expect(corner(26, 0)).toEqual(finder);
  });

  test.each([
    ['€', 'rule.qr_characters'],
    ['otpauth://totp/nas:😀', 'rule.qr_characters'],
    ['x'.repeat(2954), 'rule.qr_too_long'],
  ])('refuses what it would corrupt: %.24s', (text, code) => {
    expect(() => makeMatrix(text)).toThrow(PosternError);
    expect(() => makeMatrix(text)).toThrow(expect.objectContaining({ code }));
  });

  test('takes Latin-1 and the longest text that a QR code holds', () => {
    expect(makeMatrix('Zürich')).toHaveLength(21);
    expect(makeMatrix('x'.repeat(2953))).toHaveLength(177);
  });
});
