import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/language/ast.ts';
import { needsMoreInput } from '../../src/language/continuation.ts';
import { parseHead } from '../../src/language/head.ts';
import { parseArguments } from '../../src/language/parse.ts';

function showHead(text: string): string {
  const { absolute, ups, words } = parseHead(text);
  return `${absolute ? '/' : ''}${'^'.repeat(ups)}${words.map((word) => word.text).join(' ')}`;
}

function showValue(value: Value | undefined): string {
  if (value === undefined) return 'none';
  if (value.kind === 'json') return `json ${JSON.stringify(value.value)}`;
  if (value.kind === 'list') return `list [${value.items.map(showValue).join(' | ')}]`;
  return `${value.kind} ${value.text}`;
}

function showArguments(text: string): string {
  const { positionals, named, edit, help, redirect, problems } = parseArguments(text, parseHead(text).end);
  expect(problems).toEqual([]);
  const parts = positionals.map(showValue);
  for (const each of named) parts.push(`${each.key}=${showValue(each.value)}`);
  if (edit !== undefined) parts.push(`edit:${edit}`);
  if (help !== undefined) parts.push(`help:${help.start}`);
  if (redirect !== undefined) parts.push(`>${redirect.path}`);
  return parts.join(', ');
}

describe('parseHead', () => {
  test.each([
    ['', '', 'an empty line has no head'],
    ['  \t ', '', 'blanks alone are no head'],
    ['auth two_factor config', 'auth two_factor config', 'bare words are the path'],
    ['/', '/', 'a slash alone is the root'],
    ['/system clock', '/system clock', 'a slash in front makes it absolute'],
    ['/ system clock', '/system clock', 'the slash may stand alone'],
    ['..', '^', 'two dots go up'],
    ['.. .. user query', '^^user query', 'two dots may be repeated, words follow'],
    ['../..', '^^', 'two dots may be joined by slashes'],
    ['../user query', '^user query', 'a word may follow the slash'],
    ['user .. query', 'user .. query', 'two dots after a word are a word: nothing goes up in the middle'],
    ['...', '...', 'three dots are a word'],
    ['update enabled=false x', 'update', 'key=value ends the path'],
    ['update enabled = false', 'update', 'a key with blanks around its = ends the path too'],
    ["get 'root'", 'get root', 'a word in quotes is a word'],
    ["“get” `root` 'a_b'", 'get root a_b', 'whatever the quotes are'],
    ['"get root" x', 'get root x', 'two words in one pair of quotes'],
    ["get 'ro.ot'", 'get', 'what no word of a path can be ends it'],
    ["get ro'ot", 'get', 'a quote inside a word ends the path before it'],
    ['get {"a":1}', 'get', 'a bracket ends the path'],
    ['config > file', 'config', 'a redirect ends the path'],
    ['config>file', '', 'a word that > follows at once is not plain'],
    ['config # note', 'config', 'a comment ends the path'],
    ['con#fig', '', 'a # inside a word is no comment'],
    ['update ?', 'update', 'a question ends the path'],
    ['upd?', 'upd', 'a question may follow a word at once'],
    ['update --', 'update', '-- ends the path'],
    ['update --yes', 'update', 'an option ends the path'],
    ['get 2fa 192.168.0.1 my-user a@b é', 'get 2fa 192.168.0.1 my-user a@b é', 'all of these are bare words'],
    ['auth\u00a0config', 'auth config', 'a no-break space is a blank'],
  ])('%j -> %j: %s', (text, expected) => {
    expect(showHead(text)).toBe(expected);
  });

  test('the end is the offset after the last word', () => {
    expect(parseHead('auth two_factor update enabled=false').end).toBe(22);
    expect(parseHead('/').end).toBe(1);
    expect(parseHead('  ').end).toBe(0);
    expect(parseHead('../user').words).toEqual([{ text: 'user', span: { start: 3, end: 7 }, quoted: false }]);
  });
});

