import type { Json } from '../output/view.ts';
import { describeKind, type Kind, nameKind, showDuration } from './kinds.ts';
import type { CommandSpec, ParamSpec, Params } from './spec.ts';

/** One key as it is typed: an object's fields are keys of their own, `services.ssh`. */
export type Key = {
  readonly key: string;
  readonly kind: Kind;
  readonly param: ParamSpec;
  readonly name: string;
};

/** Every key that a command takes, in the order of declaration. */
export function listKeys(params: Params): readonly Key[] {
  return Object.entries(params).flatMap(([name, param]) => expandKey(name, param.kind, param, name));
}

function expandKey(key: string, kind: Kind, param: ParamSpec, name: string): readonly Key[] {
  if (kind.kind !== 'object') return [{ key, kind, param, name }];
  return Object.entries(kind.fields).flatMap(([field, inner]) =>
    expandKey(`${key}.${field}`, inner, param, name),
  );
}

/** `enabled=true|false`: a key with what can be behind it, in as few characters as say it. */
export function showKey({ key, kind, param }: Key): string {
  return param.rest ? `[${valueWord(key)} ...]` : `${key}=${showKind(key, kind)}`;
}

/** All there is to know about a key in one sentence or two: what it is, what it takes, its default. */
export function describeKey({ kind, param }: Key): string {
  const facts = [
    ...(param.required ? ['required'] : []),
    ...describeBounds(kind),
    ...(param.default === undefined ? [] : [`default: ${showValue(kind, param.default)}`]),
    ...(param.stdin && !param.brief.includes('standard input') ? ['- reads it from standard input'] : []),
  ];
  return facts.length === 0 ? param.brief : `${param.brief} (${facts.join('; ')})`;
}

/** The usage line: required parameters as they are, others in brackets. */
export function showUsage(spec: CommandSpec, path: readonly string[] = spec.path): string {
  const words = path.join(' ');
  if (spec.query) {
    return `${words} [COLUMN ...] [where EXPR] [order_by=COLUMN] [limit=N] [offset=N]`;
  }
  const keys = listKeys(spec.params).map((key) => {
    const isOptional = key.param.positional && !key.param.rest;
    const shown = isOptional ? `[${key.key}=]${showKind(key.key, key.kind)}` : showKey(key);
    return key.param.required || key.param.rest ? shown : `[${shown}]`;
  });
  return [words, ...keys].join(' ');
}

/** A value as it would be typed. */
export function showValue(kind: Kind, value: Json): string {
  if (kind.kind === 'duration' && typeof value === 'number') return showDuration(value);
  if (kind.kind === 'list' && Array.isArray(value) && value.length > 0) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `true|false`, `0..10`, `USERNAME`. */
function showKind(key: string, kind: Kind): string {
  return kind.kind === 'text' ? valueWord(key) : nameKind(kind);
}

/** The word that stands for a value: `USERNAME`. */
function valueWord(key: string): string {
  return (key.split('.').at(-1) ?? key).toUpperCase();
}

/** What the short form of a kind leaves out. */
function describeBounds(kind: Kind): readonly string[] {
  switch (kind.kind) {
    case 'boolean':
    case 'choice':
      return [];
    case 'integer':
      return kind.unit ? [kind.unit] : [];
    case 'duration':
      return [
        `${showDuration(kind.minSeconds)} to ${showDuration(kind.maxSeconds)}`,
        ...(kind.zero === undefined ? [] : [`0: ${kind.zero}`]),
      ];
    case 'list':
    case 'text':
    case 'object':
      return [describeKind(kind)];
    default:
      return kind satisfies never;
  }
}
