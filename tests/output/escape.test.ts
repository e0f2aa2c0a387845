import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeForTerminal, escapeJsonText } from '../../src/output/escape.ts';

/** What a terminal obeys: C0 but newline, DEL, C1; what it hides or turns round: bidi, zero-width, lone surrogates. */
const dangerous =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ufe00-\ufe0f]|\p{Cs}/u;

describe('escapeForTerminal', () => {
  test.each([
    ['\x1b[31mred', '\\x1b[31mred', 'an escape sequence'],
    ['a\u009b31m', 'a\\x9b31m', 'the 8-bit CSI of xterm and vt220'],
    ['a\x7f\x00', 'a\\x7f\\x00', 'DEL and NUL'],
    ['a\tb\rc\nd', 'a\\tb\\rc\\nd', 'a carriage return would write over the line'],
    ['ro\u202eot', 'ro\\u202eot', 'a bidi override shows another name'],
    ['ro\u200bot', 'ro\\u200bot', 'a zero-width space makes two names look alike'],
    ['a\u2028b', 'a\\u2028b', 'a line separator'],
    ['a\ud800b', 'a\\ud800b', 'a lone surrogate cannot be written as UTF-8'],
    ['a\ufff9b', 'a\\ufff9b', 'an annotation mark'],
    ['a\u{e0041}b', 'a\\u{e0041}b', 'an invisible tag beyond the BMP'],
    [
      'J\u00f6rg \u4e00 \u{1f600} e\u0301',
      'J\u00f6rg \u4e00 \u{1f600} e\u0301',
      'letters, wide ones and combined ones are data',
    ],
    ['DOM\\user', 'DOM\\user', 'a backslash is harmless'],
  ])('%j becomes %j', (text, expected) => {
    expect(escapeForTerminal(text)).toBe(expected);
  });

  test('keeps newlines where asked', () => {
    expect(escapeForTerminal('a\n\x1bb', { keepNewlines: true })).toBe('a\n\\x1bb');
  });

  test('leaves no byte of UTF-8 for an 8-bit terminal, where U+00DB ends in CSI', () => {
    expect(escapeForTerminal('\u00db\u{1f600}', { asciiOnly: true })).toBe('\\xdb\\u{1f600}');
  });

  test('lets nothing dangerous through, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeForTerminal(text)).not.toMatch(dangerous);
        expect(escapeForTerminal(text, { asciiOnly: true })).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});

test('escapeJsonText keeps the value and lets nothing dangerous through', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      for (const asciiOnly of [false, true]) {
        const json = escapeJsonText(JSON.stringify(value, null, 2), asciiOnly);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(json).not.toMatch(dangerous);
      }
    }),
  );
});
