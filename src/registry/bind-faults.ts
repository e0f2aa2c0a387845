import type { Problem } from '../errors.ts';
import type { Arguments, NamedArgument, Value } from '../language/ast.ts';
import type { Edit } from '../language/repair.ts';
import type { Span } from '../language/span.ts';
import { suggest } from '../language/suggest.ts';
import { describeKind, type Kind } from './kinds.ts';
import { isOpposite } from './mend-path.ts';
import type { KindReading } from './read-kind.ts';
import type { CommandSpec, ParamSpec } from './spec.ts';

/** A problem, and the edit of the line that takes it away; undefined: only the person knows. */
export type Fault = readonly [problem: Problem, edit: Edit | undefined];

/** A fault, and the parameter that was meant by it, where that is known. */
export type MeantFault = { readonly fault: Fault; readonly meant: string | undefined };

/** `free`: the keys that the line does not have yet. */
export function explainUnknownKey(
  spec: CommandSpec,
  { key, keySpan }: NamedArgument,
  free: readonly string[],
): MeantFault {
  const [first = key, ...fields] = key.split('.');
  const close = suggest(first, free);
  const problem: Problem = {
    code: 'bind.unknown_key',
    message: `${spec.path.join(' ')} has no parameter "${key}"`,
    span: keySpan,
    hint: `${spec.path.join(' ')} ?`,
  };
  if (close === undefined || isOpposite(first, close))
    return { fault: [problem, undefined], meant: undefined };
  const name = [close, ...fields].join('.');
  return {
    fault: [
      { ...problem, hint: `write ${name}=VALUE` },
      { span: keySpan, text: name },
    ],
    meant: close,
  };
}

export function explainUnknownField({ key, keySpan }: NamedArgument, name: string, kind: Kind): Fault {
  const fields = kind.kind === 'object' ? Object.keys(kind.fields) : [];
  const typed = key.split('.').at(-1) ?? '';
  const instead = suggest(typed, fields);
  const problem: Problem = {
    code: 'bind.unknown_key',
    message:
      fields.length === 0
        ? `${name} is not an object, so ${key} cannot be set`
        : `${name} has ${fields.join(', ')}, not "${typed}"`,
    span: keySpan,
    hint: fields.length === 0 ? `write ${name}=VALUE` : `write ${name}.${fields[0]}=VALUE`,
  };
  if (fields.length === 0) return [problem, typed === '' ? { span: keySpan, text: name } : undefined];
  return [problem, instead === undefined ? undefined : { span: keySpan, text: `${name}.${instead}` }];
}

export function explainClash({ key, keySpan }: NamedArgument, clash: string): Fault {
  const message = clash === key ? `${clash} is given twice` : `${key} and ${clash} set the same thing`;
  return [{ code: 'bind.duplicate_key', message, span: keySpan, hint: `keep one ${clash}=` }, undefined];
}

/** Which value was meant, only the person knows. */
export function explainMissingValue(key: string, keySpan: Span, kind: Kind): Fault {
  return [
    {
      code: 'bind.missing_value',
      message: `${key} has no value: it expects ${describeKind(kind)}`,
      span: { start: keySpan.end, end: keySpan.end + 1 },
      hint: `write ${instructValue(key, kind)}`,
    },
    undefined,
  ];
}

/** Parameters that must be given. The edit names each, with a word in the place of its value where one can stand for it. */
export function explainMissing(
  spec: CommandSpec,
  missing: readonly string[],
  from: number,
  { positionals, named }: Arguments,
): Fault {
  // Before a comment, `--` or `> file`.
  const end = [...positionals, ...named].reduce((last, { span }) => Math.max(last, span.end), from);
  const pairs = missing.map((name) => ({ name, value: placeholder(name, spec.params[name]) }));
  const shown = pairs.map(({ name, value }) => {
    const param = spec.params[name];
    return param && value === undefined ? instructValue(name, param.kind) : `${name}=${value}`;
  });
  return [
    {
      code: 'bind.missing_parameter',
      message: `${spec.path.join(' ')} needs ${missing.join(' and ')}`,
      span: { start: end, end: end + 1 },
      hint: `add ${shown.join(' and ')}`,
    },
    pairs.some(({ value }) => value === undefined)
      ? undefined
      : { span: { start: end, end }, text: pairs.map(({ name, value }) => ` ${name}=${value}`).join('') },
  ];
}

/** What stands for a value that only the person knows: never one that could be meant, such as a real account. */
function placeholder(name: string, param: ParamSpec | undefined): string | undefined {
  if (param?.kind.kind !== 'text') return undefined;
  return param.stdin ? '-' : name === 'username' ? 'NAME' : name.toUpperCase();
}

export function explainOption({ key, keySpan }: NamedArgument, param: ParamSpec | undefined): Fault {
  const isFlag = param?.kind.kind === 'boolean';
  const message = param ? `write ${key}=VALUE, without dashes` : 'options go before the command';
  const hint = param
    ? `write ${instructValue(key, param.kind)}`
    : 'type postern, the options, then the command; or -- alone to be asked for each parameter';
  return [
    { code: 'parse.option', message, span: keySpan, hint },
    isFlag ? { span: keySpan, text: `${key}=true` } : undefined,
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
  return [
    {
      code: 'bind.wrong_value',
      message: `${key} expects ${read.expected}${got}${read.because === undefined ? '' : `: it ${read.because}`}`,
      span: value.span,
      hint: `write ${instructValue(key, param.kind)}`,
    },
    read.instead === undefined || param.secret ? undefined : { span: value.span, text: read.instead },
  ];
}

/** `key value` where `key=value` was meant. */
export function explainSpaced(text: string, key: Value, value: Value): MeantFault {
  const name = text.slice(key.span.start, key.span.end);
  const problem: Problem = {
    code: 'bind.unexpected_word',
    message: `write ${name}=VALUE, without spaces`,
    span: key.span,
    hint: `write ${name}=VALUE`,
  };
  return {
    fault: [problem, { span: { start: key.span.end, end: value.span.start }, text: '=' }],
    meant: name,
  };
}

/** How the value of a key is written, with no value that could be taken for the one that was meant. */
export function instructValue(key: string, kind: Kind): string {
  switch (kind.kind) {
    case 'boolean':
      return `${key}=true or ${key}=false`;
    case 'choice':
      return kind.options.map((option) => `${key}=${option}`).join(' or ');
    case 'integer':
      return `${key}=N, where N is ${kind.min} to ${kind.max}`;
    case 'duration':
      return `${key}= and a time such as 30m, 2h or 1d`;
    case 'list':
      return `${key}=${kind.example}, or ${key}=[] for none`;
    case 'text':
      return `${key}= and ${kind.what}`;
    case 'object':
      return Object.keys(kind.fields)
        .map((field) => `${key}.${field}=VALUE`)
        .join(' or ');
    default:
      return kind satisfies never;
  }
}

/** A typed text for a message, cut where it is long. */
export function shorten(typed: string): string {
  return typed.length > 60 ? `${typed.slice(0, 57)}...` : typed;
}
