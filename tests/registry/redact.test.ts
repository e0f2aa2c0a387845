import { describe, expect, test } from 'vitest';
import { createRegistry } from '../../src/commands/registry.ts';
import { compileLine } from '../../src/registry/compile.ts';
import { redactCommand, redactLine } from '../../src/registry/redact.ts';
import { builtinCommands } from '../../src/shell/builtins.ts';
import { createFakeWorld, runText } from '../support/fake-world.ts';

const registry = createRegistry(builtinCommands);
const set = 'account user set_password';
const renew = 'account user renew_2fa_secret';
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** Lines with a secret, right and wrong: what is left of each. */
const lines: readonly (readonly [line: string, redacted: string, reason: string])[] = [
  [`${set} root password=hunter22`, `${set} root password=***`, 'as it should be'],
  [`${set} root password = hunter22`, `${set} root password = ***`, 'with blanks'],
  [`${set} root hunter22`, `${set} root ***`, 'without its key'],
  [`${set} root password hunter22`, `${set} root password ***`, 'apart from its key'],
  [`${set} root password:hunter22`, `${set} root password:***`, 'with another sign'],
  [`${set} root password: hunter22 more`, `${set} root password: *** ***`, 'in two words'],
  [`${set} root "password=hunter 22"`, `${set} root ***password=***`, 'all in quotes'],
  [`${set} root pasword=hunter22`, `${set} root pasword=***`, 'with a mistyped key'],
  [`${set} root hunter=22`, `${set} root ***`, 'with an = in it'],
  [`${set} root #hunter22`, `${set} root ***`, 'with a sign that begins a comment'],
  [`${set} root password="hunter22`, `${set} root password=***`, 'with an open quote'],
  [`${set} root password=hunter22;`, `${set} root password=***`, 'with a sign at the end'],
  [`${set} password hunter22`, `${set} password ***`, 'without a name'],
  [`${set} root --password hunter22`, `${set} root --password ***`, 'as an option'],
  [`${set} root --password=hunter22`, `${set} root --password=***`, 'as an option with ='],
  ['account user set_pasword root hunter22', 'account user set_pasword *** ***', 'with a mistyped command'],
  [`acount user set_password root password = hunter22`, 'acount user set_password *** *** = ***', 'and path'],
  ['passwd root hunter22', 'passwd *** ***', 'another program'],
  [`postern ${set} root hunter22`, `postern ${set} root ***`, 'with the name of this one'],
  [`"${set} root hunter22"`, `"${set} root ***"`, 'a line in quotes'],
  [`${renew} root ${secret}`, `${renew} root ***`, 'a secret without its key'],
  [`${renew} ${secret}`, `${renew} ***`, 'in the place of the name'],
  [`${renew} root {"secret":"${secret}"}`, `${renew} root ***`, 'in an object'],
  [`auth two_factor verify 654321`, 'auth two_factor verify ***', 'a code alone'],
  [`auth two_factor verfy 654321`, 'auth two_factor verfy ***', 'a code behind a mistyped command'],
  ['auth two_factor verify token 654321', 'auth two_factor verify token ***', 'a code apart from its key'],
  ['account user create ann password hunter22', 'account user create ann password ***', 'where none belongs'],
];

describe('a secret in a wrong line is still a secret', () => {
  test.each(lines)('%s -> %s: %s', (line, redacted) => {
    expect(redactLine(line, [], registry)).toBe(redacted);
    expect(redactLine(line, [], registry, { keepLength: true })).toHaveLength(line.length);
  });

  test.each(lines)('and no error repeats it, in text or JSON: %s', async (line) => {
    const planted = /hunter(?: ?22|=22)?|654321|JBSWY3DP\w*/.exec(line)?.[0] ?? '';
    expect(planted).not.toBe('');
    for (const mode of ['table', 'json'] as const) {
      const { all, code } = await runText(createFakeWorld({ yes: true }), line, { mode });
      // What was understood is done, and its answer may show the secret that it is about.
      if (code !== 0) expect(all).not.toContain(planted);
    }
  });
});

describe('what is no secret stays readable', () => {
  test.each([
    'account user create ann full_name="secret agent man" admin=true',
    'account user unset_2fa_secret ann',
    'account user set_password username=root password=-',
    'account user renew_2fa_secret root device=phone interval=30 > /root/out',
    "system audit query where line.match('password')",
    'auth two_factor update enabled=false for=30m',
    'auth two_factor update windw=3 extra',
  ])('%s', (line) => {
    expect(redactLine(line, [], registry)).toBe(line);
  });
});

describe('a line that compiles is redacted by what compiling it read', () => {
  const readable = [
    ...lines.map(([line]) => line),
    `${set} username=root password=hunter22 # hunter22`,
    `  ${set} root password=-  `,
    `${set} root hunter22;`,
    'account user verify_twofactor_token root token=654321',
    `${renew} root secret="otpauth://totp/x?secret=${secret}"`,
    'account user create ann full_name="secret agent man"',
    'account user query where username == "654321"',
    'service start service=ssh',
  ].flatMap((line) => {
    const compiled = compileLine(line, [], registry);
    return compiled.kind === 'command' && compiled.binding.missing.length === 0
      ? [[line, compiled] as const]
      : [];
  });

  test('some of them do', () => expect(readable.length).toBeGreaterThan(8));

  test.each(readable)('%s', (_line, compiled) => {
    expect(redactCommand(compiled, {})).toBe(redactLine(compiled.text.trim(), [], registry));
  });

  test('what was asked for stands in the line as if it had been typed, and no secret does', () => {
    const compiled = compileLine(`${set} username=root`, [], registry);
    if (compiled.kind !== 'command') throw new Error(compiled.kind);
    expect(redactCommand(compiled, { username: 'root', password: 'hunter22' })).toBe(
      `${set} username=root password=***`,
    );
  });
});
