import type { Json } from '../../output/view.ts';
import { describeKind, type Kind, readValue } from '../../registry/kinds.ts';

/** What is wrong with a value typed as an answer; undefined: nothing. */
export function checkTyped(kind: Kind, typed: string): string | undefined {
  const read = readAnswer(kind, typed);
  return 'value' in read ? undefined : `expected ${read.expected}`;
}

/** The value of an answer that `checkTyped` accepts. */
export function readTyped(kind: Kind, typed: string): Json {
  const read = readAnswer(kind, typed);
  if (!('value' in read)) throw new Error(`an answer was taken that is not ${describeKind(kind)}`);
  return read.value;
}

/** Sets a dotted key in an object, making the objects on the way. */
export function placeValue(target: Record<string, Json>, key: string, value: Json): void {
  const [first = '', ...rest] = key.split('.');
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const inner = { ...(target[first] as Record<string, Json> | undefined) };
  placeValue(inner, rest.join('.'), value);
  target[first] = inner;
}

/** The value at a dotted key; undefined where there is none. */
export function valueAt(source: { readonly [key: string]: Json }, key: string): Json | undefined {
  let at: Json | undefined = source;
  for (const word of key.split('.')) {
    if (at === null || typeof at !== 'object' || Array.isArray(at)) return undefined;
    at = Object.hasOwn(at, word) ? (at as { readonly [key: string]: Json })[word] : undefined;
  }
  return at;
}

/** An answer is a bare value: no quotes to type, and the kind decides what it is. */
function readAnswer(kind: Kind, typed: string) {
  return readValue(kind, { kind: 'bare', text: typed, span: { start: 0, end: typed.length } }, typed);
}
