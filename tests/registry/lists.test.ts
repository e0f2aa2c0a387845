import { describe, expect, test } from 'vitest';
import { joinArgv } from '../../src/language/argv.ts';
import { parseArguments } from '../../src/language/parse.ts';
import { instructValue } from '../../src/registry/bind-faults.ts';
import { describeKind, list } from '../../src/registry/kinds.ts';
import { readValue } from '../../src/registry/read-kind.ts';

const groups = list('group names', 'backup,audit', (item) =>
  item.includes('/') ? "holds a '/'" : undefined,
);

function read(line: string) {
  const { named, problems } = parseArguments(line, 1);
  expect(problems).toEqual([]);
  const value = named[0]!.value!;
  return readValue(groups, value, line.slice(value.span.start, value.span.end));
}

describe('a list', () => {
  test.each([
    ['u g=backup', ['backup'], 'one item'],
    ['u g=a,b,c', ['a', 'b', 'c'], 'bare'],
    ['u g=a,"b c",d', ['a', 'b c', 'd'], 'with an item in quotes'],
    ['u g="a, b ,c"', ['a', 'b', 'c'], 'in quotes as a whole, with blanks'],
    ['u g=["a","b c"]', ['a', 'b c'], 'as JSON'],
    ['u g=[]', [], 'none, as JSON'],
    ['u g=null', [], 'none'],
    ['u g=None', [], 'none of the older generation'],
    ['u g=""', [], 'none, as an empty text'],
    ['u g="[]"', [], 'none, as another program quotes it'],
    ['u g=a,b,a', ['a', 'b'], 'an item that stands there twice counts once'],
    [joinArgv(['u', 'g=a, b']), ['a', 'b'], 'from argv, where the shell has taken the quotes off'],
  ])('%s -> %j: %s', (line, value) => {
    expect(read(line)).toEqual({ value });
  });

  test.each([
    ['u g=a,,b', 'has an empty item' as string | undefined, 'a comma too many'],
    ['u g=a,', 'has an empty item', 'a comma at the end'],
    ["u g=a,'b,c'", 'has an item with a comma', 'which could not be shown again'],
    ['u g=a,b/c', "holds a '/'", 'an item that its own kind refuses'],
    ['u g=[1]', undefined, 'a number is no text'],
    ['u g={"a":1}', undefined, 'nor is an object a list'],
  ])('refuses %s: %s', (line, because) => {
    const expected = 'group names between commas, or [] for none';
    expect(read(line)).toEqual({ expected, ...(because === undefined ? {} : { because }) });
    expect(describeKind(groups)).toBe(expected);
  });

  test('is shown by an example that can be typed', () => {
    expect(instructValue('g', groups)).toBe('g=backup,audit, or g=[] for none');
  });
});
