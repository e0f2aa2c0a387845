import { describe, expect, test } from 'vitest';
import type { Expression } from '../../src/language/ast.ts';
import { parseQuery } from '../../src/query/parse.ts';
import { checkPattern, limitText } from '../../src/query/pattern.ts';

function showExpression(part: Expression | undefined): string {
  if (part === undefined) return '';
  switch (part.kind) {
    case 'and':
    case 'or':
      return `(${part.operands.map(showExpression).join(` ${part.kind} `)})`;
    case 'not':
      return `not ${showExpression(part.operand)}`;
    case 'truth':
      return part.column.name;
    case 'compare':
      return `${part.column.name} ${part.operator} ${part.literal.quoted ? 'quoted ' : ''}${part.literal.text}`;
    case 'in':
      return `${part.column.name} ${part.negated ? 'not in' : 'in'} [${part.literals.map(({ text }) => text).join('|')}]`;
    case 'test':
      return `${part.column.name} ${part.method} ${part.literal.text}`;
    default:
      return part satisfies never;
  }
}

function showQuery(text: string): string {
  const { query, redirect, help, problems } = parseQuery(text, 0);
  expect(problems).toEqual([]);
  const order = query.orderBy.map(({ name, descending }) => (descending ? '-' : '') + name).join(',');
  return [
    query.columns.map(({ name }) => name).join(','),
    showExpression(query.where),
    order && `by ${order}`,
    query.limit !== undefined && `limit ${query.limit}`,
    query.offset !== undefined && `offset ${query.offset}`,
    redirect && `> ${redirect.path}`,
    help && `help ${help.start}`,
  ]
    .filter(Boolean)
    .join('; ');
}

describe('parseQuery', () => {
  test.each([
    ['', '', 'all columns of all rows'],
    ['username admin', 'username,admin', 'columns with blanks'],
    ['username,admin, services.ssh', 'username,admin,services.ssh', 'columns with commas, and a dotted one'],
    ['where admin == true', 'admin == true', 'a comparison'],
    ['username WHERE failures>=3', 'username; failures >= 3', 'WHERE in capitals, no blanks around the sign'],
    ['where a!=b', 'a != b', '!= is a sign though ! may stand in a word'],
    ['where a == "b c"', 'a == quoted b c', 'a quoted value'],
    ['where a == b!', 'a == b!', 'a ! that no = follows is text'],
    [
      'where a == 1 or b == 2 and not c',
      '(a == 1 or (b == 2 and not c))',
      'and binds before or, not before both',
    ],
    ['where (a == 1 or b == 2) and c', '((a == 1 or b == 2) and c)', 'parentheses'],
    ['where a AND b OR c', '((a and b) or c)', 'the words in capitals'],
    ['where not not a', 'a', 'not twice is nothing'],
    ['where a in [root, "b c"]', 'a in [root|b c]', 'a list in brackets'],
    ['where a not in (1,2)', 'a not in [1|2]', 'a list in parentheses'],
    ['where a in []', 'a in []', 'an empty list'],
    ['where a.match("^r.*t$")', 'a match ^r.*t$', 'a pattern'],
    ['where a.b.startswith(x) and c.endswith("y")', '(a.b startswith x and c endswith y)', 'the other tests'],
    ['order_by=-a,b limit=5 offset=0x10', 'by -a,b; limit 5; offset 16', 'the clauses'],
    ['where a order_by=b, -c', 'a; by b,-c', 'a blank after the comma'],
    ['limit=1 where a', 'a; limit 1', 'a clause before the condition'],
    ['where limit == 5 limit=5', 'limit == 5; limit 5', 'a column may be named like a clause'],
    ['where a > 3', 'a > 3', '> compares'],
    ['where a > b > ./out', 'a > b; > ./out', 'a path with a / at the end takes the output'],
    ['username > "/tmp/my file" # note', 'username; > /tmp/my file', 'a quoted path and a comment'],
    ['where a > /tmp/x and b', 'a > /tmp/x and b', 'a path that does not end the line is a value'],
    ['username ?', 'username; help 9', 'a question'],
    ['where a == "x?"', 'a == quoted x?', 'a question mark in quotes'],
  ])('%j -> %j: %s', (text, expected) => {
    const simple = expected.replace('a > /tmp/x and b', '(a > /tmp/x and b)');
    expect(showQuery(text)).toBe(simple);
  });

  test.each([
    ['where a = 1', 'parse.single_equals 8..9 where a == 1', 'one ='],
    ['where a == 1 && b', 'parse.operator 13..15 where a == 1 and b', '&& of other languages'],
    ['where a||b', 'parse.operator 7..9 where a or b', '|| with no blanks'],
    ['where a == 1 b == 2', 'parse.query 13..14', 'no and'],
    ['where', 'parse.column 5..5', 'no condition'],
    ['where a and', 'parse.column 11..11', 'half a condition'],
    ['where a ==', 'parse.query 9..10', 'no value'],
    ['where "a" == 1', 'parse.column 6..9', 'a value on the left'],
    ['where a in root', 'parse.query 11..15 where a in [root]', 'a list without brackets'],
    ['where (a', 'lex.unclosed_bracket 6..7 where (a)', 'an open parenthesis'],
    ['where a in [b', 'lex.unclosed_bracket 11..12 where a in [b]', 'an open list'],
    ['where a in [b c]', 'parse.query 14..15', 'a list without commas'],
    ['where a)', 'parse.query 7..8', 'one parenthesis too many'],
    ['where a where b', 'parse.query 8..13', 'where twice'],
    ["where a == b'", 'lex.unclosed_quote 12..13 where a == b', 'the stray quote'],
    ["where a == O'Brien", 'lex.unclosed_quote 12..13 where a == "O\'Brien"', 'an apostrophe'],
    ['where a.match(^b)', 'lex.character 14..15 where a.match("^b")', 'a pattern needs quotes'],
    ['where a.match("(")', 'parse.pattern 14..17', 'no regular expression'],
    ['where a.match("(a+)+")', 'parse.pattern 14..21', 'a pattern that could run away'],
    ['limit=x', 'parse.count 6..7', 'no number'],
    ['limit=-1', 'parse.count 6..8', 'a negative number'],
    ['limit=', 'parse.count 0..6', 'nothing'],
    ['order_by==-a', 'parse.double_equals 8..10 order_by=-a', 'a comparison sets nothing'],
    ['a == 1', 'parse.query 0..1 where a == 1', 'where was forgotten'],
    ['where "oo" in a', 'parse.operator 6..10 where a.match("oo")', 'the text first, as in Python'],
    ['where a contains oo', 'parse.operator 8..16 where a.match("oo")', 'contains'],
    ['where a like "r%"', 'parse.operator 8..12 where a.startswith("r")', 'like'],
    ['where a.isdigit()', 'parse.operator 6..15', 'a method that there is not'],
    ['limit=1 limit=2', 'parse.duplicate 8..13', 'a clause twice'],
    ['limt=3', 'parse.unknown_key 0..4 limit=3', 'a clause misspelt'],
    ['order_by=', 'parse.query 0..9', 'no column'],
    ['order_by=a,', 'parse.column 11..11', 'a column left out'],
    ['username > out', 'parse.redirect 9..10 username > ./out', 'a file with no / in its path'],
    ['where a == 1 > out', 'parse.redirect 13..14 where a == 1 > ./out', 'the same after a condition'],
    ['a*b', 'lex.character 1..2', 'no second complaint about the same word'],
    [`where ${'('.repeat(70)}a`, 'parse.depth 70..71', 'too deep'],
  ])('%j -> %s: %s', (text, expected) => {
    const { problems } = parseQuery(text, 0);
    expect(problems).toHaveLength(1);
    expect(
      problems.map(({ code, span, hint }) => `${code} ${span?.start}..${span?.end} ${hint}`)[0],
    ).toContain(expected);
  });

  test('problems of separate parts are told at once', () => {
    expect(parseQuery('where a = 1 limit=x order_by=', 0).problems.map(({ code }) => code)).toEqual([
      'parse.single_equals',
      'parse.count',
      'parse.query',
    ]);
  });
});

