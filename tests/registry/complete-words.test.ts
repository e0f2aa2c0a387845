import { describe, expect, test } from 'vitest';
import { completeWords, findOptionValue, type ProgramWords } from '../../src/registry/complete-words.ts';
import { completionShells, renderCompletionScript } from '../../src/registry/completion-scripts.ts';
import { sampleRegistry } from './sample-registry.ts';

const program: ProgramWords = {
  options: [
    { names: ['-o', '--output'], brief: 'output format', value: ['table', 'json'] },
    { names: ['--state-dir'], brief: 'which store', value: 'directory' },
    { names: ['-f', '--file'], brief: 'a script', value: 'file' },
    { names: ['-c', '--line'], brief: 'a line', value: 'text' },
    { names: ['-y', '--yes'], brief: 'assume yes' },
  ],
  modes: [
    { names: ['menu'], brief: 'the console menu' },
    { names: ['completion'], brief: 'a completion script', value: ['bash', 'zsh'] },
  ],
};
const sources = {
  accountNames: () => ['evil\tname', 'evil name', 'rose', 'root'],
  deviceNames: () => ['default'],
};

function complete(...words: readonly string[]): readonly string[] {
  return completeWords(words, sampleRegistry, program, sources);
}

describe('completeWords', () => {
  test.each([
    [
      ['m'],
      ['menu\tthe console menu', 'man\tExplain a command or a namespace.'],
      'modes and the language begin a line',
    ],
    [['auth', 'two'], ['two_factor\tCodes at sign-in.'], 'words of the language'],
    [
      ['auth', 'two_factor', 'update', 'enabled=f'],
      ['enabled=false\task for codes at all'],
      'the whole word',
    ],
    [['auth', 'two_factor', 'verify', 'username=ro'], ['username=rose\t', 'username=root\t'], 'accounts'],
    [
      ['auth', 'two_factor', 'verify', 'username=evil'],
      ['username="evil\\tname"\t', 'username="evil name"\t'],
      'names in quotes are one word, with nothing raw in it',
    ],
    [['system', 'save', 'file=/t'], [':files'], 'a parameter that is a file'],
    [
      ['auth', 'two_factor', 'update', 'window='],
      [':note window expects a whole number from 0 to 10 (steps)'],
      'bounds',
    ],
    [['--out'], ['--output\toutput format'], 'options'],
    [['-o', 'j'], ['json\toutput format'], 'the value of an option'],
    [['--output=j'], ['--output=json\toutput format'], 'the same in one word'],
    [['--state-dir', '/x'], [':directories'], 'the shell knows directories'],
    [['-f', ''], [':files'], 'the shell knows files'],
    [['-c', 'auth '], [], 'a whole line is a value of its own'],
    [['-o', 'json', '-y', 'auth', 'two'], ['two_factor\tCodes at sign-in.'], 'options do not count as words'],
    [['completion', 'z'], ['zsh\ta completion script'], 'the words of a mode'],
    [['menu', ''], [], 'a mode without words'],
    [['account', 'user', 'query', 'where', 'admin', 'no'], [], 'two words are no word: not in'],
  ])('%j', (words, expected) => {
    expect(complete(...words)).toEqual(expected);
  });

  test('offers everything at the beginning', () => {
    const words = complete('').map((line) => line.split('\t')[0]);
    expect(words).toEqual(['menu', 'completion', 'auth', 'account', 'system', 'help', 'man', '.mode']);
  });
});

test.each([
  [['--state-dir', '/a', 'auth'], '/a'],
  [['--state-dir=/b', 'auth'], '/b'],
  [['auth'], undefined],
])('findOptionValue of %j', (words, expected) => {
  expect(findOptionValue(words, ['--state-dir'])).toBe(expected);
});

test.each(completionShells)(
  'the script for %s asks the program by its protocol and hides its errors',
  (shell) => {
    const script = renderCompletionScript(shell);
    expect(script).toMatch(new RegExp(`complete --shell ${shell} -- .*2>/dev/null </dev/null`));
    // What only keeps the text away from the template's own substitution must not be in the script.
    expect(script).not.toMatch(/\\[$]|\\`/);
  },
);
