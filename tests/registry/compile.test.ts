import { describe, expect, test } from 'vitest';
import { createRegistry } from '../../src/commands/registry.ts';
import { compileLine } from '../../src/registry/compile.ts';
import { redactLine } from '../../src/registry/redact.ts';
import { builtinCommands } from '../../src/shell/builtins.ts';
import { linear, measureGrowth } from '../support/growth.ts';

const registry = createRegistry(builtinCommands);

/** What a line does: the command with its input, or the namespace entered; else what is wrong. */
function meaningOf(line: string, location: readonly string[] = []): unknown {
  const compiled = compileLine(line, location, registry);
  if (compiled.kind === 'problems') return compiled.problems.map(({ code }) => code);
  if (compiled.kind === 'enter') return compiled.path.join(' ');
  if (compiled.kind !== 'command') return compiled.kind;
  const { spec, binding, query } = compiled;
  return JSON.parse(
    JSON.stringify([spec.path, binding.input, query], (key, value) => (key === 'span' ? undefined : value)),
  );
}

test.each([
  ['account user query usrname', 19, 26],
  ['account user query where nonsense == 1', 25, 33],
  ['account user query order_by=-failurs', 29, 36],
])('a column that there is not is found before anything is read: %s', (line, start, end) => {
  const compiled = compileLine(line, [], registry);
  expect(compiled).toMatchObject({
    kind: 'problems',
    problems: [{ code: 'query.unknown_column', span: { start, end } }],
  });
});

test('a part of a column is left to the rows', () => {
  expect(compileLine('account user query devices.0.name', [], registry).kind).toBe('command');
});

/** The line that is offered, or undefined where there is only an instruction. */
function offerOf(line: string, location: readonly string[] = []): string | undefined {
  const compiled = compileLine(line, location, registry);
  if (compiled.kind !== 'problems') throw new Error(`"${line}" is right`);
  const [problem] = compiled.problems;
  return problem?.instruction === undefined ? undefined : problem.hint;
}

const off = 'auth two_factor update enabled=false';

describe('what is understood is taken', () => {
  test.each([
    [`postern ${off}`, off, 'as the README prints it'],
    [`$ sudo postern ${off}`, off, 'with the prompt of a shell'],
    [`"${off}"`, off, 'a whole line in quotes'],
    [`'${off}'`, off, 'in the other quotes'],
    [`\`${off}\``, off, 'in backquotes, from Markdown'],
    [`“${off}”`, off, 'in typeset quotes'],
    [`«${off}»`, off, 'in those of other countries'],
    [`${off};`, off, 'a semicolon at the end'],
    [`${off} ;`, off, 'behind a blank'],
    [`${off}.`, off, 'the full stop of a sentence'],
    ['auth two_factor update enabled = false', off, 'blanks around ='],
    ['auth\ttwo_factor\u00a0update\u2003enabled=\u00a0false', off, 'tabs and no-break spaces'],
    ['auth two_factor update enabled: false', off, 'YAML'],
    ['auth two_factor update enabled:false', off, 'without a blank'],
    ['auth two_factor update enabled : false', off, 'with two'],
    ['auth two_factor update --enabled=false', off, 'an option'],
    ['auth two_factor update --enabled false', off, 'and its value apart'],
    ['auth two_factor update "enabled=false"', off, 'a key=value in quotes'],
    ["auth two_factor update 'enabled=false'", off, 'in single ones'],
    ['auth two_factor update {"enabled":false}', off, 'an object of them'],
    ['auth two_factor "update" enabled=false', off, 'a word of the path in quotes'],
    ["'auth' `two_factor` “update” enabled=false", off, 'each word in its own'],
    ['auth two_factor update enabled=0', off, '0 is false'],
    ['auth two_factor update enabled=1', 'auth two_factor update enabled=true', '1 is true'],
    [
      'auth two_factor update services={“ssh”:true}',
      'auth two_factor update services.ssh=true',
      'pasted JSON',
    ],
    ['service ssh update rootlogin=None', 'service ssh update rootlogin=null', 'None is null'],
    ['service start service=ssh', 'service start ssh', 'the name of what the path names'],
    ['service update id_or_name=ssh enable=true', 'service update ssh enable=true', 'its other key'],
    [
      'account user update uid_or_username=root locked=no',
      'account user update root locked=no',
      'another name',
    ],
    ['account user unset_2fa_secret username:ann', 'account user unset_2fa_secret ann', 'a colon for ='],
    ['account user get_instance root;', 'account user get_instance root', 'behind a name'],
    ['auth two_factor verify 123456', 'auth two_factor verify token=123456', 'a code alone is the code'],
    [
      'account user renew_2fa_secret root {"interval":30,"otp_digits":6}',
      'account user renew_2fa_secret root interval=30 otp_digits=6',
      'the options of the older generation',
    ],
    [
      'account user renew_2fa_secret root options={"interval":30}',
      'account user renew_2fa_secret root interval=30',
      'by their name',
    ],
    ['auth ls', 'ls /auth', 'a builtin behind a namespace'],
    ['auth two_factor man update', 'man /auth two_factor update', 'with more of the path'],
    ['auth ls', 'ls /auth', 'ls'],
    ['.mode format:yaml', '.mode yaml', 'a builtin with a key'],
  ])('%s means %s: %s', (typed, plain) => {
    expect(meaningOf(typed)).toEqual(meaningOf(plain));
    expect(meaningOf(plain)).not.toEqual(meaningOf('xyzzy'));
  });

  test('auth .. and auth two_factor / go up again', () => {
    expect([meaningOf('auth ..'), meaningOf('auth two_factor ..'), meaningOf('auth two_factor /')]).toEqual([
      '',
      'auth',
      '',
    ]);
  });
});

