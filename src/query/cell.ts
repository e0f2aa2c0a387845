import { PosternError, type Problem } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ColumnName } from '../language/ast.ts';

/** A value that can be compared. */
export type Cell = string | number | boolean | null;

/** What was found wrong while a query runs, once for each place in the line. */
export type Complaints = Map<string, Problem>;

/** The cell of a column; undefined after a complaint where it is an object or a list. */
export function readCell(complaints: Complaints, column: ColumnName, row: JsonObject): Cell | undefined {
  const value = findValue(row, column.name) ?? null;
  if (value === null || typeof value !== 'object') return value;
  const isList = Array.isArray(value);
  const inside = isList ? '0' : (Object.keys(value)[0] ?? 'key');
  const message = `${column.name} is ${isList ? 'a list' : 'an object'}, which cannot be compared`;
  report(complaints, {
    code: 'query.type',
    message,
    span: column.span,
    hint: `name a part of it, such as ${column.name}.${inside}`,
  });
  return undefined;
}

/** What is at a dotted name; undefined where nothing does. */
export function findValue(row: JsonObject, name: string): Json | undefined {
  let value: Json | undefined = row;
  for (const key of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as JsonObject)[key];
  }
  return value;
}

/** Notes a problem, unless its place has one already. */
export function report(complaints: Complaints, problem: Problem): void {
  const key = `${problem.code} ${problem.span?.start}`;
  if (!complaints.has(key)) complaints.set(key, problem);
}

/** Throws what was noted, if anything was. */
export function throwProblems(complaints: Complaints): void {
  if (complaints.size > 0) throw new PosternError([...complaints.values()]);
}
