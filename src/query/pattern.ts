const maxPatternLength = 200;
const maxRepeats = 3;
const maxChoices = 10;
const maxCount = 1000;
const maxTextLength = 100_000;
// Steps of the matcher for one cell in the worst case: well under a second.
const stepBudget = 5e7;
const tokenPattern =
  /\\k<[^>]*>|\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<[=!]|<[^>]*>|[=!:]))?|[*+?]\??|\{\d+(?:,\d*)?\}\??|./gsu;

/**
 * What is wrong with a regular expression (ECMAScript, Unicode mode), or undefined. Beside those that do not
 * compile it refuses the ones whose search time could explode: a repeated group that itself repeats or branches,
 * back references, and more than a few repeats.
 */
export function checkPattern(pattern: string): string | undefined {
  if (pattern.length > maxPatternLength) return `a pattern has at most ${maxPatternLength} characters`;
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    const reason = (error as Error).message.split(': ').at(-1) ?? '';
    return `this is no regular expression: ${reason.toLowerCase()}`;
  }
  const { isNested, hasReference, repeats, choices, count } = measurePattern(pattern);
  if (isNested) return 'a repeated group of a pattern may hold no repeat and no |';
  if (hasReference) return 'a pattern may not refer back to a group';
  if (repeats > maxRepeats) return `a pattern repeats with *, + or {} at most ${maxRepeats} times`;
  if (choices > maxChoices) return `a pattern has at most ${maxChoices} choices by ? or |`;
  if (count > maxCount) return `a pattern counts to at most ${maxCount}`;
  return undefined;
}

/** The longest text, in UTF-16 units, that a checked pattern is searched in: its steps stay within a budget. */
export function limitText(pattern: string): number {
  const { repeats, choices } = measurePattern(pattern);
  // n characters cost at most n^(r+1)/(r+1)! steps for r repeats, and twice that for every choice.
  const power = repeats + 1;
  const orders = [1, 2, 6, 24][repeats] ?? 24;
  return Math.min(maxTextLength, Math.floor(((stepBudget * orders) / 2 ** choices) ** (1 / power)));
}

type Measure = { repeats: number; choices: number; count: number; isNested: boolean; hasReference: boolean };

function measurePattern(pattern: string): Measure {
  const measure: Measure = { repeats: 0, choices: 0, count: 0, isNested: false, hasReference: false };
  const tokens = [...pattern.matchAll(tokenPattern)].map(([token]) => token);
  // For each open group: whether it holds a repeat or a branch.
  const groups = [false];
  for (const [i, token] of tokens.entries()) {
    if (token.startsWith('(')) groups.push(false);
    else if (token === ')') {
      const isLoose = groups.pop() === true;
      if (isLoose) groups[groups.length - 1] = true;
      measure.isNested ||= isLoose && /^[*+{]/.test(tokens[i + 1] ?? '');
    } else if (/^\\(?:[1-9]|k<)/.test(token)) measure.hasReference = true;
    else if (isQuantifier(token) || token === '|') {
      groups[groups.length - 1] = true;
      if (/^[?|]/.test(token)) measure.choices++;
      else measure.repeats++;
      measure.count = Math.max(measure.count, ...(token.match(/\d+/g) ?? []).map(Number));
    }
  }
  return measure;
}

function isQuantifier(token: string): boolean {
  return /^[*+?]|^\{\d/.test(token);
}
