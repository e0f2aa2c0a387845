import { quoteText, quoteWord } from '../language/quote.ts';

/** `text` takes the place of what is there from `from` to `to`; a space may follow it unless it ends in `=` or `/`. */
export type Candidate = { readonly text: string; readonly description: string };

export type Completion = {
  readonly from: number;
  readonly to: number;
  readonly candidates: readonly Candidate[];
  /** How many more there are than the candidates given. */
  readonly omitted: number;
  /** What is expected here, where it cannot be listed: bounds of a number, the kind of a text. */
  readonly note?: string;
  /** The name of a file is expected: a shell knows them better. */
  readonly files?: true;
};

/** No more candidates than so many: nobody reads more, and a serial line takes a second for them. */
const candidateLimit = 100;

/** The word at the cursor: its part before the cursor, where it begins, and the cursor. */
export type Place = { readonly word: string; readonly from: number; readonly cursor: number };

/** The candidates that begin with the word. */
export function choose(all: readonly Candidate[], { word, from, cursor }: Place): Completion {
  const matching = all.filter(({ text }) => text.startsWith(word));
  return {
    from,
    to: cursor,
    candidates: matching.slice(0, candidateLimit),
    omitted: Math.max(0, matching.length - candidateLimit),
  };
}

/** Values are quoted where they must be, or where the person has begun to. */
export function chooseValues(
  values: readonly string[],
  { word, from, cursor }: Place,
  description: string,
): Completion {
  const typed = word.replace(/^["']/, '');
  const matching = values.filter((value) => value.startsWith(typed));
  return choose(matching.map(toCandidate(word, description)), { word: '', from, cursor });
}

/** The names that begin with the word, found by halving: the cost does not grow with their number. */
export function chooseSorted(names: readonly string[], { word, from, cursor }: Place): Completion {
  const typed = word.replace(/^["']/, '');
  const first = findFirst(names, (name) => name >= typed);
  const behind = findFirst(names, (name) => name >= typed && !name.startsWith(typed));
  const candidates = names.slice(first, Math.min(behind, first + candidateLimit)).map(toCandidate(word, ''));
  return { from, to: cursor, candidates, omitted: Math.max(0, behind - first - candidateLimit) };
}

/** The index of the first name for which `isBehind` holds; it holds for all that follow. */
function findFirst(names: readonly string[], isBehind: (name: string) => boolean): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(names[middle] ?? '')) high = middle;
    else low = middle + 1;
  }
  return low;
}

function toCandidate(word: string, description: string): (value: string) => Candidate {
  const isQuoted = /^["']/.test(word);
  return (value) => ({ text: isQuoted ? quoteText(value) : quoteWord(value), description });
}
