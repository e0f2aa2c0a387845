import type { Candidate } from './candidates.ts';

const token =
  /"(?:[^"\\]|\\.)*"?|'[^']*'?|\.(?:match|startswith|endswith)|[=!<>]=|[<>()[\],]|[^\s"'=!<>()[\],.]+=?(?!=)/gi;
const operators: readonly (readonly [string, string])[] = [
  ['==', 'is equal to'],
  ['!=', 'differs from'],
  ['>', 'is greater than'],
  ['>=', 'is at least'],
  ['<', 'is less than'],
  ['<=', 'is at most'],
  ['in', 'is one of a list'],
  ['not in', 'is none of a list'],
];
const methods: readonly (readonly [string, string])[] = [
  ['match(', 'matches a regular expression'],
  ['startswith(', 'begins with'],
  ['endswith(', 'ends with'],
];
const clauses: readonly (readonly [string, string])[] = [
  ['order_by=', 'in which order; -COLUMN for the other way round'],
  ['limit=', 'at most so many'],
  ['offset=', 'leave out the first so many'],
];

/** What can stand in a query, and how many characters of the word at the cursor stay in front of it. */
export type QueryCompletion = { readonly kept: number; readonly candidates: readonly Candidate[] };

/** Candidates for `word`, which follows `head`: the query's text before it, without the command. */
export function completeQuery(head: string, word: string, columns: readonly string[]): QueryCompletion {
  const order = /^order_by=(-?)/.exec(word);
  if (order)
    return { kept: order[0].length, candidates: columns.map((text) => ({ text, description: 'a column' })) };
  const method = /^(.*?)(\w+)\.\w*$/.exec(word);
  if (method?.[2] !== undefined && columns.includes(method[2])) {
    return { kept: word.lastIndexOf('.') + 1, candidates: toCandidates(methods) };
  }
  const kept = word.length - (/[\w-]*$/.exec(word)?.[0].length ?? 0);
  const tokens = `${head}${word.slice(0, kept)}`.match(token) ?? ([] as readonly string[]);
  const names = columns.map((text) => ({ text, description: 'a column' }));
  const where = tokens.findIndex((text) => text.toLowerCase() === 'where');
  if (where < 0) {
    const isOrdered = tokens.some((text) => text.endsWith('='));
    const unused = isOrdered ? [] : names.filter(({ text }) => !tokens.includes(text));
    const first = isOrdered
      ? []
      : [{ text: 'where', description: 'only those for which an expression holds' }];
    return { kept, candidates: [...unused, ...first, ...openClauses(tokens)] };
  }
  return { kept, candidates: completeExpression(tokens.slice(where), columns, names) };
}

function completeExpression(
  tokens: readonly string[],
  columns: readonly string[],
  names: readonly Candidate[],
): readonly Candidate[] {
  const last = (tokens.at(-1) ?? '').toLowerCase();
  const isColumn = columns.includes(last);
  if (isColumn) return toCandidates(operators);
  // "not" behind a column begins "not in".
  if (last === 'not' && columns.includes(tokens.at(-2) ?? ''))
    return [{ text: 'in', description: 'is none of a list' }];
  if (['where', 'and', 'or', 'not', '('].includes(last)) {
    return [...names, { text: 'not', description: 'where the rest does not hold' }];
  }
  if (/^([=!<>]=|[<>])$/.test(last)) {
    return ['true', 'false', 'null'].map((text) => ({ text, description: 'a value' }));
  }
  if (last === 'in' || last === ',' || last === '[' || last.startsWith('.') || last.endsWith('=')) return [];
  const joins = toCandidates([
    ['and', 'where both hold'],
    ['or', 'where one of both holds'],
  ]);
  const isOrdered = tokens.some((text) => text.endsWith('=') && text !== '==');
  return [...(isOrdered ? [] : joins), ...openClauses(tokens)];
}

function openClauses(tokens: readonly string[]): readonly Candidate[] {
  return toCandidates(clauses.filter(([clause]) => !tokens.includes(clause)));
}

function toCandidates(entries: readonly (readonly [string, string])[]): readonly Candidate[] {
  return entries.map(([text, description]) => ({ text, description }));
}
