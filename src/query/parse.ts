import type { Problem } from '../errors.ts';
import type { ColumnName, Expression, Literal, Query, Redirect } from '../language/ast.ts';
import { readInteger } from '../language/literal.ts';
import { addFault, finishProblems } from '../language/repair.ts';
import { openSource, type Source } from '../language/source.ts';
import { joinSpans, type Span } from '../language/span.ts';
import { suggest } from '../language/suggest.ts';
import { isClauseStart, looseClauseName, readExpression, startsLooseClause } from './expression.ts';
import {
  openTokens,
  peek,
  readColumn,
  readLiteral,
  report,
  type TokenReader,
  takeSign,
  takeWord,
} from './reader.ts';
import { readTokens } from './tokens.ts';

const clauseNames = ['order_by', 'limit', 'offset'] as const;

type Draft = {
  columns: ColumnName[];
  where: Expression | undefined;
  hasWhere: boolean;
  orderBy: (ColumnName & { readonly descending: boolean })[];
  limit: number | undefined;
  offset: number | undefined;
  readonly seen: Set<string>;
};

/**
 * Reads `[columns] [where EXPR] [order_by=…] [limit=N] [offset=N] [> path/with/slash]` from offset `from`.
 * Reports every problem it can tell apart. With `help` set the line is not finished, and its problems do not count.
 */
export function parseQuery(
  text: string,
  from: number,
): { query: Query; redirect: Redirect | undefined; help: Span | undefined; problems: readonly Problem[] } {
  const { faults, ...rest } = scanQuery(text, from);
  const problems = finishProblems(text, faults, (line) => scanQuery(line, from).faults.problems.length === 0);
  return { ...rest, problems };
}

function scanQuery(
  text: string,
  from: number,
): { query: Query; redirect: Redirect | undefined; help: Span | undefined; faults: Source['faults'] } {
  const source = openSource(text);
  const { tokens, redirect, help } = readTokens(source, from);
  const reader = openTokens(source, tokens);
  const draft: Draft = {
    columns: [],
    where: undefined,
    hasWhere: false,
    orderBy: [],
    limit: undefined,
    offset: undefined,
    seen: new Set(),
  };
  while (peek(reader) !== undefined) readPart(reader, draft);
  const { hasWhere: _, seen: __, ...query } = draft;
  return { query, redirect, help, faults: source.faults };
}

function readPart(reader: TokenReader, draft: Draft): void {
  const token = peek(reader);
  if (token === undefined) return;
  const following = peek(reader, 1);
  if (following?.text === '=' && following.kind === 'sign' && token.kind === 'word')
    readClause(reader, draft);
  else if (
    following?.text === '==' &&
    following.kind === 'sign' &&
    clauseNames.some((name) => name === token.text)
  )
    reportDouble(reader, following.span);
  else if (token.kind === 'word' && token.text.toLowerCase() === 'where') readWhere(reader, draft);
  else if (takeSign(reader, ',') !== undefined) return;
  else if (!draft.hasWhere && token.text === '*' && token.kind !== 'sign') reader.at++;
  else if (startsLooseClause(reader)) readLooseClause(reader, draft);
  else if (token.text === '>' && token.kind === 'sign') reportRedirect(reader);
  else if (draft.hasWhere) {
    const message =
      token.kind === 'sign'
        ? `${token.text} is not expected here`
        : 'two conditions are joined by and, or by or';
    report(reader, 'parse.query', message, token.span, 'put and, or put or, between the conditions');
    reader.at++;
    skipPart(reader);
  } else if (following?.kind === 'sign' && /^[=!<>]=$/.test(following.text) && token.kind === 'word') {
    const message = 'a condition begins with where';
    const edit = { span: { start: token.span.start, end: token.span.start }, text: 'where ' };
    const hint = 'type where in front of it';
    addFault(reader.source.faults, { code: 'parse.query', message, span: token.span, hint }, edit);
    draft.hasWhere = true;
    if (readExpression(reader) === undefined) skipPart(reader);
  } else {
    const column = readColumn(reader);
    if (column !== undefined) draft.columns.push(column);
    else reader.at++;
  }
}

function readWhere(reader: TokenReader, draft: Draft): void {
  const token = peek(reader);
  reader.at++;
  if (draft.hasWhere && token !== undefined) {
    report(
      reader,
      'parse.query',
      'a query has one where',
      token.span,
      'put and, or put or, between the conditions',
    );
  }
  draft.hasWhere = true;
  const expression = readExpression(reader);
  if (expression === undefined) skipPart(reader);
  draft.where ??= expression;
}

/** `limit 10`, `order_by name` and `ORDER BY name DESC`, as SQL and the older generation have it. */
function readLooseClause(reader: TokenReader, draft: Draft): void {
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
function reportDouble(reader: TokenReader, span: Span): void {
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

function readClause(reader: TokenReader, draft: Draft): void {
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

function reportClause(reader: TokenReader, name: string, span: Span): void {
  const meant = suggest(name, clauseNames);
  const shown = name.length > 40 ? `${name.slice(0, 40)}...` : name;
  const message = `${shown}= is not part of a query; order_by=, limit= and offset= are`;
  const edit = meant === undefined ? undefined : { span, text: meant };
  const hint = `to compare, type where ${shown} == value`;
  addFault(reader.source.faults, { code: 'parse.unknown_key', message, span, hint }, edit);
  skipPart(reader);
}

function readOrder(reader: TokenReader, span: Span): Draft['orderBy'] {
  const order: Draft['orderBy'] = [];
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

function reportRedirect(reader: TokenReader): void {
  const sign = peek(reader);
  const path = peek(reader, 1);
  if (sign === undefined) return;
  const isFile = path !== undefined && path.kind !== 'sign' && peek(reader, 2) === undefined;
  const start = (path ?? sign).span.start + (path?.kind === 'quoted' ? 1 : 0);
  const edit = isFile ? { span: { start, end: start }, text: './' } : undefined;
  const message = 'in a query > compares, and writes to a file only where a path with a / ends the line';
  addFault(
    reader.source.faults,
    { code: 'parse.redirect', message, span: sign.span, hint: 'type > ./file' },
    edit,
  );
  reader.at += isFile ? 2 : 1;
  if (!isFile) skipPart(reader);
}

/** Leaves out what belongs to a part that could not be read, up to the next one that can. */
function skipPart(reader: TokenReader): void {
  while (peek(reader) !== undefined && !isClauseStart(reader)) reader.at++;
}
