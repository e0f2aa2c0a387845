import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinArgv } from '../../src/language/argv.ts';
import type { Value } from '../../src/language/ast.ts';
import { needsMoreInput } from '../../src/language/continuation.ts';
import { parseHead } from '../../src/language/head.ts';
import { readBoolean } from '../../src/language/literal.ts';
import { parseArguments } from '../../src/language/parse.ts';
import { quoteValue, quoteWord } from '../../src/language/quote.ts';
import type { Span } from '../../src/language/span.ts';
import type { Json } from '../../src/output/view.ts';
import { locateQueryCursor } from '../../src/query/cursor.ts';
import { parseQuery } from '../../src/query/parse.ts';
import { locateCursor } from '../../src/registry/cursor.ts';
import { effort } from '../support/effort.ts';
import { linear, measureGrowth } from '../support/growth.ts';

const numRuns = 300 * effort;

// Made of what the language gives a meaning to, so that odd neighbours meet often.
const pieces = [
  ...'\'"\\{}[]()<>=!#?,.:/-+*;|&$ \t\n\r~@%_0aé😀'.match(/./gsu)!,
  ...[
    '--',
    '-- edit',
    '..',
    'key=',
    'where ',
    ' and ',
    ' or ',
    'not ',
    ' in ',
    '==',
    '>=',
    'order_by=',
    'limit=',
    'true',
  ],
  ...[
    'null',
    '.match(',
    '\\u0041',
    '\u00a0',
    '\u200b',
    '\u202e',
    '\u0000',
    '\x1b[A',
    '\ud800',
    '\udc00',
    '“',
    '”',
    '’',
  ],
  ...['{"a":', '[1,', "O'Brien", '> ./f', '\u3164', '\ufe0f', '\ufeff', '\u2028', 'cmd'],
];
const line = fc.array(fc.constantFrom(...pieces), { maxLength: 24 }).map((parts) => parts.join(''));
const anyText = fc.oneof(
  line,
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);

function collectSpans(value: unknown): Span[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'start' in value && 'end' in value ? [value as Span] : [];
  return [...own, ...Object.values(value).flatMap(collectSpans)];
}

function expectInside(text: string, value: unknown): void {
  for (const { start, end } of collectSpans(value)) {
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThanOrEqual(start);
    expect(end).toBeLessThanOrEqual(text.length);
  }
}

/** Reads a value as the kind of `like`, as a parameter of that kind would. */
function readAs(value: Value, like: Json): Json {
  if (value.kind === 'json') return value.value;
  if (value.kind === 'list') return value.items.map((item) => readAs(item, ''));
  if (value.kind === 'quoted' || typeof like === 'string')
    return value.kind === 'bare' && value.text === 'null' ? null : value.text;
  if (like === null) return value.text === 'null' ? null : value.text;
  return typeof like === 'number' ? Number(value.text) : (readBoolean(value.text) ?? value.text);
}

describe('for any line', () => {
  test('parsing ends, and every span lies in the line', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const head = parseHead(text);
        expectInside(text, head);
        expectInside(text, parseArguments(text, head.end));
        expectInside(text, parseArguments(text, 0));
        expectInside(text, parseQuery(text, 0));
        expectInside(text, locateCursor(text, text.length));
        expectInside(text, locateQueryCursor(text, 0, text.length));
        needsMoreInput(text);
      }),
      { numRuns },
    );
  });

  test('a hint that is a line parses without a problem', () => {
    const starts = fc
      .tuple(fc.constantFrom('cmd ', 'cmd a=', 'cmd where a == ', 'cmd s={'), line)
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(starts, (text) => {
        for (const parse of [parseArguments, parseQuery]) {
          for (const { hint } of parse(text, 3).problems) {
            if (hint?.startsWith('cmd')) expect(parse(hint, 3).problems).toEqual([]);
            expect(hint).toBeTruthy();
          }
        }
      }),
      { numRuns },
    );
  });

  test('every problem has a message of one line with nothing hidden in it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const { message } of [...parseArguments(text, 0).problems, ...parseQuery(text, 0).problems]) {
          expect(message).toMatch(/^[^\p{Cc}\p{Cs}\u200b\u202e]+$/u);
        }
      }),
      { numRuns },
    );
  });

  test('argv words make a line that parses to an end', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 5 }), (words) => {
        const text = joinArgv(words);
        parseArguments(text, parseHead(text).end);
      }),
      { numRuns },
    );
  });
});

