import type { Json, JsonObject } from './view.ts';

/** A value as short text for a cell or a line: never `<dict>`, never empty. Not yet escaped. */
export function describeValue(value: Json, detail: 'short' | 'full' = 'short'): string {
  if (value === null || value === '') return '-';
  if (typeof value !== 'object') return String(value);
  if (isList(value)) {
    if (value.length === 0) return '-';
    const separator = value.some((item) => isObject(item) && labelOf(item) === undefined) ? '; ' : ', ';
    return value.map((item) => describeItem(item, detail)).join(separator);
  }
  const fields = Object.entries(value);
  if (fields.length === 0) return '-';
  return fields.map(([key, inner]) => `${key}: ${describeInner(inner, detail)}`).join(', ');
}

/** One item of a list: objects by their name with what is to say of them: `default (confirmed)`. */
export function describeItem(item: Json, detail: 'short' | 'full'): string {
  const label = isObject(item) ? labelOf(item) : undefined;
  if (!isObject(item)) return describeInner(item, detail);
  if (label === undefined) return describeValue(item, detail);
  const rest = Object.entries(item).filter(([key]) => key !== label);
  const flags = rest.filter(([, inner]) => typeof inner === 'boolean');
  const told = detail === 'short' && flags.length > 0 ? flags : rest;
  const notes = told.map(([key, inner]) =>
    typeof inner === 'boolean' ? (inner ? key : `not ${key}`) : `${key}: ${describeInner(inner, detail)}`,
  );
  const name = describeValue(item[label] ?? null);
  return notes.length === 0 ? name : `${name} (${notes.join(', ')})`;
}

/** The fields of an object with those of the objects in it as dotted keys, as they are typed: `services.ssh`. */
export function flattenFields(object: JsonObject, prefix = ''): readonly (readonly [string, Json])[] {
  return Object.entries(object).flatMap(([key, value]) =>
    isObject(value) && Object.keys(value).length > 0
      ? flattenFields(value, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value] as const],
  );
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function describeInner(value: Json, detail: 'short' | 'full'): string {
  const text = describeValue(value, detail);
  if (isList(value)) return `[${value.length === 0 ? '' : text}]`;
  return isObject(value) ? `{${text === '-' ? '' : text}}` : text;
}

function labelOf(object: JsonObject): string | undefined {
  return ['name', 'username', 'key'].find((key) => typeof object[key] === 'string');
}
