import type { Problem } from '../errors.ts';
import type { Arguments, NamedArgument, Value } from '../language/ast.ts';
import type { Span } from '../language/span.ts';
import { suggest } from '../language/suggest.ts';
import type { Json } from '../output/view.ts';
import { describeKind, type Kind, readValue } from './kinds.ts';
import type { CommandSpec, ParamSpec } from './spec.ts';

/** A command's input, with where each value came from. `input` holds what could be read, even beside problems. */
export type Binding = {
  readonly input: Readonly<Record<string, Json>>;
  /** Where each parameter's value stands in the line: for errors that come later, and for redaction. */
  readonly spans: ReadonlyMap<string, Span>;
  /** Required parameters that were not given. */
  readonly missing: readonly string[];
  readonly problems: readonly Problem[];
};

/** Binds what was typed to the parameters of `spec`; every problem is reported, not only the first. */
export function bindArguments(text: string, spec: CommandSpec, args: Arguments): Binding {
  const input: Record<string, Json> = {};
  const spans = new Map<string, Span>();
  const problems: Problem[] = [];
  const given = new Set<string>();

  for (const argument of args.named) bindNamed(text, spec, argument, { input, spans, problems, given });
  bindPositionals(text, spec, args.positionals, { input, spans, problems, given });

  const missing = Object.keys(spec.params).filter((name) => spec.params[name]?.required && !given.has(name));
  for (const [name, param] of Object.entries(spec.params)) {
    if (param.default !== undefined && !given.has(name)) input[name] = param.default;
  }
  return { input, spans, missing, problems };
}

/** The problem of parameters that must be given. */
export function explainMissing(text: string, spec: CommandSpec, missing: readonly string[]): Problem {
  const names = missing.join(', ');
  const end = text.trimEnd().length;
  const line = `${text.trimEnd()} ${missing.map((name) => `${name}=${placeholder(spec.params[name])}`).join(' ')}`;
  return {
    code: 'bind.missing_parameter',
    message: `${spec.path.join(' ')} needs ${names}`,
    span: { start: end, end: end + 1 },
    hint: line.trim(),
  };
}

type Sink = {
  readonly input: Record<string, Json>;
  readonly spans: Map<string, Span>;
  readonly problems: Problem[];
  readonly given: Set<string>;
};

function bindNamed(text: string, spec: CommandSpec, argument: NamedArgument, sink: Sink): void {
  const [name = '', ...fields] = argument.key.split('.');
  const param = Object.hasOwn(spec.params, name) ? spec.params[name] : undefined;
  if (!param) {
    sink.problems.push(explainUnknownKey(text, spec, argument));
    return;
  }
  let kind: Kind = param.kind;
  for (const field of fields) {
    const inner =
      kind.kind === 'object' && Object.hasOwn(kind.fields, field) ? kind.fields[field] : undefined;
    if (!inner) {
      sink.problems.push(explainUnknownField(text, argument, name, kind));
      return;
    }
    kind = inner;
  }
  const clash = [...sink.given].find(
    (key) => key === argument.key || key.startsWith(`${argument.key}.`) || argument.key.startsWith(`${key}.`),
  );
  if (clash !== undefined) {
    sink.problems.push({
      code: 'bind.duplicate_key',
      message:
        clash === argument.key
          ? `${clash} is given twice`
          : `${argument.key} and ${clash} set the same thing`,
      span: argument.keySpan,
      hint: cut(text, argument.span),
    });
    return;
  }
  // A key that was given is not missing, whatever its value is worth.
  sink.given.add(argument.key).add(name === argument.key ? name : argument.key);
  readInto(text, param, kind, argument.key, argument.value, argument.keySpan, sink);
}

function bindPositionals(text: string, spec: CommandSpec, values: readonly Value[], sink: Sink): void {
  const open = Object.entries(spec.params).filter(
    ([name, param]) => param.positional && !sink.given.has(name),
  );
  let next = 0;
  let skip = false;
  for (const [index, value] of values.entries()) {
    // "enabled false" is one mistake, not two.
    if (skip) {
      skip = false;
      continue;
    }
    const entry = open[Math.min(next, open.length - 1)];
    const [name, param] = entry ?? [];
    if (!name || !param || (next >= open.length && !param.rest)) {
      skip = values.length > index + 1 && Object.hasOwn(spec.params, sourceOf(text, value));
      sink.problems.push(skip ? explainSpaced(text, value) : explainExtra(text, spec, value, sink.given));
      continue;
    }
    if (param.rest && sink.given.has(name)) {
      sink.input[name] = `${String(sink.input[name])} ${text.slice(value.span.start, value.span.end)}`;
      continue;
    }
    next += 1;
    sink.given.add(name);
    readInto(text, param, param.kind, name, value, value.span, sink);
  }
}

