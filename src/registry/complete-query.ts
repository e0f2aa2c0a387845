import { locateQueryCursor, type QueryCursor } from '../query/cursor.ts';
import { type Candidate, type Completion, choose } from './candidates.ts';

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
  ['order_by=', 'sort by these columns; -COLUMN sorts descending'],
  ['limit=', 'at most N rows'],
  ['offset=', 'skip the first N rows'],
];

const joins: readonly (readonly [string, string])[] = [
  ['and', 'both must be true'],
  ['or', 'one must be true'],
];

/** What can be at the end of `before`, a line whose query begins at `from`. */
export function completeQuery(before: string, from: number, columns: readonly string[]): Completion {
  const spot = locateQueryCursor(before, from, before.length);
  const head = before.slice(from, spot.span.start);
  // Only the column's end is looked for: of a long word, or a text in it, nothing is said.
  const dot = spot.part === 'operand' ? spot.prefix.lastIndexOf('.') : -1;
  const isMethod = dot > 0 && columns.includes(spot.prefix.slice(0, dot));
  const start = spot.span.start + (isMethod ? dot + 1 : 0);
  const candidates = isMethod ? toCandidates(methods) : listCandidates(spot, head, columns);
  return choose(candidates, { word: before.slice(start), from: start, cursor: before.length });
}

function listCandidates(
  { part }: QueryCursor,
  head: string,
  columns: readonly string[],
): readonly Candidate[] {
  const used = new Set(head.toLowerCase().split(/[^\w.-]+/));
  const names = columns.map((text) => ({ text, description: 'a column' }));
  const open = toCandidates(clauses.filter(([clause]) => !used.has(clause.slice(0, -1))));
  switch (part) {
    case 'column': {
      const isOrdered = open.length < clauses.length;
      const where = toCandidates([['where', 'only rows where the expression is true']]);
      return isOrdered ? open : [...names.filter(({ text }) => !used.has(text)), ...where, ...open];
    }
    case 'operand':
      return [...names, ...toCandidates([['not', 'the rest must be false']])];
    case 'operator':
      if (/[=!]$/.test(head)) return [];
      return toCandidates(/\bnot\s*$/i.test(head) ? [['in', 'is none of a list']] : operators);
    case 'literal':
      return /[=!]=\s*$/.test(head)
        ? ['true', 'false', 'null'].map((text) => ({ text, description: 'a value' }))
        : [];
    case 'connective': {
      const isJoined = used.has('where') && open.length === clauses.length;
      return isJoined ? [...toCandidates(joins), ...open] : open;
    }
    case 'order':
      return names;
    case 'count':
    case 'redirect':
      return [];
    default:
      return part satisfies never;
  }
}

function toCandidates(entries: readonly (readonly [string, string])[]): readonly Candidate[] {
  return entries.map(([text, description]) => ({ text, description }));
}
