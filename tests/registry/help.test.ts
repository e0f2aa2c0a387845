import { describe, expect, test } from 'vitest';
import { createRegistry } from '../../src/commands/registry.ts';
import { explainPosition } from '../../src/registry/explain.ts';
import { renderFirstHelp, renderHelp, renderListing } from '../../src/registry/help.ts';
import { findNamespace } from '../../src/registry/tree.ts';
import { builtinCommands } from '../../src/shell/builtins.ts';
import { sampleCommands, sampleRegistry } from './sample-registry.ts';

const present = (_: unknown, key: string) =>
  ({ enabled: true, 'services.ssh': false, for: 1800, token: 'S3CRET' })[key];
const explain = (text: string, location: readonly string[] = []) =>
  explainPosition(text, location, sampleRegistry, present);

function everyText(): readonly string[] {
  const lines = ['', 'auth ', 'nonsense ', ...sampleCommands.map(({ path }) => `${path.join(' ')} `)];
  const targets = [sampleRegistry, findNamespace(sampleRegistry, ['auth', 'two_factor'])!, ...sampleCommands];
  return [...targets.map(renderHelp), ...lines.map((line) => explain(line))];
}

test('the help of all that there is is no wider than 80 columns', () => {
  const registry = createRegistry(builtinCommands);
  const texts = [registry, ...registry.root.namespaces.values(), ...registry.commands].map(renderHelp);
  const wide = texts.flatMap((text) => text.split('\n')).filter((line) => line.length > 80);
  // An example is one line, whatever its length.
  expect(wide.filter((line) => !line.startsWith('  '))).toEqual([]);
  expect(
    renderHelp(registry)
      .split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([]);
});

test('nothing is wider than 80 columns, ends in spaces or holds anything but ASCII', () => {
  for (const text of everyText())
    expect(text).toMatch(/^(?:[\x20-\x7e]{0,79}[\x21-\x7e]|)(?:\n(?:[\x20-\x7e]{0,79}[\x21-\x7e]|))*$/);
});

describe('renderHelp', () => {
  test('of a command: usage, parameters with bounds and defaults, details, examples', () => {
    expect(renderHelp(sampleCommands[1]!)).toBe(`auth two_factor update
  Change the two-factor settings.

usage
  auth two_factor update [enabled=true|false] [services.ssh=true|false]
      [window=0..10] [issuer=ISSUER] [unenrolled=allow|deny] [for=duration]
      [force=true|false]

parameters
  enabled=true|false       ask for codes at all
  services.ssh=true|false  which sign-ins ask for codes
  window=0..10             steps in which a code is accepted (steps)
  issuer=ISSUER            name shown by the authenticator (a name in ASCII, at
                           most 64 characters)
  unenrolled=allow|deny    accounts without a device
  for=duration             how long (1m to 7d)
  force=true|false         do it all the same (default: false)

  enabled=false always works.

  It keeps "every" secret.

examples
  auth two_factor update enabled=false
      Let people in.`);
  });

  test('of a command with another name, a required and a positional parameter', () => {
    const text = renderHelp(sampleCommands[2]!);
    expect(text).toContain('account user verify_twofactor_token [username=]USERNAME token=TOKEN');
    expect(text).toContain('whose code (required; a user name)');
    expect(text).toContain('aliases\n  auth two_factor verify');
  });

  test('of a query: its parts and columns', () => {
    expect(renderHelp(sampleCommands[3]!)).toContain('what to show: username, admin, locked, failures');
  });

  test('of a namespace: its words, and its older names apart', () => {
    const text = renderHelp(findNamespace(sampleRegistry, ['auth', 'two_factor'])!);
    expect(text).toContain('  update  Change the two-factor settings.');
    expect(text).toContain('older names\n  verify  the same as account user verify_twofactor_token');
  });

  test('of everything: each command once', () => {
    const text = renderHelp(sampleRegistry);
    expect(text.match(/two_factor update {2}/g)).toHaveLength(1);
    expect(text).toContain('auth two_factor update enabled=false');
  });
});

test('the first help fits 80x24 with its line and the prompt, the way back in and every namespace on it', () => {
  const text = renderFirstHelp(createRegistry(builtinCommands));
  const lines = text.split('\n');
  expect(lines.length).toBeLessThanOrEqual(22);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  for (const words of ['auth two_factor update enabled=false', 'account user ', 'audit query', 'help all'])
    expect(text).toContain(words);
});

test('renderListing marks namespaces', () => {
  expect(renderListing(findNamespace(sampleRegistry, ['auth'])!)).toBe('  two_factor/  Codes at sign-in.');
});

describe('explainPosition', () => {
  test('lists the keys that are not given yet, with what they stand at', () => {
    const text = explain('auth two_factor update window=2 ');
    expect(text).toContain('enabled=true|false       ask for codes at all, now true');
    expect(text).toContain('how long (1m to 7d), now 30m');
    expect(text).not.toContain('window');
  });

  test.each([
    [
      'auth two_factor update ser',
      [],
      /^ {2}services\.ssh=true\|false {2}which.*, now false$/m,
      /enabled/,
      'keys that begin so',
    ],
    [
      'auth two_factor update window=',
      [],
      /takes a whole number from 0 to 10 \(steps\)/,
      /enabled/,
      'one key',
    ],
    ['auth two_factor update enabled=t', [], /takes true or false/, /window/, 'a value that is begun'],
    [
      'auth two_factor update enabled = ',
      [],
      /takes true or false/,
      /window/,
      'a value with blanks before it',
    ],
    [
      'auth two_factor update issuer="a wi',
      [],
      /issuer=/,
      /window/,
      'a word in open quotes is part of the value',
    ],
    ['update en', ['auth', 'two_factor'], /enabled/, /window/, 'from within a namespace'],
    ['auth two_factor config ', [], /it takes no parameters/, /--/, 'a command without parameters'],
    ['.mode table ', [], /all parameters are given/, /--/, 'nothing left'],
    [
      'auth two_factor verify root ',
      [],
      /token=TOKEN/,
      /username=|S3CRET/,
      'a positional is given; a secret is not shown',
    ],
    ['account user query ', [], /\.startswith/, /--$/, 'a query'],
    ['', [], /help/, /no command/, 'an empty line: words and builtins'],
    ['auth ', [], /two_factor \.\.\./, /help/, 'a namespace: its words alone'],
    ['auth tw', [], /two_factor/, /no command/, 'the beginning of a word'],
    ['au', [], /auth \.\.\./, /account/, 'the beginning of the first word'],
    [
      'auth zzz ',
      [],
      /no command or namespace "zzz" in auth; there are:\n {2}two_factor/,
      /help/,
      'an unknown word',
    ],
  ])('%j', (text, location, shown, absent) => {
    expect(explain(text, location)).toMatch(shown);
    expect(explain(text, location)).not.toMatch(absent);
  });
});
