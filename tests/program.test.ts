import { expect, test } from 'vitest';
import { parseArguments } from '../src/program.ts';

const wordsOf = (...argv: readonly string[]) => {
  const { invocation } = parseArguments(argv, '0');
  return invocation.mode === 'words' ? invocation.words : invocation;
};

test.each([
  {
    because: 'a parameter in the dress of an option is the parameter',
    argv: ['auth', 'two_factor', 'update', '--enabled=false'],
    words: ['auth', 'two_factor', 'update', 'enabled=false'],
  },
  {
    because: 'a dotted key is one, too',
    argv: ['auth', 'two_factor', 'update', '--services.ssh=no'],
    words: ['auth', 'two_factor', 'update', 'services.ssh=no'],
  },
  {
    because: 'an option of the process stays one, wherever it is',
    argv: ['auth', 'two_factor', 'config', '--output=json'],
    words: ['auth', 'two_factor', 'config'],
  },
  {
    because: '-- behind a word belongs to the command',
    argv: ['-y', 'auth', 'two_factor', 'update', '--'],
    words: ['auth', 'two_factor', 'update', '--'],
  },
])('$because', ({ argv, words }) => {
  expect(wordsOf(...argv)).toEqual(words);
});

test.each([
  ['an option before the command that there is not', ['--enabled=false', 'auth']],
  ['a mistyped option', ['auth', 'two_factor', 'config', '--outptu', 'json']],
])('refuses %s', (_, argv) => {
  expect(() => wordsOf(...argv)).toThrow(/unknown option/);
});
