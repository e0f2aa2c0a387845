import { describe, expect, test } from 'vitest';
import { locateQueryCursor } from '../../src/query/cursor.ts';
import { locateCursor } from '../../src/registry/cursor.ts';

describe('locateCursor', () => {
  test.each([
    ['', 'word "" 0 after []', 'the start of a line'],
    ['au', 'word "au" 0 after []', 'the first word'],
    ['auth ', 'word "" 5 after [auth]', 'the next word'],
    ['auth two_factor up', 'word "up" 16 after [auth two_factor]', 'a word in the path'],
    ['/', 'word "" 1 after []', 'a word at the root'],
    ['/sy', 'word "sy" 1 after []', 'a word at the root, begun'],
    ['..', 'nothing "" 2 after []', 'two dots are whole'],
    ['../us', 'word "us" 3 after []', 'a word after going up'],
    ['u enabled=', 'value enabled "" 10 after [u]', 'a value'],
    ['u enabled=t', 'value enabled "t" 10 after [u]', 'a value, begun'],
    ['u services.ssh=t', 'value services.ssh "t" 15 after [u]', 'a value of a dotted key'],
    ['u a=1 b', 'word "b" 6 after [u] keys a', 'a key after another'],
    ['u a=1 b=2 ', 'word "" 10 after [u] keys a,b', 'any key'],
    ['u name="My N', `value name "My N" 7 quote " after [u]`, 'inside a quote, blanks and all'],
    ["u name='", 'value name "" 7 quote \' after [u]', 'a quote just opened'],
    ["u 'ro", 'word "ro" 2 quote \' after [u]', 'a quoted positional'],
    ["u 'root' ", 'word "" 9 after [u root]', 'after one'],
    ["u 'my root' ", 'word "" 12 after [u my root]', 'after two in one pair of quotes'],
    ['u l=a,b', 'value l "a,b" 4 after [u]', 'a list is one value'],
    ['u s={"ss', 'nothing "" 8 after [u]', 'inside JSON'],
    ['u # x', 'nothing "" 5 after [u]', 'a comment'],
    ['u -- ', 'nothing "" 5 after [u]', 'after --'],
    ['u > ', 'redirect "" 4 after [u]', 'a file'],
    ['u > /tm', 'redirect "/tm" 4 after [u]', 'a file, begun'],
    ['u > f ', 'nothing "" 6 after [u]', 'a file is the last thing'],
  ])('%j -> %s: %s', (text, expected) => {
    const { kind, key, prefix, quote, span, head, positionals, keys } = locateCursor(text, text.length);
    expect(span.end).toBe(text.length);
    const words = head.words.map((word) => word.text).join(' ');
    const parts = [
      kind,
      key,
      JSON.stringify(prefix),
      `${span.start}`,
      quote === undefined ? '' : `quote ${quote}`,
    ];
    parts.push(`after [${words}]`, keys.length === 0 ? '' : `keys ${keys.join()}`);
    parts.push(positionals.length === 0 ? '' : `positionals ${positionals.length}`);
    expect(parts.filter((part) => part !== '').join(' ')).toBe(expected);
  });

  test('what follows the cursor is not looked at', () => {
    expect(locateCursor('u enabled=true x=1', 12)).toMatchObject({
      kind: 'value',
      key: 'enabled',
      prefix: 'tr',
      keys: [],
    });
  });
});

describe('locateQueryCursor', () => {
  test.each([
    ['q ', 'column "" 2', 'a column'],
    ['q us', 'column "us" 2', 'a column, begun'],
    ['q a, ', 'column "" 5', 'one more'],
    ['q where ', 'operand "" 8', 'a condition'],
    ['q where ad', 'operand "ad" 8', 'a condition, begun'],
    ['q where not (', 'operand "" 13', 'deeper in it'],
    ['q where a ', 'operator a "" 10', 'what to do with the column'],
    ['q where a =', 'operator a "" 11', 'half a sign'],
    ['q where a not ', 'operator a "" 14', 'not in'],
    ['q where a == ', 'literal a "" 13', 'a value'],
    ['q where a == t', 'literal a "t" 13', 'a value, begun'],
    ['q where a == "x y', 'literal a "x y" 14', 'a value in quotes'],
    ['q where a.match(', 'literal a "" 16', 'a pattern'],
    ['q where a in [x, ', 'literal a "" 17', 'one more item'],
    ['q where a in [x] ', 'connective "" 17', 'after the list'],
    ['q where a == 1 ', 'connective "" 15', 'after a condition'],
    ['q where a == 1 and ', 'operand "" 19', 'the next one'],
    ['q order_by=', 'order "" 11', 'a column to order by'],
    ['q order_by=-us', 'order "us" 12', 'the - is no part of it'],
    ['q order_by=a,', 'order "" 13', 'one more'],
    ['q limit=', 'count "" 8', 'a number'],
    ['q a > /tmp/', 'redirect "" 11', 'a file'],
  ])('%j -> %s: %s', (text, expected) => {
    const { part, column, prefix, span } = locateQueryCursor(text, 1, text.length);
    expect([part, column, JSON.stringify(prefix), span.start].filter((each) => each !== '').join(' ')).toBe(
      expected,
    );
  });
});