describe('for any value', () => {
  const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
  const value = fc.oneof(
    json,
    anyText,
    fc.constantFrom<Json>('null', 'true', '--', '?', '#', '1', '', 'a,b', 'ABC='),
  );

  test('parsing what quoteValue writes gives the value back', () => {
    fc.assert(
      fc.property(value, (expected) => {
        const text = `cmd k=${quoteValue(expected)}`;
        const { named, problems } = parseArguments(text, 3);
        expect(problems).toEqual([]);
        expect(named).toHaveLength(1);
        expect(readAs(named[0]!.value!, expected)).toEqual(expected);
      }),
      { numRuns },
    );
  });

  test('so it does as a positional, as a file and in a query', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const word = quoteWord(text);
        expect(parseArguments(`cmd k=1 ${word} end`, 3).positionals).toMatchObject([
          { text },
          { text: 'end' },
        ]);
        if (text !== '') expect(parseArguments(`cmd > ${word}`, 3).redirect?.path).toBe(text);
        const { query, problems } = parseQuery(`cmd where a == ${word}`, 3);
        expect(problems).toEqual([]);
        expect(query.where).toMatchObject({ literal: { text } });
      }),
      { numRuns },
    );
  });

  test('key=rest as one argv word sets the key to the rest, whatever it is', () => {
    const plain = anyText.filter((text) => !/^["'{[=]|["']|^[^=]*=+$|,|^\?$/.test(text));
    fc.assert(
      fc.property(plain, (rest) => {
        const text = joinArgv(['cmd', `k=${rest}`]);
        expect(parseArguments(text, 3)).toMatchObject({
          problems: [],
          named: [{ key: 'k', value: { text: rest } }],
        });
      }),
      { numRuns },
    );
  });
});

describe('the work grows with the length of a line, not with its square, whatever it repeats', () => {
  const units = [
    ...[
      'a',
      ' ',
      'é',
      '😀',
      "'",
      '"',
      '\\"',
      '\\',
      "a' ",
      "a'b",
      "' ",
      '" ',
      '{',
      '[',
      ']',
      '[ ',
      '[}',
      '{"a":',
      '[1,',
    ],
    ...[
      '"a"b',
      ',',
      'a,"b",',
      '=',
      'k=',
      'k= ',
      'k = ',
      'a=1 ',
      '>',
      '> ',
      '>a',
      '#',
      '?',
      '--',
      '-- ',
      '..',
      '../',
      'a.',
    ],
    ...[
      '* ',
      '*',
      '\u00a0',
      '\u200b',
      'a\u200b',
      '\u0000',
      '\x1b[',
      '\ud800',
      '“',
      '“a ',
      '’',
      'a’',
      '\n',
      'a\n',
      ';',
      '&&',
    ],
    ...[
      '(',
      ')',
      'not ',
      'a and ',
      'a or ',
      'a,',
      'a == b ',
      'a in [',
      'x.match(',
      'order_by=',
      "a' b=",
      '>"\\" ',
      'a"\\" ',
    ],
  ];

  // Going over the rest of the line for every word would cost the square.
  test.each(units.map((unit) => [unit]))('%j', (unit) => {
    const scan = (size: number) => {
      const rest = unit.repeat(Math.ceil(size / unit.length));
      parseArguments(`cmd k=${rest}`, 3);
      parseQuery(`cmd where (${rest}`, 3);
      needsMoreInput(`cmd k=[${rest}`);
      locateCursor(`cmd ${rest}`, rest.length + 4);
    };
    expect(measureGrowth(scan, 3000)).toBeLessThan(linear);
  });
});
