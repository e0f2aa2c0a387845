import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/*
 * Turns of phrase that come back by habit and that no manual page has: see "Words" in src/README.md. The check knows
 * phrases, not English; it keeps out what the copy-edit took out.
 */

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each with what to write instead. */
const tics: readonly (readonly [RegExp, string])[] = [
  [/\bstands? (in|at|on|behind|before|there|here|near|above|below|alone)\b(?! for)/i, 'is, are, be'],
  [/\b(some|every)body\b/i, 'someone, everyone, users'],
  [/\bothers than\b/i, 'users other than'],
  [/\bas far as (it|they) goe?s?\b/i, 'as far as possible'],
  [/\bput right\b/i, 'repair'],
  [/\banew\b/i, 'again'],
  [/\bturns? no \w+ on\b/i, 'does not turn on'],
  [/\b(is|are) no part of\b/i, 'is not part of'],
  [/\bsay so with\b/i, 'pass'],
  [/\b(at most|the first) so many\b/i, 'at most N'],
];

/** The words of a source file that are read as English: comments, and strings of more than one word. */
function readWords(text: string): string {
  const tokens =
    text.match(/\/\*[\s\S]*?\*\/|\/\/.*$|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/gm) ?? [];
  return tokens
    .filter((token) => token.startsWith('/') || token.includes(' '))
    .map((token) => token.replace(/\n\s*\*\s/g, ' ').replace(/\$\{[^}]*\}/g, ''))
    .join('\n');
}

function findTics(text: string): string[] {
  return tics.flatMap(([pattern, instead]) =>
    [...text.matchAll(new RegExp(pattern, 'gi'))].map(
      ({ 0: found, index }) => `"${text.slice(Math.max(0, index - 30), index)}${found}": write ${instead}`,
    ),
  );
}

const sources = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|c|h|mjs)$/.test(name))
  .map((name) => `src/${name}`);

test('sources speak plain English', () => {
  expect(sources.length).toBeGreaterThan(200);
  const found = sources.flatMap((file) =>
    findTics(readWords(readFileSync(`${root}${file}`, 'utf8'))).map((tic) => `${file}: ${tic}`),
  );
  expect(found).toEqual([]);
});

test.each(['README.md', 'CHANGELOG.md', 'src/README.md'])('%s speaks plain English', (file) => {
  const [text = ''] = readFileSync(`${root}${file}`, 'utf8').split('\n## Words\n');
  expect(findTics(text)).toEqual([]);
});

test('a tic in a comment, a string or a paragraph is found', () => {
  expect(findTics(readWords('/** What stands at\n * the end. */\nf();'))).toHaveLength(1);
  expect(findTics(readWords("say('others than root can write it');"))).toHaveLength(1);
  expect(findTics(readWords('const standsAt = everybody;'))).toEqual([]);
  expect(findTics('Nobody can read what somebody wrote.')).toHaveLength(1);
});
