import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemsToJson, renderDiagnostic } from '../../src/output/diagnostic.ts';
import { measureCells } from '../../src/output/width.ts';

const line = "auth two_factor update enabled=false'";
const quote = {
  code: 'lex.unclosed_quote',
  message: "a ' opens here and nothing closes it",
  span: { start: 36, end: 37 },
  hint: 'auth two_factor update enabled=false',
} as const;
const plain = { colours: false };

function caretLine(text: string): string {
  return text.split('\n').find((row) => /^ *\^+$/.test(row)) ?? '';
}

describe('renderDiagnostic', () => {
  test('answers the line of the founding document exactly', () => {
    expect(
      renderDiagnostic([quote], { ...plain, line }),
    ).toBe(`postern: error[lex.unclosed_quote]: a ' opens here and nothing closes it
  auth two_factor update enabled=false'
                                      ^
  hint: auth two_factor update enabled=false`);
  });

  test('shows every problem with its own caret and hint', () => {
    const second = { code: 'bind.unknown_key', message: 'no such key', span: { start: 5, end: 15 } } as const;
    expect(
      renderDiagnostic([quote, second], { ...plain, line })
        .split('\n')
        .slice(4),
    ).toEqual(['postern: error[bind.unknown_key]: no such key', `  ${line}`, '       ^^^^^^^^^^']);
  });

  test('names the script and the line in it, and shows the line where nothing points into it', () => {
    const source = { file: 'script.pst', lineNumber: 12 };
    const rule = { code: 'rule.no_admin', message: 'nobody is enrolled' } as const;
    expect(renderDiagnostic([rule], { ...plain, line: '  auth x', source })).toBe(
      'postern: script.pst:12: error[rule.no_admin]: nobody is enrolled\n  auth x',
    );
    expect(renderDiagnostic([rule], { ...plain, line })).toBe(
      'postern: error[rule.no_admin]: nobody is enrolled',
    );
  });

  test.each([
    ['\u4e00\u4e8c x', { start: 3, end: 4 }, 2 + 5, 1, 'wide letters before the caret'],
    ['x \u4e00\u4e8c', { start: 2, end: 4 }, 2 + 2, 4, 'wide letters under the caret'],
    ['a\x1bb', { start: 2, end: 3 }, 2 + 5, 1, 'an escaped control character is four cells'],
    ['\tx', { start: 1, end: 2 }, 2 + 4, 1, 'a tab'],
    ['{\n "a" x', { start: 7, end: 8 }, 2 + 5, 1, 'the second line of several'],
    ['abc', { start: 3, end: 4 }, 2 + 3, 1, 'behind the end'],
    ['abc', { start: 90, end: 99 }, 2 + 3, 1, 'a span that does not fit the line'],
    ['abc', { start: 1, end: 1 }, 2 + 1, 1, 'an empty span still has a caret'],
  ])('%j: the caret stands under the cause', (text, span, before, carets) => {
    const shown = caretLine(renderDiagnostic([{ ...quote, span }], { ...plain, line: text }));
    expect(shown).toBe(' '.repeat(before) + '^'.repeat(carets));
  });

  test('cuts a long line around the caret on a narrow terminal only', () => {
    const long = `auth ${'x'.repeat(60)} BAD ${'y'.repeat(60)}`;
    const problem = { ...quote, span: { start: 66, end: 69 } };
    const rendered = renderDiagnostic([problem], { ...plain, line: long, columns: 40 }).split('\n');
    const at = rendered.findIndex((row) => /^ *\^+$/.test(row));
    const [shown = '', carets = ''] = rendered.slice(at - 1, at + 1);
    expect(shown.length).toBeLessThan(40);
    expect(shown).toMatch(/^ {2}\.\.\.x+ BAD y+\.\.\.$/);
    expect(shown.slice(carets.indexOf('^'), carets.length)).toBe('BAD');
    expect(renderDiagnostic([problem], { ...plain, line: long })).toContain(long);
  });

  test('wraps the sentence at words on a terminal, and never elsewhere', () => {
    const problem = { code: 'rule.long' as const, message: 'word '.repeat(30).trim() };
    const lines = renderDiagnostic([problem], { ...plain, columns: 40 }).split('\n');
    for (const text of lines) expect(text.length).toBeLessThanOrEqual(40);
    expect(lines.join(' ').replace(/ +/g, ' ')).toBe(`postern: error[rule.long]: ${problem.message}`);
    expect(lines.at(-1)).toMatch(/^ {2}word/);
    expect(renderDiagnostic([problem], plain).split('\n')).toHaveLength(1);
    const painted = renderDiagnostic([problem], { ...plain, columns: 40, colours: true });
    expect(painted.split('\n')[0]).toContain('\x1b[1;31merror[rule.long]\x1b[0m');
  });

  test('breaks a sentence between words, and never a line to be typed', () => {
    const message =
      'no command or namespace of that name in the namespace where it was typed, nor at the root';
    const hint = `auth two_factor update ${'issuer=nas '.repeat(12)}`.trim();
    const said = renderDiagnostic([{ code: 'bind.x', message, hint: message }], { ...plain, columns: 50 });
    for (const row of said.split('\n')) expect(measureCells(row)).toBeLessThanOrEqual(50);
    expect(said.split('\n').flatMap((row) => row.trim().split(' '))).toEqual(
      `postern: error[bind.x]: ${message} hint: ${message}`.split(' '),
    );
    const typed = renderDiagnostic([{ code: 'bind.x', message, hint, instruction: '' }], {
      ...plain,
      columns: 50,
    });
    expect(typed.split('\n').at(-1)).toBe(`  hint: ${hint}`);
  });

  test('shows of a very long line what is around each caret', () => {
    const problems = Array.from({ length: 20 }, (_, i) => ({
      ...quote,
      span: { start: i * 10_000, end: i * 10_000 + 1 },
    }));
    const text = renderDiagnostic(problems, { ...plain, line: 'x'.repeat(200_000) });
    expect(text.length).toBeLessThan(20 * 5000);
  });

  test('lets no control character through, and no colour where none is wished', () => {
    const text = renderDiagnostic(
      [{ code: 'bind.x', message: 'a\x1bb', hint: 'c\u009bd', span: { start: 0, end: 2 } }],
      {
        ...plain,
        line: 'e\u202ef',
        source: { file: 'g\x07', lineNumber: 1 },
      },
    );
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    expect(renderDiagnostic([quote], { colours: true, line })).toContain('\x1b[1;31m^\x1b[0m');
  });

  test('always shows a caret within the screen, whatever the line and the span', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.nat(40),
        fc.nat(40),
        fc.integer({ min: 24, max: 90 }),
        (text, start, length, columns) => {
          const rendered = renderDiagnostic([{ ...quote, span: { start, end: start + length } }], {
            ...plain,
            line: text,
            columns,
          });
          expect(caretLine(rendered)).not.toBe('');
          const rows = rendered.split('\n');
          const at = rows.findIndex((row) => /^ *\^+$/.test(row));
          for (const row of rows.slice(at - 1, at + 1))
            expect(measureCells(row)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});

describe('problemsToJson', () => {
  test('is the shape of one error, with the others under "also"', () => {
    expect(problemsToJson([quote], line)).toBe(
      JSON.stringify({
        error: { code: quote.code, message: quote.message, line, start: 36, end: 37, hint: quote.hint },
      }),
    );
    const other = { code: 'bind.x', message: 'other' } as const;
    const json = JSON.parse(problemsToJson([quote, other], line, { file: 'a.pst', lineNumber: 3 }));
    expect(json.error).toMatchObject({ also: [other], file: 'a.pst', line_number: 3 });
  });

  test('holds no control character', () => {
    expect(problemsToJson([{ code: 'bind.x', message: 'a\u009b' }], '\x1b')).toMatch(/^[\x20-\x7e]*$/);
  });
});
