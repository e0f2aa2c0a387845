import { describe, expect, test } from 'vitest';
import { joinArgv } from '../../src/language/argv.ts';
import { readBoolean, readDurationSeconds, readInteger, splitList } from '../../src/language/literal.ts';
import { quoteValue, quoteWord } from '../../src/language/quote.ts';
import { suggest } from '../../src/language/suggest.ts';

describe('readInteger', () => {
  test.each<[string, number | undefined, string]>([
    ['0', 0, 'zero'],
    ['012345', 12345, 'a leading zero is decimal, not octal'],
    ['-7', -7, 'a sign'],
    ['+7', 7, 'the other sign'],
    ['-0', 0, 'no negative zero'],
    ['0x1F', 31, 'hexadecimal'],
    ['-0x1f', -31, 'hexadecimal with a sign'],
    ['0o17', 15, 'octal'],
    ['0o18', undefined, 'no octal digit'],
    ['0x', undefined, 'no digit'],
    ['1.0', undefined, 'no integer'],
    ['1e3', undefined, 'no exponents'],
    ['', undefined, 'nothing'],
    [' 1', undefined, 'a blank'],
    ['9007199254740993', undefined, 'too large to be kept exactly'],
    ['٣', undefined, 'a digit of another script'],
  ])('%j -> %j: %s', (text, expected) => {
    expect(readInteger(text)).toBe(expected);
  });
});

describe('readBoolean', () => {
  test.each<[string, boolean | undefined, string]>([
    ['true', true, ''],
    ['YES', true, 'any case'],
    ['on', true, ''],
    ['False', false, 'as Python writes it'],
    ['no', false, ''],
    ['off', false, ''],
    ['1', true, 'so is 1'],
    ['0', false, 'and 0'],
    ['2', undefined, 'another number is none'],
    ['', undefined, 'nothing'],
  ])('%j -> %j %s', (text, expected) => {
    expect(readBoolean(text)).toBe(expected);
  });
});

describe('readDurationSeconds', () => {
  test.each<[string, number | undefined, string]>([
    ['90', 90, 'seconds'],
    ['90s', 90, 'seconds'],
    ['30m', 1800, 'minutes'],
    ['2h', 7200, 'hours'],
    ['1d', 86400, 'a day'],
    ['1h30m', 5400, 'both'],
    ['1d2h3m4s', 93784, 'all'],
    ['2H', 7200, 'capitals'],
    ['30m1h', undefined, 'the wrong order'],
    ['1.5h', undefined, 'no fractions'],
    ['-5m', undefined, 'no time runs back'],
    ['h', undefined, 'no number'],
    ['', undefined, 'nothing'],
    ['99999999999999999d', undefined, 'too large to be kept exactly'],
  ])('%j -> %j: %s', (text, expected) => {
    expect(readDurationSeconds(text)).toBe(expected);
  });
});

test('splitList splits at commas, takes blanks off, and keeps empty items', () => {
  expect(splitList('a, b,,c')).toEqual(['a', 'b', '', 'c']);
  expect(splitList(' ')).toEqual([]);
});

describe('quoteWord', () => {
  test.each([
    ['root', 'root', 'bare where it can be'],
    ['192.168.0.1', '192.168.0.1', 'an address'],
    ['true', 'true', 'a text of another kind stays bare: the kind of the parameter decides'],
    ['null', '"null"', 'null is a value of its own'],
    ['', '""', 'an empty text'],
    ['My NAS', '"My NAS"', 'a blank'],
    ["O'Brien", `"O'Brien"`, 'an apostrophe'],
    ['say "hi"', `'say "hi"'`, 'double quotes'],
    ['C:\\temp', 'C:\\temp', 'a backslash is bare'],
    ['C:\\my dir', "'C:\\my dir'", 'a backslash that needs quotes'],
    [`a"b'c`, `"a\\"b'c"`, 'both quotes'],
    ['a,b', '"a,b"', 'a comma, which could be a list'],
    ['--', '"--"', '-- asks for prompts'],
    ['a=b', '"a=b"', 'an ='],
    ['a\nb', '"a\\nb"', 'a line break'],
    ['\u202e', '"\\u202e"', 'what cannot be seen is an escape'],
    ['\u{e0001}', '"\\udb40\\udc01"', 'also outside the basic plane'],
    ['\ud800', '"\\ud800"', 'half a pair'],
  ])('%j -> %s: %s', (text, expected) => {
    expect(quoteWord(text)).toBe(expected);
  });

  test('objects and arrays are JSON on one line', () => {
    expect(quoteValue({ ssh: true, text: 'a\u202eb' })).toBe('{"ssh":true,"text":"a\\u202eb"}');
    expect(quoteValue([1, 'a'])).toBe('[1,"a"]');
    expect([quoteValue(null), quoteValue(false), quoteValue(-1.5)]).toEqual(['null', 'false', '-1.5']);
  });
});

