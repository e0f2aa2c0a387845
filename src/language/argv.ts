import { findQuoteEnd } from './brackets.ts';
import { isKey } from './lex.ts';
import { scanArguments } from './parse.ts';
import { quoteText } from './quote.ts';

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

/** Whether the word reads as exactly one argument or sign of a line, and reads so wherever it stands. */
function isToken(word: string, place: Place): boolean {
  if (word === '--' || word === '?' || comparison.test(word) || /^>[^>]/.test(word)) return !place.isLiteral;
  if (word.startsWith('--')) return !place.isLiteral;
  // A script that sets key=Why? wants the text: only `?`, `word?` and `key=?` ask for help.
  const asked = word.slice(0, -1).replace(/=$/, '');
  if (word.endsWith('?') && place.isLast && /^[\w.-]+$/.test(asked)) return true;
  // Followed by a word, so that no blank at its end is passed over.
  const { faults, positionals, named, redirect, edit } = scanArguments(`${word} end`, 0);
  if (faults.problems.length > 0 || redirect !== undefined || edit !== undefined) return false;
  const [first] = named;
  if (first !== undefined) {
    // A shell's word keeps its blanks: they are in the value, where a line's `key = value` has none.
    const isTight = first.value?.span.start === first.keySpan.end + 1;
    return positionals.length === 1 && isTight && first.span.end === word.length;
  }
  return positionals.length === 2 && positionals[0]?.span.end === word.length;
}

/** `enabled=false'`: kept, so that the line is told what is wrong with it. */
function endsInStrayQuote(word: string): boolean {
  if (blank.test(word)) return false;
  const at = word.search(/['"]/);
  return at === word.length - 1 && at > 0 && findQuoteEnd(word, at, word.length) < 0;
}
