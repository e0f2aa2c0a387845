import type { Problem } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { ColumnName, Query } from '../language/ast.ts';
import { suggest } from '../language/suggest.ts';
import { type Complaints, findValue, readCell, report, throwProblems } from './cell.ts';
import { isTrue } from './condition.ts';

/**
 * The rows that `query` asks for, filtered, ordered, cut and with its columns only; a dotted column keeps its
 * dotted name as key. `fromEnd`: without an order `limit` and `offset` count from the last row; the rows stay in order. null equals null alone, and no ordering, list or test is true of it. Throws
 * `query.unknown_column`, `query.type` and `query.text_length`, all that were found at once.
 */
export function runQuery(
  query: Query,
  rows: readonly JsonObject[],
  columns: readonly string[],
  fromEnd = false,
): readonly JsonObject[] {
  const complaints: Complaints = new Map();
  for (const column of listColumns(query)) checkColumn(complaints, column, rows, columns);
  throwProblems(complaints);
  const { where, orderBy } = query;
  const kept = where === undefined ? [...rows] : rows.filter((row) => isTrue(complaints, where, row));
  for (const column of orderBy) for (const row of kept) readCell(complaints, column, row);
  throwProblems(complaints);
  for (const order of [...orderBy].reverse()) kept.sort((a, b) => compareRows(complaints, order, a, b));
  const page = takePage(kept, query, fromEnd && orderBy.length === 0);
  if (query.columns.length === 0) return page;
  return page.map((row) =>
    Object.fromEntries(query.columns.map(({ name }) => [name, findValue(row, name) ?? null])),
  );
}

/** What is wrong with the columns of a query by their names alone, whatever the rows are. */
export function findUnknownColumns(query: Query, columns: readonly string[]): readonly Problem[] {
  const complaints: Complaints = new Map();
  for (const column of listColumns(query)) checkColumn(complaints, column, undefined, columns);
  return [...complaints.values()];
}

/**
 * Says after each row whether it was the last that the query needs, so that nothing more has to be read: where it has a
 * limit and no order. A dotted column may be in any row.
 */
export function countRows(query: Query): (row: JsonObject) => boolean {
  const { where, orderBy, limit, offset = 0 } = query;
  const needsAll = orderBy.length > 0 || listColumns(query).some(({ name }) => name.includes('.'));
  if (limit === undefined || needsAll) return () => false;
  let missing = offset + limit;
  return (row) => {
    if (where === undefined || isTrue(new Map(), where, row)) missing--;
    return missing <= 0;
  };
}

function takePage(
  rows: readonly JsonObject[],
  { offset = 0, limit = rows.length }: Query,
  fromEnd: boolean,
): readonly JsonObject[] {
  if (!fromEnd) return rows.slice(offset, offset + limit);
  const end = Math.max(0, rows.length - offset);
  return rows.slice(Math.max(0, end - limit), end);
}

function listColumns(query: Query): readonly ColumnName[] {
  const found: ColumnName[] = [...query.columns, ...query.orderBy];
  const pending = query.where === undefined ? [] : [query.where];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if ('operands' in part) for (const operand of part.operands) pending.push(operand);
    else if ('operand' in part) pending.push(part.operand);
    else found.push(part.column);
  }
  return found;
}

function checkColumn(
  complaints: Complaints,
  column: ColumnName,
  rows: readonly JsonObject[] | undefined,
  columns: readonly string[],
): void {
  const [first = '', ...rest] = column.name.split('.');
  if (!columns.includes(first)) {
    const meant = suggest(first, columns);
    const hint =
      meant === undefined ? `the columns are ${columns.join(', ')}` : `type ${[meant, ...rest].join('.')}`;
    reportColumn(complaints, column, hint);
  } else if (rows && rest.length > 0) checkPath(complaints, column, rows);
}

/** Whether any row has something at the dotted name. Where none has anything to look into, it stands unjudged. */
function checkPath(complaints: Complaints, column: ColumnName, rows: readonly JsonObject[]): void {
  if (rows.some((row) => findValue(row, column.name) !== undefined)) return;
  const parentName = column.name.slice(0, column.name.lastIndexOf('.'));
  const parents = rows.map((row) => findValue(row, parentName) ?? null).filter((parent) => parent !== null);
  const keys = parents.flatMap((parent) => (typeof parent === 'object' ? Object.keys(parent) : []));
  const isEmptyListsOnly = parents.every((parent) => Array.isArray(parent) && parent.length === 0);
  if (isEmptyListsOnly) return;
  const meant = suggest(column.name.slice(parentName.length + 1), [...new Set(keys)]);
  reportColumn(
    complaints,
    column,
    meant === undefined ? `type ${parentName}` : `type ${parentName}.${meant}`,
  );
}

function reportColumn(complaints: Complaints, column: ColumnName, hint: string): void {
  const message = `there is no column ${column.name}`;
  report(complaints, { code: 'query.unknown_column', message, span: column.span, hint });
}

function compareRows(
  complaints: Complaints,
  order: ColumnName & { readonly descending: boolean },
  a: JsonObject,
  b: JsonObject,
): number {
  const left = readCell(complaints, order, a) ?? null;
  const right = readCell(complaints, order, b) ?? null;
  // null is not small or large, it is missing: last in both directions.
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const isMixed = typeof left !== typeof right;
  const sign = isMixed ? compare(typeof left, typeof right) : compare(left, right);
  return order.descending ? -sign : sign;
}

function compare(a: string | number | boolean, b: string | number | boolean): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
