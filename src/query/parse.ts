import type { Problem } from '../errors.ts';
import type { ColumnName, Expression, Query, Redirect } from '../language/ast.ts';
import { addFault, finishProblems } from '../language/repair.ts';
import { openSource, type Source } from '../language/source.ts';
import type { Span } from '../language/span.ts';
import {
  type Clauses,
  isClauseName,
  readClause,
  readLooseClause,
  reportDouble,
  skipPart,
  startsLooseClause,
} from './clauses.ts';
import { readExpression } from './expression.ts';
import { openTokens, peek, readColumn, report, type TokenReader, takeSign } from './reader.ts';
import { readTokens } from './tokens.ts';

type Draft = Clauses & {
  columns: ColumnName[];
  where: Expression | undefined;
  hasWhere: boolean;
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
  else if (following?.text === '==' && following.kind === 'sign' && isClauseName(token.text))
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
