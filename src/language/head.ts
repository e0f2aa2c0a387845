import type { Head, Word } from './ast.ts';
import { findBareEnd } from './characters.ts';
import { isSpacedEquals } from './parse.ts';
import { endsWord, openSource, type Source, skipPlainBlanks } from './source.ts';
import { findPairEnd } from './wrapping.ts';

/**
 * The leading path part of a line: `/`, `..` and bare words, up to the first thing that is not a plain bare
 * word. Never fails; what is wrong after it is for `parseArguments` to report.
 */
export function parseHead(text: string): Head {
  const source = openSource(text);
  let at = skipPlainBlanks(text, 0);
  const absolute = text[at] === '/';
  let end = absolute ? at + 1 : 0;
  let ups = 0;
  const words: Word[] = [];
  if (absolute) at = skipPlainBlanks(text, at + 1);
  while (at < source.end) {
    const quoted = readQuotedWords(source, at);
    if (quoted !== undefined) {
      words.push(...quoted);
      end = (quoted.at(-1) as Word).span.end;
      at = skipPlainBlanks(text, end);
      continue;
    }
    const wordEnd = findBareEnd(text, at);
    if (!isPlainWord(source, at, wordEnd)) break;
    const climb = words.length === 0 ? countUps(text.slice(at, wordEnd)) : { ups: 0, length: 0 };
    ups += climb.ups;
    const start = at + climb.length;
    if (start < wordEnd)
      words.push({ text: text.slice(start, wordEnd), span: { start, end: wordEnd }, quoted: false });
    end = wordEnd;
    at = skipPlainBlanks(text, wordEnd);
  }
  return { absolute, ups, words, end };
}

/** Words of a path that are in quotes of any kind: each is itself, and the last one has the closing quote. */
function readQuotedWords(source: Source, at: number): readonly Word[] | undefined {
  const { text } = source;
  const close = findPairEnd(text, at, source.end);
  if (close < 0 || !endsWord(source, close + 1)) return undefined;
  const words = [...text.slice(at + 1, close).matchAll(/[^ \t]+/g)].map(({ 0: word, index }) => ({
    text: word,
    span: { start: at + 1 + index, end: at + 1 + index + word.length },
    quoted: true,
  }));
  const last = words.at(-1);
  if (last === undefined || words.some(({ text: word }) => !/^[A-Za-z0-9_]+$/.test(word))) return undefined;
  return [...words.slice(0, -1), { ...last, span: { start: last.span.start, end: close + 1 } }];
}

function countUps(word: string): { ups: number; length: number } {
  const climb = /^\.\.(?:\/\.\.)*(?:\/|$)/.exec(word)?.[0] ?? '';
  return {
    ups: climb === '' ? 0 : climb.split('/').filter((part) => part === '..').length,
    length: climb.length,
  };
}

function isPlainWord(source: Source, at: number, end: number): boolean {
  const { text } = source;
  if (end === at || text.startsWith('--', at) || !endsWord(source, end)) return false;
  return !isSpacedEquals(source, skipPlainBlanks(text, end));
}