describe('a value keeps every sign of its own', () => {
  test.each([
    ['account user set_password root password=abc.', 'abc.', 'a full stop may end a password'],
    ["account user set_password root password='`abc`'", '`abc`', 'backquotes in quotes'],
    ['account user set_password root password="a = b"', 'a = b', 'blanks and = in quotes'],
    ['account user set_password root password="x: y"', 'x: y', 'a colon in quotes'],
    ['account user set_password root "password=a b"', 'a b', 'a key=value in quotes: the rest as it stands'],
    ['account user set_password root password="“abc”"', '“abc”', 'typeset quotes in quotes'],
    ["account user set_password root password='abc;'", 'abc;', 'a semicolon in quotes'],
    ['account user set_password root password=postern', 'postern', 'the name of the program'],
    ['account user set_password root password=None', 'None', 'None is text here'],
    ['account user set_password root password=0', '0', 'so is 0'],
  ])('%s: %s', (line, password) => {
    const compiled = compileLine(line, [], registry);
    expect(compiled.kind === 'command' && compiled.binding.input.password).toBe(password);
  });

  test('a semicolon that may end a password is not taken off', () => {
    expect(meaningOf('account user set_password root password=abc;')).toEqual(['lex.character']);
  });
});

describe('the line that mends a mistake', () => {
  test.each<readonly [typed: string, mended: string, reason: string]>([
    ['auth two_factor update enabled=f', off, 'the beginning of false'],
    ['auth two_factor update enabled=fasle', off, 'two letters swapped'],
    ['auth two_factor update enabled=disable', off, 'what it does'],
    ['auth two_factor update enabled=offf', off, 'a letter too many'],
    ['auth two_factor update enabled=f alse', off, 'a blank in the value'],
    ['auth two_factor update en abled=false', off, 'a blank in the key'],
    ['auth two_factor update enabledfalse', off, 'the sign left out'],
    ['auth two_factor update enabled,false', off, 'another sign'],
    ['auth two_factor update enabled>false', off, 'a sign that writes to a file'],
    ['auth two_factor update false', off, 'the value alone'],
    ['auth two_factor update off', off, 'in other words'],
    ["'auth two_factor update enabled=false", off, 'a stray quote in front'],
    [`${off}'`, off, 'and at the end'],
    ["auth two_fac'tor update enabled=false", off, 'one in the path is taken out'],
    ['auth two_factor update "enabled=false', off, 'one before the key'],
    ['auth two_factor update "enabled"=false', off, 'a key in quotes'],
    ['auth two_factorupdate enabled=false', off, 'no blank in the path'],
    ['auth two_factor updat eenabled=false', off, 'a blank in the wrong place'],
    ['auth two_factor enabled=false', off, 'the command left out'],
    ['auth two_facto updat enabld=fals', off, 'several slips at once'],
    ['auth.twofactor.update enabled=false', `/${off}`, 'the name of the API call'],
    ['midclt call auth.twofactor.update enabled=false', `/${off}`, 'and its client'],
    ['two_factor update enabled=false', `/${off}`, 'the beginning of the path left out'],
    ...['off', 'disable', 'turn off', '2fa off', 'two_factor off', 'auth two_factor disable', 'recover'].map(
      (typed) => [typed, off, 'people say so'] as const,
    ),
    ['status', 'auth two_factor status', 'people say so'],
    ['users', 'account user query', 'people say so'],
    ['qr', 'account user show_2fa_qr username=NAME', 'nobody in particular'],
    ['qr ann', 'account user show_2fa_qr ann', 'somebody'],
    ['passwd root', 'account user set_password root', 'another program'],
    ['shell', '/system shell', 'a command of a namespace'],
    ['service restart ssh', 'service reload ssh', 'not start'],
    ['account user lock ann', 'account user update ann locked=true', 'not unlock'],
    ['acount user query where admin == true', 'account user query where admin == true', 'the path alone'],
    ['account users query where admin == true', 'account user query where admin == true', 'the path alone'],
    ['auth two_factor update interval=30s', 'auth two_factor update interval=30', 'a unit'],
    [
      'auth two_factor update for=2hours enabled=no',
      'auth two_factor update for=2h enabled=no',
      'a long unit',
    ],
  ])('%s -> %s: %s', (typed, mended) => {
    expect(offerOf(typed)).toBe(mended);
    expect(compileLine(mended, [], registry).kind).toBe('command');
  });

  test('in a namespace it is one that works there', () => {
    expect(offerOf('off', ['auth', 'two_factor'])).toBe(`/${off}`);
    expect(offerOf('update enabld=false', ['auth', 'two_factor'])).toBe('update enabled=false');
    expect(offerOf('system clock', ['auth'])).toBe('/system clock');
  });
});

