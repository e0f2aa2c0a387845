import { describe, expect, test } from 'vitest';
import { PosternError, type Problem } from '../../src/errors.ts';
import type { JsonObject } from '../../src/output/view.ts';
import { parseQuery } from '../../src/query/parse.ts';
import { countRows, runQuery } from '../../src/query/run.ts';

const columns = ['username', 'admin', 'failures', 'locked_until', 'services', 'devices'];
const rows: readonly JsonObject[] = [
  {
    username: 'root',
    admin: true,
    failures: 0,
    locked_until: null,
    services: { ssh: true },
    devices: [{ name: 'default' }],
  },
  {
    username: 'alice',
    admin: false,
    failures: 10,
    locked_until: '2026-01-02',
    services: { ssh: false },
    devices: [],
  },
  {
    username: '1001',
    admin: false,
    failures: 3,
    locked_until: null,
    services: { ssh: true },
    devices: [{ name: 'x' }],
  },
];

function runText(text: string, from: readonly JsonObject[] = rows): readonly JsonObject[] {
  const { query, problems } = parseQuery(text, 0);
  expect(problems).toEqual([]);
  return runQuery(query, from, columns);
}

function listNames(text: string): string {
  return runText(text)
    .map(({ username }) => username)
    .join();
}

function catchProblems(text: string): readonly Problem[] {
  try {
    runText(text);
  } catch (error) {
    if (error instanceof PosternError) return error.problems;
    throw error;
  }
  throw new Error('the query ran');
}

describe('conditions', () => {
  test.each([
    ['', 'root,alice,1001', 'no condition'],
    ['where admin == true', 'root', 'a boolean'],
    ['where admin == no', 'alice,1001', 'another word for false'],
    ['where admin', 'root', 'a boolean alone'],
    ['where not admin', 'alice,1001', 'its opposite'],
    ['where failures == 0x0A', 'alice', 'a number written in another way'],
    ['where failures > 3', 'alice', 'numbers are compared as numbers, not as text'],
    ['where failures >= 3', 'alice,1001', 'or equal'],
    ['where failures < 3.5', 'root,1001', 'a fraction'],
    ['where failures <= 0', 'root', 'or equal'],
    ['where failures != 0', 'alice,1001', 'not equal'],
    ['where username == 1001', '1001', 'a text cell takes the value as text'],
    ['where username == "root"', 'root', 'a quoted value'],
    ['where username > b', 'root', 'text has an order'],
    ['where locked_until == null', 'root,1001', 'null equals null'],
    ['where locked_until != null', 'alice', 'and nothing else does'],
    ['where locked_until == "null"', '', 'a quoted null is text'],
    ['where locked_until > "2026-01-01"', 'alice', 'an ordering with null is false'],
    ['where locked_until < "2026-01-01"', '', 'in both directions'],
    ['where locked_until > null', '', 'and from both sides'],
    ['where username in [root, 1001]', 'root,1001', 'a list'],
    ['where username not in [root, 1001]', 'alice', 'its opposite'],
    ['where locked_until in [null]', 'root,1001', 'null in a list'],
    ['where username in []', '', 'an empty list'],
    ['where username.startswith(r)', 'root', 'the beginning'],
    ['where username.endswith("ce")', 'alice', 'the end'],
    ['where username.match("o{2}|^1")', 'root,1001', 'a pattern, anywhere'],
    ['where locked_until.match("2026")', 'alice', 'no pattern is found in null'],
    ['where services.ssh and failures > 0', '1001', 'a dotted column'],
    ['where devices.0.name == x', '1001', 'a part of a list'],
    ['where devices == null', '', 'a list is not null'],
    ['where admin or failures > 5', 'root,alice', 'or'],
  ])('%j -> %j: %s', (text, expected) => {
    expect(listNames(text)).toBe(expected);
  });
});

describe('order, page and columns', () => {
  test.each([
    ['order_by=failures', 'root,1001,alice', 'numbers by size'],
    ['order_by=-failures', 'alice,1001,root', 'the largest first'],
    ['order_by=admin,-username', 'alice,1001,root', 'false before true, then text'],
    ['order_by=locked_until', 'alice,root,1001', 'null last, ties as they were'],
    ['order_by=-locked_until', 'alice,root,1001', 'null last here too'],
    ['limit=2', 'root,alice', 'a page'],
    ['offset=1 limit=1', 'alice', 'a later one'],
    ['offset=9', '', 'beyond the end'],
    ['limit=0', '', 'an empty page'],
  ])('%j -> %j: %s', (text, expected) => {
    expect(listNames(text)).toBe(expected);
  });

  test.each([
    ['limit=2', 'alice,1001', 'the newest, in their order'],
    ['limit=1 offset=1', 'alice', 'the ones before'],
    ['limit=9', 'root,alice,1001', 'more than there are'],
    ['offset=9', '', 'beyond the beginning'],
    ['limit=0', '', 'an empty page'],
    ['order_by=username limit=1', '1001', 'another order has its own beginning'],
    ['', 'root,alice,1001', 'all of them'],
  ])('of rows that end in the newest, %j -> %j: %s', (text, expected) => {
    const { query } = parseQuery(text, 0);
    const found = runQuery(query, rows, columns, true);
    expect(found.map(({ username }) => username).join()).toBe(expected);
  });

  test('only the columns asked for, in that order, dotted ones by their dotted name', () => {
    expect(runText('services.ssh username limit=1')).toEqual([{ 'services.ssh': true, username: 'root' }]);
    expect(Object.keys(runText('services.ssh username limit=1')[0]!)).toEqual(['services.ssh', 'username']);
  });

  test('the rows handed in stay as they were', () => {
    const before = structuredClone(rows);
    runText('order_by=-failures limit=1');
    expect(rows).toEqual(before);
  });
});

