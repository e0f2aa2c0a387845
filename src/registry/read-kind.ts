import type { Value } from '../language/ast.ts';
import { readBoolean, readDurationSeconds, readInteger, readNull, splitList } from '../language/literal.ts';
import { nearestBoolean, nearestDuration, nearestInteger } from '../language/nearest.ts';
import { suggest } from '../language/suggest.ts';
import type { Json } from '../output/view.ts';
import { describeKind, type Kind } from './kinds.ts';

export type KindReading =
  | { readonly value: Json }
  /** `expected` completes "expects …", `because` completes "it …"; `instead` is a value that would have been taken. */
  | { readonly expected: string; readonly because?: string; readonly instead?: string };

/** Reads a typed value as `kind`. `source` is the text of the value as it is in the line. */
export function readValue(kind: Kind, value: Value, source: string): KindReading {
  if (kind.kind === 'object') {
    if (value.kind !== 'json') return { expected: describeKind(kind) };
    return readJson(kind, value.value);
  }
  if (kind.kind === 'list') {
    if (value.kind === 'json') return readJson(kind, value.value);
    if (value.kind !== 'list') return readText(kind, value.text);
    const items = value.items.map((item) => ('text' in item ? item.text : ''));
    return readItems(kind, items);
  }
  if (value.kind === 'json') {
    if (value.value === null || typeof value.value !== 'object') return readJson(kind, value.value);
    return kind.kind === 'text' ? readText(kind, source) : { expected: describeKind(kind) };
  }
  return readText(kind, value.kind === 'list' ? source : value.text);
}

/** Reads a text as `kind`; where it is nearly a value of it, `instead` is that value, and only where there is no doubt. */
export function readText(kind: Exclude<Kind, { kind: 'object' }>, typed: string): KindReading {
  const expected = describeKind(kind);
  const offer = (instead: string | undefined) => ({
    expected,
    ...(instead === undefined ? {} : { instead }),
  });
  switch (kind.kind) {
    case 'boolean': {
      if (kind.null !== undefined && readNull(typed)) return { value: null };
      const read = readBoolean(typed);
      return read === undefined ? offer(nearestBoolean(typed)?.toString()) : { value: read };
    }
    case 'integer': {
      const read = readInteger(typed);
      const isIn = (number: number | undefined) =>
        number !== undefined && number >= kind.min && number <= kind.max;
      if (read !== undefined && isIn(read)) return { value: read };
      const near = nearestInteger(typed);
      return offer(isIn(near) ? String(near) : undefined);
    }
    case 'duration': {
      const isIn = (seconds: number | undefined) =>
        seconds !== undefined &&
        ((seconds >= kind.minSeconds && seconds <= kind.maxSeconds) ||
          (seconds === 0 && kind.zero !== undefined));
      const read = readDurationSeconds(typed);
      if (read !== undefined && isIn(read)) return { value: read };
      const near = nearestDuration(typed);
      return offer(near !== undefined && isIn(readDurationSeconds(near)) ? near : undefined);
    }
    case 'choice':
      if (kind.options.includes(typed)) return { value: typed };
      return offer(suggest(typed.replace(/[^\p{L}\p{N}_-]/gu, ''), kind.options));
    case 'list':
      return readNull(typed) || typed.trim() === '[]' ? { value: [] } : readItems(kind, splitList(typed));
    case 'text': {
      if (kind.maxLength !== undefined && [...typed].length > kind.maxLength) return { expected };
      const because = kind.check?.(typed);
      return because === undefined ? { value: typed } : { expected: kind.what, because };
    }
    default:
      return kind satisfies never;
  }
}

/** A list of what is there between its commas, each once. */
function readItems(kind: Extract<Kind, { kind: 'list' }>, items: readonly string[]): KindReading {
  for (const item of items) {
    const because =
      item === ''
        ? 'has an empty item'
        : item.includes(',')
          ? 'has an item with a comma'
          : kind.check?.(item);
    if (because !== undefined) return { expected: describeKind(kind), because };
  }
  return { value: [...new Set(items)] };
}

/** Reads a JSON value as `kind`: fields of objects, and values given by a program. */
export function readJson(kind: Kind, json: Json): KindReading {
  if (kind.kind === 'list') {
    const isList = Array.isArray(json) && json.every((item) => typeof item === 'string');
    if (isList || json === null) return readItems(kind, (json ?? []) as readonly string[]);
    return typeof json === 'string' || typeof json === 'number'
      ? readText(kind, String(json))
      : { expected: describeKind(kind) };
  }
  if (kind.kind !== 'object') {
    if (kind.kind === 'boolean' && (typeof json === 'boolean' || (json === null && kind.null !== undefined)))
      return { value: json };
    const isPlain = typeof json === 'number' || typeof json === 'string' || typeof json === 'boolean';
    return isPlain ? readText(kind, String(json)) : { expected: describeKind(kind) };
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    return { expected: describeKind(kind) };
  const read: Record<string, Json> = {};
  for (const [name, field] of Object.entries(json)) {
    const fieldKind = Object.hasOwn(kind.fields, name) ? kind.fields[name] : undefined;
    if (!fieldKind) return { expected: `${describeKind(kind)}; it has no ${JSON.stringify(name)}` };
    const inner = readJson(fieldKind, field);
    if (!('value' in inner)) return { expected: `${describeKind(kind)}, where ${name} is ${inner.expected}` };
    read[name] = inner.value;
  }
  return { value: read };
}