describe('in doubt there is no line', () => {
  test.each([
    ['auth two_factor update enabled=x', 'near neither'],
    ['auth two_factor update enabled=o', 'on or off'],
    ['auth two_factor update enabled=', 'nothing to go by'],
    ['auth two_factor update disabled=true', 'the opposite of a key'],
    ['auth two_factor update enabled=true enabled=false', 'one of two'],
    ['auth two_factor update interval=abc', 'no number'],
    ['auth two_factor update window=99', 'out of range'],
    ['account user delete an:n', 'another account'],
    ['account user delete username="ann:"', 'another account'],
    ['account user get_instance root extra', 'a word would be lost'],
    ['auth two_factor status please', 'a word would be lost'],
    ['account user renew', 'two commands begin so'],
    ['account user set_2fa_secret root', 'not unset_2fa_secret'],
    ['auth two_factor update services={', 'closed, nothing would be set'],
    ['xyzzy', 'near nothing'],
  ])('%s: %s', (typed) => {
    expect(offerOf(typed)).toBeUndefined();
  });
});

test('a required name that is missing has a placeholder, not an account', () => {
  const compiled = compileLine('account user create admin=maybe', [], registry);
  expect(JSON.stringify(compiled)).toContain('add username=NAME');
  expect(JSON.stringify(compiled)).not.toContain('username=root');
});

test('where a word of the path is unknown, that alone is told', () => {
  expect(meaningOf("acount user query where (admin == 'x")).toEqual(['resolve.unknown_word']);
});

test('30,000 arguments are told one by one, up to twenty', () => {
  expect(meaningOf(`account user create ${'a=1 '.repeat(30_000)}`)).toHaveLength(20);
});

test.each(['a=1 ', 'x ', '--a ', 'x a=1 ', '--username x ', 'password:x ', 'a : '])(
  'the work for many times %j is no square of its length',
  (part) => {
    const read = (times: number) => {
      const line = `account user set_password ${part.repeat(times)}`;
      compileLine(line, [], registry);
      redactLine(line, [], registry);
    };
    expect(measureGrowth(read, 600)).toBeLessThan(linear);
  },
);
