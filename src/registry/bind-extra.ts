import type { NamedArgument, Value } from '../language/ast.ts';
import { readBoolean } from '../language/literal.ts';
import type { Edit } from '../language/repair.ts';
import { type MeantFault, shorten } from './bind-faults.ts';
import { listKeys } from './describe.ts';
import type { Kind } from './kinds.ts';
import { readText } from './read-kind.ts';
import type { CommandSpec } from './spec.ts';

/** A word that is neither a `key=value` nor expected where it stands. */
export type ExtraWord = {
  readonly text: string;
  readonly spec: CommandSpec;
  readonly value: Value;
  /** Whether a parameter of that key can still be given. */
  readonly free: (key: string) => boolean;
  /** The `key=value` right before and right after it. */
  readonly before: NamedArgument | undefined;
  readonly after: NamedArgument | undefined;
};

/** Says what may have been meant by the word; it is never left out, for only the person knows whether it counts. */
export function explainExtra(extra: ExtraWord): MeantFault {
  const { text, spec, value } = extra;
  const source = text.slice(value.span.start, value.span.end);
  const path = spec.path.join(' ');
  const takesNone = Object.keys(spec.params).length === 0;
  const problem = {
    code: 'bind.unexpected_word',
    message: takesNone
      ? `${path} takes no parameters, but "${shorten(source)}" follows`
      : `"${shorten(source)}" has no name: write parameters as NAME=VALUE`,
    span: value.span,
    hint: takesNone ? 'omit the word' : `${path} ?`,
  } as const;
  const edit = splitKey(extra) ?? joinAround(extra);
  if (edit) return { fault: [problem, edit], meant: undefined };
  const named = nameValue(extra, source);
  return { fault: [problem, named?.edit], meant: named?.name };
}

/** `enabled,false`, `enabled-false` and `enabledfalse`: a key, a sign or nothing, and a value that it takes. */
function splitKey({ spec, value, free }: ExtraWord): Edit | undefined {
  if (value.kind !== 'bare' && value.kind !== 'quoted') return undefined;
  for (const { key, kind } of listKeys(spec.params)) {
    if (!value.text.startsWith(key) || !free(key)) continue;
    const rest = value.text.slice(key.length).replace(/^[^\p{L}\p{N}]+/u, '');
    const read = takes(kind, rest);
    if (read !== undefined) return { span: value.span, text: `${key}=${read}` };
  }
  return undefined;
}

/** A blank inside a key or a value: `en abled=false`, `enabled=f alse`. */
function joinAround({ text, spec, value, free, before, after }: ExtraWord): Edit | undefined {
  if (value.kind !== 'bare') return undefined;
  const keys = listKeys(spec.params);
  const joined = after && `${value.text}${after.key}`;
  if (after && keys.some(({ key }) => key === joined) && free(joined ?? ''))
    return { span: { start: value.span.end, end: after.span.start }, text: '' };
  const kind = keys.find(({ key }) => key === before?.key)?.kind;
  if (!before?.value || !kind) return undefined;
  const whole = `${text.slice(before.value.span.start, before.value.span.end)}${value.text}`;
  const read = takes(kind, whole);
  return read === undefined
    ? undefined
    : { span: { start: before.value.span.start, end: value.span.end }, text: read };
}

/** `update off` and `enable true`: the one switch that a command has, or the one parameter that it needs. */
function nameValue(
  { spec, value, free }: ExtraWord,
  source: string,
): { readonly name: string; readonly edit: Edit } | undefined {
  const at = { start: value.span.start, end: value.span.start };
  const needed = Object.entries(spec.params).filter(([name, { required }]) => required && free(name));
  const [only] = needed;
  if (only && needed.length === 1) return { name: only[0], edit: { span: at, text: `${only[0]}=` } };
  const isSwitch = Object.hasOwn(spec.params, 'enabled') && free('enabled');
  const state = /^enable$/i.test(source) ? true : /^disabled?$/i.test(source) ? false : readBoolean(source);
  if (!isSwitch || state === undefined || /^[01]$/.test(source)) return undefined;
  return { name: 'enabled', edit: { span: value.span, text: `enabled=${state}` } };
}

/** The text as the kind takes it, mended where it is nearly that; a text could be anything, so none is taken. */
function takes(kind: Kind, typed: string): string | undefined {
  if (kind.kind === 'text' || kind.kind === 'list' || kind.kind === 'object' || typed === '')
    return undefined;
  const read = readText(kind, typed);
  return 'value' in read ? typed : read.instead;
}
