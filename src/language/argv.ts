import { findQuoteEnd } from './brackets.ts';
import { findBareEnd } from './characters.ts';
import { isKey, readChunk } from './lex.ts';
import { quoteText } from './quote.ts';
import { openSource } from './source.ts';

const comparison = /^[\w.-]*(?:==|!=|>=|<=|>|<)$/;
const blank = /[ \t\r\n]/;

/**
 * One line from argv words, as the shell handed them over after taking its own quotes off. A word that is one
 * token stays; `key=rest` whose rest is none, gets its rest quoted; a word with blanks is a piece of a line and
 * stays raw, except after a comparison, where it is a value.
 */
export function joinArgv(words: readonly string[]): string {
  let isInWhere = false;
  const pieces = words.map((word, i) => {
    const isLiteral = i > 0 && comparison.test(words[i - 1] as string);
    const piece = quoteArgument(word, { isLiteral, isInWhere, isLast: i === words.length - 1 });
    isInWhere ||= /(?:^|[ \t])where(?:$|[ \t])/i.test(word);
    return piece;
  });
  return pieces.join(' ');
}

type Place = { readonly isLiteral: boolean; readonly isInWhere: boolean; readonly isLast: boolean };

function quoteArgument(word: string, place: Place): string {
  if (word === '') return '""';
  if (isToken(word, place) || (endsInStrayQuote(word) && !place.isLiteral)) return word;
  if (place.isLiteral) return quoteText(word);
  const equals = word.indexOf('=');
  const rest = word.slice(equals + 1);
  // == compares: such a word is a piece of a query.
  if (equals > 0 && isKey(word.slice(0, equals)) && !rest.startsWith('=')) {
    return `${word.slice(0, equals + 1)}${quoteText(rest)}`;
  }
  return blank.test(word) || place.isInWhere ? word : quoteText(word);
}

/** Whether the word reads as exactly one argument or sign of a line, and reads so wherever it stands. Only its token is read: the line that the words make is scanned once, when it is compiled. */
function isToken(word: string, place: Place): boolean {
  if (word === '--' || word === '?' || comparison.test(word) || /^>[^>]/.test(word)) return !place.isLiteral;
  if (word.startsWith('--')) return !place.isLiteral;
  // A script that sets key=Why? wants the text: only `?`, `word?` and `key=?` ask for help.
  const asked = word.slice(0, -1).replace(/=$/, '');
  if (word.endsWith('?') && place.isLast && /^[\w.-]+$/.test(asked)) return true;
  const equals = word.indexOf('=');
  const start = isKey(word.slice(0, Math.max(equals, 0))) ? equals + 1 : 0;
  if (start < word.length && findBareEnd(word, start) === word.length) return true;
  // A shell's word keeps its blanks and its `?`: they are in the value, or it is no one token.
  const source = { ...openSource(word), end: word.length, helpAt: -1 };
  const { value, span } = readChunk(source, 0);
  const isNote = word.startsWith('#');
  return !isNote && value !== undefined && span.end === word.length && source.faults.problems.length === 0;
}

/** `enabled=false'`: kept, so that the line is told what is wrong with it. */
function endsInStrayQuote(word: string): boolean {
  if (blank.test(word)) return false;
  const at = word.search(/['"]/);
  return at === word.length - 1 && at > 0 && findQuoteEnd(word, at, word.length) < 0;
}
