import { describe, expect, test } from 'vitest';
import { parseHead } from '../../src/language/head.ts';
import { parseArguments } from '../../src/language/parse.ts';

function parseProblems(text: string): readonly string[] {
  const { problems } = parseArguments(text, parseHead(text).end);
  return problems.map(({ code, span, hint }) => `${code} ${span?.start}..${span?.end} ${hint}`);
}

test('the stray quote of the founding document is answered word for word', () => {
  const line = "auth two_factor update enabled=false'";
  expect(parseArguments(line, parseHead(line).end).problems).toMatchObject([
    {
      code: 'lex.unclosed_quote',
      message: "a ' opens here and nothing closes it",
      span: { start: 36, end: 37 },
      hint: 'auth two_factor update enabled=false',
    },
  ]);
});

describe('one thing wrong: the place, and a line that can be typed', () => {
  test.each([
    ["u a=b' c=1", 'lex.unclosed_quote 5..6 u a=b c=1', 'a stray quote before more'],
    ['u a=b"', 'lex.unclosed_quote 5..6 u a=b', 'a stray double quote'],
    ["u name=O'Brien", `lex.unclosed_quote 8..9 u name="O'Brien"`, 'an apostrophe belongs to the text'],
    ["u name='Bob Ross", "lex.unclosed_quote 7..8 u name='Bob Ross'", 'a quote that was never closed'],
    ["u name='Bob Ross a=1", "lex.unclosed_quote 7..8 u name='Bob Ross' a=1", 'closed before the next key'],
    [
      'u name="a\\',
      'lex.unclosed_quote 7..8 delete the ", or close it with another "',
      'no quote after a \\ helps',
    ],
    ["u name='", 'lex.unclosed_quote 7..8 u name=', 'the quote is the last thing'],
    ["u a=x'y z'", 'lex.quote_in_word 5..6 u a="xy z"', 'no blank before the quote'],
    ["u name=O'Brien's", `lex.quote_in_word 8..9 u name="O'Brien's"`, 'two apostrophes'],
    ["u a=O'Brien,O'Neil", `lex.quote_in_word 5..6 u a="O'Brien,O'Neil"`, 'two of them far apart'],
    ['u name="My"NAS', 'lex.quote_in_word 10..11 u name="MyNAS"', 'text right after a quote'],
    ['u name=My" NAS"', 'lex.quote_in_word 9..10 u name="My NAS"', 'a quote that opens too late'],
    ['u s={"a":1', 'lex.unclosed_bracket 4..5 u s={"a":1}', 'a bracket that was never closed'],
    ['u s={"a":[1,2', 'lex.unclosed_bracket 9..10 u s={"a":[1,2]}', 'the innermost one is named'],
    ['u s={"a":"b}', 'lex.unclosed_quote 9..10 close it with "', 'a quote open inside brackets'],
    ['u s={"a":1]', 'lex.json 10..11', 'the wrong bracket closes'],
    ['u s={ssh:true}', 'lex.json 5..8 u s={"ssh":true}', 'a bare key'],
    ["u s={'ssh':true}", 'lex.json 5..6 u s={"ssh":true}', 'single quotes in JSON'],
    ['u s={"ssh":True}', 'lex.json 11..15 u s={"ssh":"True"}', 'a bare word in JSON'],
    ['u s=[1,2,]', 'lex.json 8..9 u s=[1,2]', 'a last comma'],
    ['u s=["a" "b"]', 'lex.json 9..10', 'a comma left out'],
    ['u s={"a" 1}', 'lex.json 9..10', 'a colon left out'],
    ['u s={"a":1,"a":2}', 'lex.json 11..14', 'a key twice'],
    ['u s={"a":}', 'lex.json 9..10', 'no value'],
    ['u s=[01]', 'lex.json 5..7 u s=["01"]', 'a number that JSON does not have'],
    ['u s=[1e999]', 'lex.json 5..10', 'a number too large'],
    ['u s=["a\\x"]', 'lex.json 7..9', 'an escape that JSON does not have'],
    ['u s={"a":1}}', 'lex.after_bracket 11..12', 'one bracket too many'],
    ['u a=b*c', 'lex.character 5..6 u a="b*c"', 'a star'],
    ['u a=b c*', 'lex.character 7..8 u a=b "c*"', 'a star in a positional'],
    ['u a=b=c', 'lex.character 5..6 u a="b=c"', 'an = inside a value'],
    ['u uri=otpauth://x?y=1&z=2', 'lex.character 17..18 u uri="otpauth://x?y=1&z=2"', 'a URI'],
    ['u a=b>c', 'lex.character 5..6 u a="b>c"', 'a > inside a value writes no file'],
    ['u a=x#y', 'lex.character 5..6 u a="x#y"', 'a # inside a word is no comment'],
    ['u a=1; exit', 'lex.character 5..6 type one command a line', 'another command'],
    ['u a=😀', 'lex.character 4..6 u a="😀"', 'an emoji, with the caret under all of it'],
    ['u a=b\u200cc', 'lex.character 5..6 u a="b\u200cc"', 'a joiner is text in some scripts'],
    ['u a==1', 'parse.double_equals 4..5 u a=1', 'a comparison'],
    ['config>f', 'parse.space_at_redirect 6..7 config >f', 'no blank before >'],
    ['u > ', 'parse.redirect_file 2..3', 'no file'],
    ['u >> f', 'parse.append 3..4 u > f', 'it is never appended'],
    ['u > f > g', 'parse.redirect_twice 6..9', 'two files'],
    ['u > f a=1', 'parse.after_end 6..9', 'the redirect ends the line'],
    ['u --1', 'parse.option 2..5', 'an option without a name'],
    ['u a=1\u2028b=2', 'lex.space 5..6 u a=1 b=2', 'a line separator'],
    ['u -- a=1', 'parse.after_end 5..8', '-- ends the line'],
    ['u a=“My NAS”', 'lex.smart_quote 4..5 u a="My NAS"', 'typeset quotes'],
    ['u a=‘b’ c=1', 'lex.smart_quote 4..5 u a="b" c=1', 'typeset single quotes'],
    ['u a=O’Brien', 'lex.smart_quote 5..6 u a="O’Brien"', 'a typeset apostrophe'],
    [
      'auth update enabled=false’',
      'lex.smart_quote 25..26 auth update enabled=false',
      'a typeset stray quote',
    ],
    ['u a=b\u200bc', 'lex.hidden_character 5..6 u a=bc', 'a zero-width space'],
    ['u ke\u200by=1', 'lex.hidden_character 4..5 u key=1', 'one inside a key'],
    ['\ufeffu a=1', 'lex.hidden_character 0..1 u a=1', 'a byte order mark'],
    ['u a=b\u202ec', 'lex.hidden_character 5..6 u a=bc', 'a mark of text direction'],
    ['u a=b\u0000c', 'lex.hidden_character 5..6 u a=bc', 'a NUL'],
    ['u a=b\ud800', 'lex.hidden_character 5..6 u a=b', 'half a surrogate pair'],
    ['u a=1 \x1b[A', 'lex.hidden_character 6..9 u a=1', 'an arrow key on a plain terminal'],
    ["u a='b\tc'", 'lex.hidden_character 6..7 u a="b\\tc"', 'a tab in quotes'],
    ['u a="b\u202ec"', 'lex.hidden_character 6..7 u a="b\\u202ec"', 'text direction in quotes'],
    ['u a="\ud800"', 'lex.hidden_character 5..6 u a="\\ud800"', 'half a surrogate pair in quotes'],
    ['u a="DOM\\user"', `lex.escape 8..9 u a='DOM\\user'`, 'an escape that is none'],
    ['u a=1\nb=2', 'lex.line_break 5..6', 'two lines in one'],
    ['u # c\nb=2', 'lex.line_break 5..6', 'a comment does not swallow the next line'],
  ])('%j -> %s: %s', (text, expected) => {
    const problems = parseProblems(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });
});

test('several things wrong are told at once, and one line mends all of them', () => {
  const line = "u a==1 b=x*y c='d";
  expect(parseProblems(line)).toEqual([
    `parse.double_equals 4..5 u a=1 b="x*y" c='d'`,
    `lex.character 10..11 u a=1 b="x*y" c='d'`,
    `lex.unclosed_quote 15..16 u a=1 b="x*y" c='d'`,
  ]);
});

test('quoting a value takes its smaller faults away with it', () => {
  expect(parseProblems('u a=b\u200bc* d=1')).toEqual([
    'lex.hidden_character 5..6 u a="bc*" d=1',
    'lex.character 7..8 u a="bc*" d=1',
  ]);
});

test('what could be read is kept beside the problems', () => {
  const { named, positionals } = parseArguments("u enabled=false' force=true x*y", 1);
  expect(
    named.map(({ key, value }) => [key, value?.kind, value !== undefined && 'text' in value && value.text]),
  ).toEqual([
    ['enabled', 'bare', 'false'],
    ['force', 'bare', 'true'],
  ]);
  expect(positionals).toMatchObject([{ kind: 'quoted', text: 'x*y' }]);
});

test('characters that cannot be seen are named', () => {
  const { problems } = parseArguments('u a=x\u200b \u202eb \u0000c d\u2028e \u0007f', 1);
  expect(problems.map(({ message }) => message.slice(0, message.indexOf(')') + 1))).toEqual([
    'a zero-width space (U+200B)',
    'a mark of text direction (U+202E)',
    'a NUL character (U+0000)',
    'a space that is not the plain one (U+2028)',
    'a control character (U+0007)',
  ]);
});

test('a line of many problems reports the first twenty', () => {
  expect(parseProblems(`u ${'* '.repeat(1000)}`)).toHaveLength(20);
});
