import { stringify } from 'csv-stringify/sync';
import { escapeForTerminal } from './escape.ts';
import { describeValue, flattenFields, isList, isObject } from './readable.ts';
import type { Json, JsonObject, View } from './view.ts';

/**
 * CSV (RFC 4180, but with LF) with a line of headers, without the last newline: the rows, the changes, or the one
 * record of the view. CSV has no escapes, so control characters are written visibly, and text that a spreadsheet
 * would run as a formula gets a `'` in front; `-o json` is the mode that gives values exactly.
 */
export function renderCsv(view: View, asciiOnly: boolean): string {
  const { headers, rows } = listRows(view);
  const cells = rows.map((row) => headers.map((key) => toCell(row.get(key) ?? null, asciiOnly)));
  return stringify([headers.map((key) => toCell(key, asciiOnly)), ...cells], {
    escape_formulas: true,
  }).trimEnd();
}

function listRows(view: View): {
  readonly headers: readonly string[];
  readonly rows: readonly ReadonlyMap<string, Json>[];
} {
  const data = view.shape === 'changes' && isObject(view.data) ? (view.data.changes ?? []) : view.data;
  if (!isList(data) && !isObject(data)) return { headers: ['value'], rows: [new Map([['value', data]])] };
  const objects: readonly JsonObject[] = isList(data)
    ? data.map((item) => (isObject(item) ? item : { value: item }))
    : [data as JsonObject];
  const columns = view.shape === 'changes' ? ['key', 'from', 'to'] : view.columns;
  if (columns) return { headers: columns, rows: objects.map((object) => new Map(Object.entries(object))) };
  const rows = objects.map((object) => new Map(flattenFields(object)));
  return { headers: [...new Set(rows.flatMap((row) => [...row.keys()]))], rows };
}

function toCell(value: Json, asciiOnly: boolean): string | number {
  if (typeof value === 'number') return value;
  if (value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return '';
  return escapeForTerminal(typeof value === 'string' ? value : describeValue(value), {
    keepNewlines: true,
    asciiOnly,
  });
}