describe('what cannot be judged', () => {
  test.each([
    ['usrname', 'query.unknown_column 0..7 type username', 'a column misspelt'],
    ['where xyzzy', 'query.unknown_column 6..11 the columns are username', 'a column near none'],
    ['order_by=-failurs', 'query.unknown_column 10..17 type failures', 'in order_by'],
    ['services.shs', 'query.unknown_column 0..12 type services.ssh', 'a part misspelt'],
    ['where constructor', 'query.unknown_column', 'what every object has is no column'],
    ['where services.constructor', 'query.unknown_column', 'nor is it a part'],
    ['where failures == abc', 'query.type 18..21', 'text against a number'],
    ['where failures == "3"', 'query.type 18..21 type failures == 3', 'a quoted number is text'],
    ['where admin == 2', 'query.type 15..16', 'a number against true or false'],
    ['where admin > false', 'query.type 6..11', 'no order'],
    ['where username > 5', 'query.type 17..18 type username > "5"', 'an unquoted number against text'],
    ['where username', 'query.type 6..14', 'text alone is no condition'],
    ['where services == 1', 'query.type 6..14', 'an object'],
    ['order_by=devices', 'query.type 9..16', 'a list has no order'],
    ['where failures.match("1")', 'query.type 6..14', 'a pattern on a number'],
  ])('%j -> %s: %s', (text, expected) => {
    const shown = catchProblems(text).map(
      ({ code, span, hint }) => `${code} ${span?.start}..${span?.end} ${hint}`,
    );
    expect(shown).toHaveLength(1);
    expect(shown[0]).toContain(expected);
  });

  test('all of it is told at once', () => {
    expect(catchProblems('usrname where xyzzy').map(({ code }) => code)).toEqual([
      'query.unknown_column',
      'query.unknown_column',
    ]);
    expect(catchProblems('where failures == a or admin == b').map(({ span }) => span?.start)).toEqual([
      18, 32,
    ]);
  });

  test('a pattern is not tried on a text too long for it, and says so', () => {
    const { query } = parseQuery('where username.match("a*a*a*b")', 0);
    const long = [{ username: 'a'.repeat(5000) }];
    expect(() => runQuery(query, long, ['username'])).toThrow(/at most \d+ characters; a username has 5000/);
  });

  test('with no rows nothing but the names is judged', () => {
    expect(runText('services.any where failures == abc', [])).toEqual([]);
  });
});

test.each<[text: string, read: number, reason: string]>([
  ['limit=5', 5, 'the first five'],
  ['username admin limit=2 offset=3', 5, 'what is left out is counted too'],
  ['where admin == true limit=2', 20, 'the tenth and the twentieth are administrators'],
  ['limit=5 order_by=username', 100, 'the last may be first'],
  ['devices.name limit=1', 100, 'whether there is such a column takes a look at each'],
  ['where devices.name == "x" limit=1', 100, 'here as well'],
  ['where failures == "x" limit=1', 100, 'what cannot be judged is found by the query itself'],
  ['where admin == true', 100, 'no limit'],
  ['', 100, 'all of them'],
  ['limit=0', 1, 'none, which is known after the first'],
])('%j needs %i rows of a hundred: %s', (text, read, _) => {
  const { query } = parseQuery(text, 0);
  const isEnough = countRows(query);
  const many = Array.from({ length: 100 }, (_row, index) => ({
    ...rows[0],
    username: `u${index}`,
    admin: index % 10 === 9,
  })) as readonly JsonObject[];
  const taken: JsonObject[] = [];
  for (const row of many) {
    taken.push(row);
    if (isEnough(row)) break;
  }
  expect(taken.length).toBe(read);
});

test.each(['limit=5', 'where admin == true limit=2', 'username limit=3 offset=2', 'where not admin limit=1'])(
  '%j answers from the rows that it needs what it answers from all',
  (text) => {
    const many = Array.from({ length: 50 }, (_, index) => ({
      username: `u${index}`,
      admin: index % 10 === 9,
    }));
    const isEnough = countRows(parseQuery(text, 0).query);
    const end = many.findIndex((row) => isEnough(row));
    expect(runText(text, many.slice(0, end + 1))).toEqual(runText(text, many));
  },
);
