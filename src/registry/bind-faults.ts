import type { Problem } from '../errors.ts';
import type { NamedArgument, Value } from '../language/ast.ts';
import { quoteWord } from '../language/quote.ts';
import type { Edit } from '../language/repair.ts';
import type { Span } from '../language/span.ts';
import { suggest } from '../language/suggest.ts';
import { describeKind, type Kind, type KindReading } from './kinds.ts';
import type { CommandSpec, ParamSpec } from './spec.ts';

/** A problem, and the edit of the line that takes it away; undefined: only the person knows. */
export type Fault = readonly [problem: Problem, edit: Edit | undefined];

/** `free`: the keys that the line does not have yet. */
export function explainUnknownKey(
  text: string,
  spec: CommandSpec,
  { key, keySpan, span }: NamedArgument,
  free: readonly string[],
): Fault {
  const [first = key, ...fields] = key.split('.');
  const close = suggest(first, free);
  const hint = Object.keys(spec.params).length === 0 ? spec.path.join(' ') : `${spec.path.join(' ')} ?`;
  const problem: Problem = {
    code: 'bind.unknown_key',
    message: `${spec.path.join(' ')} has no parameter "${key}"`,
    span: keySpan,
    hint,
  };
  if (close !== undefined) return [problem, { span: keySpan, text: [close, ...fields].join('.') }];
  // Where nothing is meant for sure, the parameters are shown rather than the word dropped.
  return [problem, Object.keys(spec.params).length === 0 ? removeWord(text, span) : undefined];
}

export function explainUnknownField({ key, keySpan }: NamedArgument, name: string, kind: Kind): Fault {
  const fields = kind.kind === 'object' ? Object.keys(kind.fields) : [];
  const typed = key.split('.').at(-1) ?? '';
  const instead = suggest(typed, fields) ?? (fields.length === 1 ? fields[0] : undefined);
  const problem: Problem = {
    code: 'bind.unknown_key',
    message:
      fields.length === 0
        ? `${name} has nothing inside it, so ${key} cannot be set`
        : `${name} holds ${fields.join(', ')}, not "${typed}"`,
    span: keySpan,
    hint: fields.length === 0 ? `${name}=` : `${name}.${fields[0]}=`,
  };
  if (fields.length === 0) return [problem, { span: keySpan, text: name }];
  return [problem, instead === undefined ? undefined : { span: keySpan, text: `${name}.${instead}` }];
}

export function explainClash(text: string, { key, keySpan, span }: NamedArgument, clash: string): Fault {
  const message = clash === key ? `${clash} is given twice` : `${key} and ${clash} set the same thing`;
  return [
    { code: 'bind.duplicate_key', message, span: keySpan, hint: 'give it once' },
    removeWord(text, span),
  ];
}

export function explainMissingValue(key: string, keySpan: Span, param: ParamSpec): Fault {
  const value = placeholder(param);
  return [
    {
      code: 'bind.missing_value',
      message: `${key} has no value: it expects ${describeKind(param.kind)}`,
      span: { start: keySpan.end, end: keySpan.end + 1 },
      hint: `${key}=${value}`,
    },
    { span: { start: keySpan.end, end: keySpan.end + 1 }, text: `=${value}` },
  ];
}

export function explainWrongValue(
  key: string,
  value: Value,
  source: string,
  param: ParamSpec,
  read: Exclude<KindReading, { readonly value: unknown }>,
): Fault {
  const typed = value.kind === 'quoted' || value.kind === 'bare' ? value.text : source;
  const got = param.secret ? '' : `, not ${shorten(JSON.stringify(typed))}`;
  const instead = read.instead ?? placeholder(param);
  return [
    {
      code: 'bind.wrong_value',
      message: `${key} expects ${read.expected}${got}${read.because === undefined ? '' : `: it ${read.because}`}`,
      span: value.span,
      hint: `${key}=${instead}`,
    },
    { span: value.span, text: instead },
  ];
}

/** `key value` where `key=value` was meant. */
export function explainSpaced(text: string, key: Value, value: Value): Fault {
  const name = text.slice(key.span.start, key.span.end);
  return [
    {
      code: 'bind.unexpected_word',
      message: `"${name}" and its value stand apart: a parameter is written ${name}=VALUE`,
      span: key.span,
      hint: `${name}=${text.slice(value.span.start, value.span.end)}`,
    },
    { span: { start: key.span.end, end: value.span.start }, text: '=' },
  ];
}

export function explainExtra(text: string, spec: CommandSpec, value: Value, given: readonly string[]): Fault {
  const source = text.slice(value.span.start, value.span.end);
  const free = Object.entries(spec.params).filter(([name, param]) => !given.includes(name) && param.required);
  const only = free.length === 1 ? free[0]?.[0] : undefined;
  return [
    {
      code: 'bind.unexpected_word',
      message: `${spec.path.join(' ')} takes no further word: "${shorten(source)}" is neither a key=value nor expected here`,
      span: value.span,
      hint: `${spec.path.join(' ')} ?`,
    },
    only === undefined
      ? removeWord(text, value.span)
      : { span: { start: value.span.start, end: value.span.start }, text: `${only}=` },
  ];
}

/** A value that could stand there, for hints. */
export function placeholder(param: ParamSpec | undefined): string {
  if (!param) return 'VALUE';
  const { kind } = param;
  switch (kind.kind) {
    case 'boolean':
      return 'true';
    case 'integer':
      return String(param.default ?? kind.min);
    case 'duration':
      return '30m';
    case 'choice':
      return kind.options[0] ?? 'VALUE';
    case 'text':
      return param.stdin ? '-' : quoteWord(String(param.default ?? kind.example));
    case 'object': {
      const [field = '', inner] = Object.entries(kind.fields)[0] ?? [];
      return JSON.stringify({ [field]: inner?.kind === 'boolean' ? true : 'VALUE' });
    }
    default:
      return kind satisfies never;
  }
}

/** Takes a word out of the line, with the blanks before it. */
function removeWord(text: string, span: Span): Edit {
  const before = text.slice(0, span.start);
  return { span: { start: before.trimEnd().length, end: span.end }, text: '' };
}

function shorten(typed: string): string {
  return typed.length > 60 ? `${typed.slice(0, 57)}...` : typed;
}
