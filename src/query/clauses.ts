import type { ColumnName, Literal } from '../language/ast.ts';
import { readInteger } from '../language/literal.ts';
import { addFault } from '../language/repair.ts';
import { joinSpans, type Span } from '../language/span.ts';
import { suggest } from '../language/suggest.ts';
import { peek, readColumn, readLiteral, report, type TokenReader, takeSign, takeWord } from './reader.ts';

const clauseNames = ['order_by', 'limit', 'offset'] as const;

/** What the clauses of a query say; `seen` are those that are in it. */
export type Clauses = {
  orderBy: (ColumnName & { readonly descending: boolean })[];
  limit: number | undefined;
  offset: number | undefined;
  readonly seen: Set<string>;
};

/** Whether a word is the name of a clause. */
export function isClauseName(word: string): boolean {
  return clauseNames.some((name) => name === word);
}

/** Whether `order_by=`, `limit=` or `offset=` comes next, or such a clause in SQL's dress. */
export function isClauseStart(reader: TokenReader): boolean {
  const name = peek(reader);
  const sign = peek(reader, 1);
  const isClause = name?.kind === 'word' && isClauseName(name.text) && sign?.kind === 'sign';
  const isSet = sign?.text === '=' || (sign?.text === '==' && name?.text === 'order_by');
  return (isClause && isSet) || startsLooseClause(reader);
}

/** Whether `limit 10`, `order_by name` or `order by name` comes next. */
export function startsLooseClause(reader: TokenReader): boolean {
  return looseClauseName(reader) !== undefined;
}

/** The clause that such words begin; a column of that name is followed by no value. */
function looseClauseName(reader: TokenReader): 'order_by' | 'limit' | 'offset' | undefined {
  const [name, next, after] = [peek(reader), peek(reader, 1), peek(reader, 2)];
  if (name?.kind !== 'word' || next?.kind !== 'word') return undefined;
  const word = name.text.toLowerCase();
  if (word === 'order_by') return 'order_by';
  if (word === 'order' && next.text.toLowerCase() === 'by' && after?.kind === 'word') return 'order_by';
  return (word === 'limit' || word === 'offset') && /^\d+$/.test(next.text) ? word : undefined;
}

/** Reads `order_by=…`, `limit=N` or `offset=N`; another key is reported. */
export function readClause(reader: TokenReader, draft: Clauses): void {
  const name = peek(reader);
  const equals = peek(reader, 1);
  if (name === undefined || equals === undefined) return;
  reader.at += 2;
  if (draft.seen.has(name.text)) {
    report(reader, 'parse.duplicate', 'the clause is given twice', name.span, 'keep one of them');
  }
  draft.seen.add(name.text);
  if (name.text === 'order_by') draft.orderBy = readOrder(reader, joinSpans(name.span, equals.span));
  else if (name.text === 'limit')
    draft.limit = readCount(reader, name.text, joinSpans(name.span, equals.span));
  else if (name.text === 'offset')
    draft.offset = readCount(reader, name.text, joinSpans(name.span, equals.span));
  else reportClause(reader, name.text, name.span);
}

/** `limit 10`, `order_by name` and `ORDER BY name DESC`, as SQL and the older generation have it. */
export function readLooseClause(reader: TokenReader, draft: Clauses): void {
  const name = looseClauseName(reader);
  const word = peek(reader);
  if (name === undefined || word === undefined) return;
  reader.at += word.text.toLowerCase() === 'order' ? 2 : 1;
  if (draft.seen.has(name))
    report(reader, 'parse.duplicate', 'the clause is given twice', word.span, `keep one ${name}=`);
  draft.seen.add(name);
  if (name === 'order_by') draft.orderBy = readOrder(reader, word.span);
  else draft[name] = readCount(reader, name, word.span);
}

/** order_by==-x compares nothing. */
export function reportDouble(reader: TokenReader, span: Span): void {
  const problem = {
    code: 'parse.double_equals',
    message: 'one = sets a clause',
    span,
    hint: 'type one =',
  } as const;
  addFault(reader.source.faults, problem, { span, text: '=' });
  reader.at += 2;
  skipPart(reader);
}

/** Leaves out what belongs to a part that could not be read, up to the next one that can. */
export function skipPart(reader: TokenReader): void {
  while (peek(reader) !== undefined && !isClauseStart(reader)) reader.at++;
}

function reportClause(reader: TokenReader, name: string, span: Span): void {
  const meant = suggest(name, clauseNames);
  const shown = name.length > 40 ? `${name.slice(0, 40)}...` : name;
  const message = `${shown}= is not part of a query; order_by=, limit= and offset= are`;
  const edit = meant === undefined ? undefined : { span, text: meant };
  const hint = `to compare, type where ${shown} == value`;
  addFault(reader.source.faults, { code: 'parse.unknown_key', message, span, hint }, edit);
  skipPart(reader);
}

function readOrder(reader: TokenReader, span: Span): Clauses['orderBy'] {
  const order: Clauses['orderBy'] = [];
  const closer = takeSign(reader, '[') === undefined ? undefined : ']';
  const first = peek(reader);
  if (first === undefined || first.kind === 'sign' || isClauseStart(reader)) {
    const message = 'order_by= takes columns, with - for the largest first';
    report(reader, 'parse.query', message, span, 'type order_by=-column');
    return order;
  }
  do {
    const descending = peek(reader)?.text.startsWith('-') === true;
    const column = readColumn(reader, descending ? 1 : 0);
    if (column === undefined) {
      skipPart(reader);
      return order;
    }
    const isDescending = takeWord(reader, 'desc') !== undefined;
    if (!isDescending) takeWord(reader, 'asc');
    order.push({ ...column, descending: descending || isDescending });
  } while (takeSign(reader, ',') !== undefined);
  if (closer !== undefined && takeSign(reader, closer) === undefined) {
    report(reader, 'parse.query', `a ${closer} is expected to close the list`, span, 'type order_by=a,-b');
  }
  return order;
}

function readCount(reader: TokenReader, name: string, span: Span): number | undefined {
  const literal: Literal | undefined = isClauseStart(reader) ? undefined : readLiteral(reader);
  const count = literal === undefined ? undefined : readInteger(literal.text);
  if (count !== undefined && count >= 0) return count;
  const message = `${name}= takes a whole number from 0 up`;
  report(reader, 'parse.count', message, literal?.span ?? span, `type ${name}=10`);
  return undefined;
}
