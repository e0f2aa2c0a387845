import { measureDistance } from './suggest.ts';

const trueWords = ['true', 'yes', 'on', 'enable', 'enabled', 'active'];
const falseWords = ['false', 'no', 'off', 'disable', 'disabled', 'none', 'nope', 'never', 'inactive', 'null'];

/**
 * The boolean that was meant by a text that is none, or undefined in doubt: `f`, `fasle`, `off.` and `disable` are false,
 * `o` could be both. The wrong one of the two could lock people out, or let them in.
 */
export function nearestBoolean(typed: string): boolean | undefined {
  const word = typed.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  if (word === '' || word.length > 12) return undefined;
  if (/^0+$/.test(word)) return false;
  if (word === '1') return true;
  const far = 9;
  const nearest = (words: readonly string[]) => Math.min(...words.map((each) => distanceTo(each, word)), far);
  const [isTrue, isFalse] = [nearest(trueWords), nearest(falseWords)];
  const allowed = word.length < 5 ? 1 : 2;
  if (Math.min(isTrue, isFalse) > allowed || isTrue === isFalse) return undefined;
  return isTrue < isFalse;
}

/** 0 for the beginning of the word, else how many letters are wrong; a short word allows one at most. */
function distanceTo(word: string, typed: string): number {
  if (word.startsWith(typed)) return 0;
  const distance = measureDistance(typed, word);
  return word.length < 4 && distance > 1 ? 9 : distance;
}

/** The number in a text that has signs or a unit around it: `30s`, `6.`, `3O`. */
export function nearestInteger(typed: string): number | undefined {
  const zeros = typed.replace(/(?<=\d)[oO]|[oO](?=\d)/g, '0');
  const digits = /^[^\p{L}\d=-]*(\d{1,9})\s*(?:s|secs?|seconds?|steps?|digits?)?[^\p{L}\d=]*$/iu.exec(zeros);
  return digits === null ? undefined : Number(digits[1]);
}

/** A duration as it is written here, of `30 min`, `2hours` or `30m.`; a number alone has no unit to go by. */
export function nearestDuration(typed: string): string | undefined {
  const found = /^(\d{1,6})\s*(d|h|m|s)[a-z]*\W*$/i.exec(typed);
  return found === null ? undefined : `${found[1]}${found[2]?.toLowerCase()}`;
}