describe('suggest', () => {
  const words = [
    'auth',
    'account',
    'user',
    'update',
    'config',
    'confirm',
    'two_factor',
    'renew_2fa_secret',
    'otp_digits',
  ];
  test.each<[string, string | undefined, string]>([
    ['auht', 'auth', 'two letters swapped'],
    ['usr', 'user', 'a letter left out'],
    ['updaate', 'update', 'a letter too many'],
    ['confog', 'config', 'a letter wrong'],
    ['twofactor', 'two_factor', 'an underscore left out'],
    ['two-factor', 'two_factor', 'a dash for an underscore'],
    ['OTP_Digits', 'otp_digits', 'another case'],
    ['upd', 'update', 'the beginning of one'],
    ['renew', 'renew_2fa_secret', 'the beginning of a long one'],
    ['xyzzy', undefined, 'nothing is near'],
    ['', undefined, 'nothing to go by'],
    ['a'.repeat(100_000), undefined, 'too long to be meant'],
  ])('%j -> %j: %s', (word, expected) => {
    expect(suggest(word, words)).toBe(expected);
  });
});

describe('joinArgv', () => {
  test.each([
    [['auth', 'two_factor', 'config'], 'auth two_factor config', 'words'],
    [['auth two_factor config'], 'auth two_factor config', 'a whole line in one word'],
    [['u', "enabled=false'"], "u enabled=false'", 'the stray quote of the founding document stays'],
    [['u', 'issuer=My NAS'], 'u issuer="My NAS"', 'a value that lost its quotes to the shell'],
    [['u', "full_name=O'Brien"], `u full_name="O'Brien"`, 'an apostrophe'],
    [['u', 'full_name=Anna "Bo" K'], `u full_name='Anna "Bo" K'`, 'double quotes inside'],
    [['u', 'issuer="My NAS"'], 'u issuer="My NAS"', 'a value that kept its quotes'],
    [['u', 'services={"ssh":true}'], 'u services={"ssh":true}', 'JSON'],
    [['u', 'l=a,"b c"'], 'u l=a,"b c"', 'a list with a quoted item'],
    [['u', 'full_name='], 'u full_name=""', "an empty text, as the shell hands over full_name=''"],
    [['u', ''], 'u ""', 'an empty positional'],
    [['u', 'a=b=c'], 'u a="b=c"', 'an = in the value'],
    [['u', 'secret=ABC='], 'u secret=ABC=', 'padding'],
    [['u', 'a=x #y'], 'u a="x #y"', 'a # is text here'],
    [['u', '#1'], 'u "#1"', 'a # at the start too: the shell has taken its comments off'],
    [['u', 'uri=otpauth://x?y=1'], 'u uri="otpauth://x?y=1"', 'a URI'],
    [['u', 'a=1\n2'], 'u a="1\\n2"', 'a line break'],
    [['u', "O'Brien"], `u "O'Brien"`, 'a positional with an apostrophe'],
    [['u', '?'], 'u ?', 'a question'],
    [['u', 'update?'], 'u update?', 'a question at a word'],
    [['u', 'enabled=?'], 'u enabled=?', 'a question about a value'],
    [['u', 'name=Why?'], 'u name="Why?"', 'a value that ends in ? is no question'],
    [['u', 'name=?', 'b=1'], 'u name="?" b=1', 'nor is one in the middle'],
    [['u', '--', 'edit'], 'u -- edit', '--'],
    [['u', '>', '/tmp/my file'], 'u > "/tmp/my file"', 'a file'],
    [['q', 'where admin == true'], 'q where admin == true', 'a piece of a query'],
    [
      ['q', 'where', 'full_name', '==', 'My Name'],
      'q where full_name == "My Name"',
      'a value after a comparison',
    ],
    [['q', 'where', 'a==true'], 'q where a==true', 'a comparison in one word'],
    [['q', 'where', 'a==', "O'Brien"], `q where a== "O'Brien"`, 'a comparison that ends a word'],
    [['q', 'where', '(a', '>=', '3)'], 'q where (a >= "3)"', 'after a comparison everything is the value'],
    [['q', 'where', 'name.match("^x y")'], 'q where name.match("^x y")', 'a call'],
    [['q', 'where', 'a', 'in', '[x, "y z"]'], 'q where a in [x, "y z"]', 'a list'],
  ])('%j -> %j: %s', (words, expected) => {
    expect(joinArgv(words)).toBe(expected);
  });
});
