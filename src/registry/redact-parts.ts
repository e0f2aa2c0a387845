import type { Arguments, NamedArgument, Value } from '../language/ast.ts';
import type { Span } from '../language/span.ts';
import { suggest } from '../language/suggest.ts';
import { listKeys } from './describe.ts';
import { readValue } from './read-kind.ts';
import type { CommandSpec, ParamSpec } from './spec.ts';

/** A stretch of a line: `shown` is what was understood, `secret` the value of a parameter that is one. */
export type Part = { readonly span: Span; readonly shown: boolean; readonly secret: boolean };

/** The parts of a command's arguments, and whether one of its parameters is a secret. What is no part is not understood. */
export function listParts(
  line: string,
  spec: CommandSpec,
  args: Arguments,
): { readonly parts: readonly Part[]; readonly takesSecrets: boolean } {
  const params = Object.values(spec.params);
  const takesSecrets = params.some(({ secret }) => secret);
  const isOption = args.named.some(({ dashed, value }) => dashed && !value);
  const parts = [
    ...args.named.flatMap((argument) => listNamed(argument, spec, line, takesSecrets)),
    ...listPositionals(args.positionals, args.named, spec, line, isOption),
    ...(args.redirect ? [{ span: args.redirect.span, shown: true, secret: false }] : []),
  ];
  return { parts, takesSecrets };
}

/** A code, or a secret in base32, whatever is before it. */
export function looksSecret(word: string): boolean {
  return /^["']?\d{6,8}["']?$/.test(word) || /^["']?[A-Z2-7]{16,}=*["']?$/.test(word);
}

function listNamed(
  { key, keySpan, value, span }: NamedArgument,
  spec: CommandSpec,
  line: string,
  takesSecrets: boolean,
): readonly Part[] {
  const known = listKeys(spec.params).find((each) => each.key === key || each.name === key);
  // A key that is near none may be the beginning of a secret that holds a =.
  const isKey = known !== undefined || !takesSecrets || suggest(key, Object.keys(spec.params)) !== undefined;
  if (!isKey) return [{ span, shown: false, secret: false }];
  if (value === undefined) return [{ span: keySpan, shown: true, secret: false }];
  const inner = {
    start: Math.max(value.span.start, keySpan.start),
    end: Math.max(value.span.end, keySpan.end),
  };
  const isOne = keySpan.start >= value.span.start;
  if (known === undefined) {
    return takesSecrets ? [shownKey(keySpan), { span: inner, shown: false, secret: true }] : [];
  }
  const isSecret = known.param.secret === true;
  const isRead =
    'value' in readValue(known.name === key ? known.param.kind : known.kind, value, sourceOf(line, value));
  const part = { span: inner, shown: isRead && !isSecret, secret: isSecret };
  return isOne ? [part] : [shownKey(keySpan), part];
}

function listPositionals(
  values: readonly Value[],
  named: readonly NamedArgument[],
  spec: CommandSpec,
  line: string,
  isOption: boolean,
): readonly Part[] {
  const given = new Set(named.map(({ key }) => key));
  const open = Object.entries(spec.params).filter(([name, { positional }]) => positional && !given.has(name));
  const parts: Part[] = [];
  let next = 0;
  let pending: ParamSpec | undefined;
  for (const value of values) {
    const source = sourceOf(line, value);
    const key = Object.hasOwn(spec.params, source) ? spec.params[source] : undefined;
    const param = pending ?? (key ? undefined : open[Math.min(next, open.length - 1)]?.[1]);
    const isOpen = pending !== undefined || next < open.length || param?.rest === true;
    if (key && !pending) parts.push(shownKey(value.span));
    else {
      const isRead = param && isOpen && !isOption && 'value' in readValue(param.kind, value, source);
      const isSecret = param?.secret === true && isOpen;
      parts.push({
        span: value.span,
        shown: isRead === true && !isSecret && !looksSecret(source),
        secret: isSecret,
      });
      if (!pending) next += 1;
    }
    pending = pending ? undefined : key;
  }
  return parts;
}

function shownKey(span: Span): Part {
  return { span, shown: true, secret: false };
}

function sourceOf(line: string, { span }: Value): string {
  return line.slice(span.start, span.end);
}