function readInto(
  text: string,
  param: ParamSpec,
  kind: Kind,
  key: string,
  value: Value | undefined,
  keySpan: Span,
  sink: Sink,
): void {
  if (!value) {
    sink.problems.push({
      code: 'bind.missing_value',
      message: `${key} has no value: it expects ${describeKind(kind)}`,
      span: { start: keySpan.end, end: keySpan.end + 1 },
      hint: `${text.slice(0, keySpan.end)}=${placeholder({ ...param, kind })}${text.slice(keySpan.end + 1)}`.trim(),
    });
    return;
  }
  sink.spans.set(key, value.span);
  const source = text.slice(value.span.start, value.span.end);
  const read = readValue(kind, value, source);
  if ('value' in read) {
    place(sink.input, key.split('.'), read.value);
    return;
  }
  const got = param.secret
    ? ''
    : `, not ${JSON.stringify(value.kind === 'quoted' || value.kind === 'bare' ? value.text : source)}`;
  sink.problems.push({
    code: 'bind.wrong_value',
    message: `${key} expects ${read.expected}${got}`,
    span: value.span,
    ...(param.secret
      ? {}
      : { hint: hintValue(text, value.span, read.instead ?? placeholder({ ...param, kind })) }),
  });
}

function place(input: Record<string, Json>, [first = '', ...rest]: readonly string[], value: Json): void {
  if (rest.length === 0) {
    input[first] = value;
    return;
  }
  const inner = { ...(input[first] as Record<string, Json> | undefined) };
  place(inner, rest, value);
  input[first] = inner;
}

function explainUnknownKey(text: string, spec: CommandSpec, { key, keySpan, span }: NamedArgument): Problem {
  const names = Object.keys(spec.params);
  const close = suggest(key.split('.')[0] ?? key, names);
  const hint = close
    ? `${text.slice(0, keySpan.start)}${close}${text.slice(keySpan.end)}`.trim()
    : names.length === 0
      ? cut(text, span)
      : `${spec.path.join(' ')} ?`;
  return {
    code: 'bind.unknown_key',
    message: `${spec.path.join(' ')} has no parameter "${key}"`,
    span: keySpan,
    hint,
  };
}

function explainUnknownField(
  text: string,
  { key, keySpan }: NamedArgument,
  name: string,
  kind: Kind,
): Problem {
  const fields = kind.kind === 'object' ? Object.keys(kind.fields) : [];
  const typed = key.split('.').at(-1) ?? '';
  const instead = suggest(typed, fields) ?? fields[0];
  const right = instead === undefined ? name : `${name}.${instead}`;
  return {
    code: 'bind.unknown_key',
    message:
      fields.length === 0
        ? `${name} has nothing inside it: ${key} cannot be set`
        : `${name} holds ${fields.join(', ')}, not "${typed}"`,
    span: keySpan,
    hint: `${text.slice(0, keySpan.start)}${right}${text.slice(keySpan.end)}`.trim(),
  };
}

function explainExtra(text: string, spec: CommandSpec, value: Value, given: ReadonlySet<string>): Problem {
  const source = text.slice(value.span.start, value.span.end);
  const free = Object.entries(spec.params).filter(
    ([name, param]) => !given.has(name) && !param.secret && param.kind.kind !== 'boolean',
  );
  const only = free.length === 1 ? free[0]?.[0] : undefined;
  return {
    code: 'bind.unexpected_word',
    message: `${spec.path.join(' ')} takes no further word: "${source}" is neither a key=value nor expected here`,
    span: value.span,
    hint: only
      ? `${text.slice(0, value.span.start)}${only}=${text.slice(value.span.start)}`.trim()
      : cut(text, value.span),
  };
}

/** `key value` where `key=value` was meant. */
function explainSpaced(text: string, key: Value): Problem {
  const name = sourceOf(text, key);
  return {
    code: 'bind.unexpected_word',
    message: `"${name}" and its value stand apart: a parameter is written ${name}=VALUE`,
    span: key.span,
    hint: `${text.slice(0, key.span.end)}=${text.slice(key.span.end).trimStart()}`.trim(),
  };
}

function sourceOf(text: string, value: Value): string {
  return text.slice(value.span.start, value.span.end);
}

function hintValue(text: string, span: Span, value: string): string {
  return `${text.slice(0, span.start)}${value}${text.slice(span.end)}`.trim();
}

function cut(text: string, span: Span): string {
  return `${text.slice(0, span.start).trimEnd()}${text.slice(span.end)}`.trim();
}

/** A value that could stand there, for hints. */
function placeholder(param: ParamSpec | undefined): string {
  if (!param) return 'VALUE';
  const kind = param.kind;
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
      return param.stdin ? '-' : String(param.default ?? kind.example);
    case 'object': {
      const [field, inner] = Object.entries(kind.fields)[0] ?? [];
      return field && inner ? JSON.stringify({ [field]: inner.kind === 'boolean' ? true : 'VALUE' }) : '{}';
    }
    default:
      return kind satisfies never;
  }
}
