// A longer word is no typing error, and the distance costs its square.
const maxLength = 64;

/**
 * The candidate that `word` was most likely meant to be, or undefined where none is near or two are as near: another case or `-`
 * for `_`, the beginning of exactly one, or a few letters wrong, left out, added or swapped.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const folded = foldWord(word);
  if (folded === '' || word.length > maxLength) return undefined;
  const same = candidates.find((candidate) => foldWord(candidate) === folded);
  if (same !== undefined) return same;
  const begun =
    folded.length < 2 ? [] : candidates.filter((candidate) => foldWord(candidate).startsWith(folded));
  if (begun.length === 1) return begun[0];
  let nearest: string | undefined;
  let isTied = false;
  let nearestDistance = allowDistance(folded.length) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= nearestDistance + 2) continue;
    const distance = measureDistance(folded, foldWord(candidate));
    if (distance >= foldWord(candidate).length) continue;
    if (distance === nearestDistance) isTied = true;
    if (distance < nearestDistance) {
      nearest = candidate;
      nearestDistance = distance;
      isTied = false;
    }
  }
  return isTied ? undefined : nearest;
}

function foldWord(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, '');
}

/** One error in a short word, up to three in a long one: never so many that another word is as likely. */
function allowDistance(length: number): number {
  return length < 2 ? 0 : length < 5 ? 1 : length < 9 ? 2 : 3;
}

/** Damerau-Levenshtein distance (optimal string alignment): inserts, deletes, replaces and swaps of neighbours. */
export function measureDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (isSame ? 0 : 1));
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) cost = Math.min(cost, at(before, j - 2) + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
