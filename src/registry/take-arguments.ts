import type { Arguments, NamedArgument, Value } from '../language/ast.ts';
import { isKey } from '../language/lex.ts';
import type { CommandSpec } from './spec.ts';

/** Names that the older generation has for parameters of ours. */
const otherNames: Readonly<Record<string, string>> = {
  uid_or_username: 'username',
  user: 'username',
};

/**
 * The arguments as they were meant where the command leaves no doubt: `key: value`, `key:value`, a `key=value` in quotes,
 * a JSON object of several, another name of a parameter, a code that is alone. What is in doubt stays as typed.
 */
export function takeArguments(args: Arguments, spec: CommandSpec, text: string): Arguments {
  const given = new Set(args.named.map(({ key }) => rename(key, spec)));
  const isFree = (key: string) => {
    const name = key.split('.')[0] ?? key;
    return Object.hasOwn(spec.params, name) && !given.has(key) && !given.has(name);
  };
  // Turned round, for the next one is taken from the end in no time, however many there are.
  const open = [...args.positionals].reverse();
  const named: NamedArgument[] = args.named.flatMap((argument) => {
    const { key: typed, value, keySpan } = argument;
    const key = rename(typed, spec);
    if (isOwnName(argument, spec)) return [];
    if (typed === 'options' && !Object.hasOwn(spec.params, typed) && value?.kind === 'json')
      return takeObject(value, keySpan, isFree) ?? [argument];
    return [{ ...argument, key, ...takeNext(argument, spec, open, text) }];
  });
  const positionals: Value[] = [];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const taken = takeValue(value, open, text, isFree);
    for (const { key } of taken ?? []) given.add(key);
    if (taken === undefined) positionals.push(value);
    else named.push(...taken);
  }
  const [code] = positionals;
  const isAlone = positionals.length === 1 && isFree('token') && spec.params.username?.default !== undefined;
  if (code === undefined || !isAlone || !isFree('username') || !isCode(code))
    return { ...args, positionals, named };
  const token = { key: 'token', keySpan: code.span, value: code, span: code.span };
  return { ...args, positionals: [], named: [...named, token] };
}

/** `--enabled false`: the word that follows a key written as an option; it is no positional then. */
function takeNext(
  { key, dashed, value, span }: NamedArgument,
  spec: CommandSpec,
  open: Value[],
  text: string,
): { readonly value?: Value; readonly span?: NamedArgument['span'] } {
  if (!dashed || value || !Object.hasOwn(spec.params, key)) return {};
  let index = open.length - 1;
  while (index > 0 && (open[index] as Value).span.start <= span.end) index--;
  const next = open[index];
  if (!next) return {};
  if (text.slice(span.end, next.span.start).trim() !== '') return {};
  open.splice(index, 1);
  return { value: next, span: { start: span.start, end: next.span.end } };
}

/** `service start service=ssh`: the name of what the path names already. */
function isOwnName({ key, value }: NamedArgument, spec: CommandSpec): boolean {
  if ((key !== 'service' && key !== 'id_or_name') || Object.hasOwn(spec.params, key)) return false;
  return (
    value !== undefined && 'text' in value && spec.path[0] === 'service' && spec.path.includes(value.text)
  );
}

function rename(key: string, spec: CommandSpec): string {
  const own = otherNames[key];
  return own !== undefined && !Object.hasOwn(spec.params, key) && Object.hasOwn(spec.params, own) ? own : key;
}

/** A positional that is a key with its value; what it takes of the words that follow is taken out of `open`. */
function takeValue(
  value: Value,
  open: Value[],
  text: string,
  isFree: (key: string) => boolean,
): readonly NamedArgument[] | undefined {
  const { span } = value;
  if (value.kind === 'json') return takeObject(value, span, isFree);
  if (value.kind === 'list') return undefined;
  const next = open.at(-1);
  const isSigned = value.kind === 'bare' && next?.kind === 'bare' && next.text.startsWith(':');
  const at =
    isSigned && isKey(value.text)
      ? value.text.length
      : value.text.search(value.kind === 'quoted' ? /[=:]/ : /:/);
  const key = value.text.slice(0, at);
  // In quotes the offsets are those behind the opening one.
  const shift = value.kind === 'quoted' ? 1 : 0;
  const start = span.start + shift;
  if (at < 1 || !isKey(key) || !isFree(key) || text.slice(start, start + at) !== key) return undefined;
  const keySpan = { start, end: start + at };
  const rest = value.text.slice(at + 1).trimStart();
  if (rest !== '') {
    const inner = { start: span.end - shift - rest.length, end: span.end - shift };
    return [{ key, keySpan, value: { kind: value.kind, text: rest, span: inner }, span }];
  }
  if (value.kind === 'quoted' || next === undefined) return undefined;
  open.pop();
  if (isSigned && next.text !== ':') {
    const inner = { start: next.span.start + 1, end: next.span.end };
    return [
      {
        key,
        keySpan,
        value: { ...next, text: next.text.slice(1), span: inner },
        span: { ...span, end: inner.end },
      },
    ];
  }
  const late = isSigned ? open.pop() : next;
  return late && [{ key, keySpan, value: late, span: { start: span.start, end: late.span.end } }];
}

function takeObject(
  { value, span }: Extract<Value, { kind: 'json' }>,
  keySpan: NamedArgument['keySpan'],
  isFree: (key: string) => boolean,
): readonly NamedArgument[] | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every(([key]) => isFree(key))) return undefined;
  return entries.map(([key, json]) => ({ key, keySpan, value: { kind: 'json', value: json, span }, span }));
}

function isCode(value: Value | undefined): boolean {
  return value !== undefined && 'text' in value && /^\d{6,8}$/.test(value.text);
}
