import { isBlank } from '../language/characters.ts';
import { openSource, type Source } from '../language/source.ts';
import type { Span } from '../language/span.ts';
import { readTokens, type Token } from './tokens.ts';

/**
 * What is expected at the cursor of an unfinished query.
 * - `column`: a column, `where`, or a clause · `operand`: a column in a condition, or `not`
 * - `operator`: `==`, `in`, `not in`, … after a column · `literal`: a value to compare `column` with
 * - `connective`: `and`, `or`, or a clause · `order`: a column after `order_by=` · `count`: a number
 * - `redirect`: the rest of the line is a file's
 */
export type QueryCursor = {
  readonly part:
    | 'column'
    | 'operand'
    | 'operator'
    | 'literal'
    | 'connective'
    | 'order'
    | 'count'
    | 'redirect';
  /** The column that a literal or an operator belongs to; empty for the other parts. */
  readonly column: string;
  /** What was typed of it, without an opening quote, and without the `-` of `order_by=-column`. */
  readonly prefix: string;
  readonly span: Span;
};

const comparisons: readonly string[] = ['==', '!=', '>=', '<=', '>', '<'];

/** Says what is at offset `cursor` of `text` in the query that begins at offset `from`. */
export function locateQueryCursor(text: string, from: number, cursor: number): QueryCursor {
  const line = text.slice(0, cursor);
  const source: Source = { ...openSource(line), end: line.length, helpAt: -1 };
  const { tokens, redirect } = readTokens(source, from);
  const last = tokens.at(-1);
  const isTyped = last !== undefined && last.kind !== 'sign' && last.span.end === line.length;
  const typed = isTyped && !isBlank(line.charCodeAt(line.length - 1)) ? last : openQuoted(line, last);
  const before = typed === undefined ? tokens : tokens.slice(0, -1);
  const state = before.reduce(followToken, { part: 'column', column: '' });
  const skip = typed === undefined ? 0 : skipSign(line, typed, state.part);
  const start = typed === undefined ? line.length : typed.span.start + skip;
  if (redirect !== undefined)
    return { part: 'redirect', column: '', prefix: '', span: { start: cursor, end: cursor } };
  return { ...state, prefix: line.slice(start), span: { start, end: line.length } };
}

type State = Pick<QueryCursor, 'part' | 'column'>;

function followToken(state: State, token: Token, index: number, tokens: readonly Token[]): State {
  const word = token.kind === 'word' ? token.text.toLowerCase() : '';
  const previous = tokens[index - 1];
  if (token.kind === 'sign' && token.text === '=' && previous?.kind === 'word') {
    if (previous.text === 'order_by') return { part: 'order', column: '' };
    if (previous.text === 'limit' || previous.text === 'offset') return { part: 'count', column: '' };
  }
  if (word === 'where' || ((word === 'and' || word === 'or') && state.part !== 'column')) {
    return { part: 'operand', column: '' };
  }
  switch (state.part) {
    case 'column':
    case 'redirect':
      return state;
    case 'operand':
      return word === 'not' || token.kind === 'sign' ? state : { part: 'operator', column: token.text };
    case 'operator':
      // A lone = is the beginning of ==.
      if (word === 'not' || token.text === '=') return state;
      if (word === 'in' || comparisons.includes(token.text) || token.text === '(') {
        return { part: 'literal', column: state.column.replace(/\.(?:match|startswith|endswith)$/i, '') };
      }
      return { part: 'connective', column: '' };
    case 'literal':
      return followLiteral(state, token, previous);
    case 'order':
      return token.text === ',' || token.text === '[' ? state : { part: 'connective', column: '' };
    case 'count':
    case 'connective':
      // A comma after a column of order_by, or after an item of a list, asks for one more.
      return token.text === ',' ? { part: 'order', column: '' } : { part: 'connective', column: '' };
    default:
      return state.part satisfies never;
  }
}

/** Inside `in [a, b]` a value follows a comma; elsewhere one value is all. */
function followLiteral(state: State, token: Token, previous: Token | undefined): State {
  if (token.kind === 'sign')
    return token.text === ']' || token.text === ')' ? { part: 'connective', column: '' } : state;
  const isInList = previous?.text === '[' || previous?.text === ',' || previous?.text === '(';
  return isInList ? state : { part: 'connective', column: '' };
}

function openQuoted(line: string, last: Token | undefined): Token | undefined {
  if (last?.kind !== 'quoted' || last.span.end < line.length) return undefined;
  return line[last.span.start] === line.at(-1) && last.span.end - last.span.start > 1 ? undefined : last;
}

function skipSign(line: string, typed: Token, part: QueryCursor['part']): number {
  const first = line[typed.span.start];
  if (first === '"' || first === "'") return 1;
  return part === 'order' && first === '-' ? 1 : 0;
}