describe('parseArguments', () => {
  test.each([
    ['u enabled=false', 'enabled=bare false', 'nothing is converted'],
    ['u token=012345', 'token=bare 012345', 'a leading zero stays'],
    ['u services.ssh=true', 'services.ssh=bare true', 'a dotted key stays dotted'],
    ['u a=-_./@:+%!~\\,z', 'a=bare -_./@:+%!~\\,z', 'every sign of a bare word'],
    ['u name=Ünïcödé', 'name=bare Ünïcödé', 'letters beyond ASCII'],
    ['u name=e\u0301', 'name=bare e\u0301', 'a decomposed letter'],
    ['u name=𝒜', 'name=bare 𝒜', 'a letter outside the basic plane'],
    ['u a,b,c x=1', 'x=bare 1', 'a bare list is a leading word for the registry'],
    ['u x=1 a,b,c', 'bare a,b,c, x=bare 1', 'a plain comma list stays bare'],
    ['u l=a,"b c",d', 'l=list [bare a | quoted b c | bare d]', 'a list with a quoted item'],
    ["u l='a','b,c'", 'l=list [quoted a | quoted b,c]', 'a comma inside quotes is text'],
    ["u l=a,,'b'", 'l=list [bare a | bare  | quoted b]', 'an empty item stays visible'],
    ["u a='it is \\n'", 'a=quoted it is \\n', 'single quotes are literal'],
    ['u a="x\\n\\u0041\\"\\\\\\/"', 'a=quoted x\nA"\\/', 'double quotes read the JSON escapes'],
    ['u a="\\ud83d\\ude00"', 'a=quoted 😀', 'a pair of escaped surrogates'],
    ['u a=""', 'a=quoted ', 'an empty text needs its quotes'],
    ['u a=', 'a=none', 'nothing after the ='],
    ['u a= b=1', 'a=none, b=bare 1', 'nothing after the =, and another key'],
    ['u secret=MFRGG===', 'secret=bare MFRGG===', 'the padding of base32 needs no quotes'],
    [
      'u s={"ssh":true, "n":[1,-2.5e3,null]}',
      's=json {"ssh":true,"n":[1,-2500,null]}',
      'JSON with blanks in it',
    ],
    ['u s=[ ]', 's=json []', 'an empty array'],
    ['u s={"a":\n1}', 's=json {"a":1}', 'a line break inside brackets, from a line that went on'],
    ['u s={"__proto__":1}', 's=json {"__proto__":1}', '__proto__ is a key like any other'],
    ['u s={"a":"}"}', 's=json {"a":"}"}', 'a bracket inside a text'],
    ['u {"a":1}', 'json {"a":1}', 'JSON as a positional'],
    ['u a = 1 b= 2 c =3', 'a=bare 1, b=bare 2, c=bare 3', 'blanks around = mean nothing'],
    ['u a=1\u00a0b=\u20032', 'a=bare 1, b=bare 2', 'the blanks of copied text separate too'],
    ['u --a=1 --b', 'a=bare 1, b=none', 'options are told apart by whoever knows the keys'],
    ['u x=1 "my user"', 'quoted my user, x=bare 1', 'a quoted positional'],
    ['u ?', 'help:2', 'a question mark asks for help'],
    ['u a=1 ?', 'a=bare 1, help:6', 'a question after parameters'],
    ['u a=?', 'a=none, help:4', 'a question about a value'],
    ['u a="?"', 'a=quoted ?', 'a question mark in quotes is text'],
    ['u # why?', '', 'a question in a comment is none'],
    ['u --', 'edit:prompt', '-- needs a terminal'],
    ['u a=1 -- edit', 'a=bare 1, edit:editor', '-- edit opens the editor'],
    ['u -- > f', 'edit:prompt, >f', '-- and a redirect'],
    ['u > out', '>out', 'a redirect'],
    ['u >out', '>out', 'a redirect with no blank'],
    ['u > "my file" # c', '>my file', 'a quoted file and a comment'],
    ['u a=1 # b=2', 'a=bare 1', 'a comment'],
    ['u a=1 \r\n', 'a=bare 1', 'the line end of a script made elsewhere'],
    ['u\ta=1\tb=2', 'a=bare 1, b=bare 2', 'tabs separate'],
  ])('%j -> %j: %s', (text, expected) => {
    expect(showArguments(text)).toBe(expected);
  });

  test('spans are exact', () => {
    const { named } = parseArguments('u a=1 key.x="b c"', 1);
    expect(named.map(({ keySpan, value, span }) => [keySpan, value?.span, span])).toEqual([
      [
        { start: 2, end: 3 },
        { start: 4, end: 5 },
        { start: 2, end: 5 },
      ],
      [
        { start: 6, end: 11 },
        { start: 12, end: 17 },
        { start: 6, end: 17 },
      ],
    ]);
  });
});

describe('needsMoreInput', () => {
  test.each([
    ['u s={', true, 'an open object goes on'],
    ['u s=[1,', true, 'an open array goes on'],
    ['u s={"a":[1]', true, 'an inner bracket is closed, the outer is not'],
    ['q where (a == 1 and', true, 'an open parenthesis of a query goes on'],
    ['q where a in [x,', true, 'so does its list'],
    ['u s={"a":1}', false, 'a closed bracket does not'],
    ["u s=['", false, 'an open quote never does'],
    ["u enabled=false'", false, 'nor the stray quote of the founding document'],
    ["u name=O'Brien s={", false, 'nor one before the bracket'],
    ['u s={"a":[1}', false, 'a wrong bracket is an error at once'],
    ['u name=Smith (Bob', false, 'a parenthesis outside a query is no bracket'],
    ['u name=a[b', false, 'a bracket inside a word opens nothing'],
    ['u # {', false, 'a comment opens nothing'],
    ['u s="{"', false, 'a bracket in quotes is text'],
    ['', false, 'an empty line is whole'],
  ])('%j -> %j: %s', (text, expected) => {
    expect(needsMoreInput(text)).toBe(expected);
  });
});