describe('checkPattern', () => {
  test.each([
    ['^root$', true, 'plain'],
    ['^(root|admin).*[0-9]+$', true, 'a choice, a class and two repeats'],
    ['(ab)+', true, 'a repeated group of plain text'],
    ['\\(a+\\)+', true, 'escaped parentheses are no group'],
    ['[*+?{|]+', true, 'signs in a class are text'],
    ['(?:a?)?', true, 'optional parts'],
    ['(a+)+', false, 'a repeat in a repeat'],
    ['((a*)b)*', false, 'the same, deeper'],
    ['(a|aa)*', false, 'a choice in a repeat'],
    ['(a?){30}', false, 'an optional part in a counted repeat'],
    ['(?<x>a)\\k<x>', false, 'a back reference'],
    ['(a)\\1', false, 'a numbered back reference'],
    ['.*.*.*.*x', false, 'four repeats'],
    ['a?'.repeat(30), false, 'thirty optional parts'],
    ['(a|a)'.repeat(30), false, 'thirty choices'],
    ['a{100000}', false, 'a large count'],
    ['a'.repeat(201), false, 'a long pattern'],
    ['(', false, 'no regular expression'],
  ])('%j -> %j: %s', (pattern, expected) => {
    expect(checkPattern(pattern) === undefined).toBe(expected);
  });

  test.each([
    ['a*a*a*b', 'three repeats'],
    ['x*y?z?(?:a|b)c*', 'repeats and choices'],
    ['.*a.*a.*b', 'three wide repeats'],
    ['a?a?a?a?a?a?a?a?a?a?b', 'ten choices'],
    ['a*b', 'one repeat, on a very long text'],
  ])('what is let through ends soon on the longest text: %j, %s', (pattern) => {
    expect(checkPattern(pattern)).toBeUndefined();
    // One that goes back over every way to read it would not end within the time of a test.
    expect([true, false]).toContain(new RegExp(pattern, 'u').test('a'.repeat(limitText(pattern))));
  });
});
