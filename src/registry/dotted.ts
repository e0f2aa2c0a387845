import type { Json } from '../output/view.ts';

/** The value at a dotted key; undefined where there is none. */
export function valueAt(values: { readonly [key: string]: Json }, key: string): Json | undefined {
  let found: Json | undefined = values;
  for (const part of key.split('.')) {
    if (found === null || typeof found !== 'object' || Array.isArray(found)) return undefined;
    found = Object.hasOwn(found, part) ? (found as { readonly [key: string]: Json })[part] : undefined;
  }
  return found;
}

/** Sets a dotted key in an object, making the objects on the way. */
export function setValue(target: Record<string, Json>, key: string, value: Json): void {
  const [first = '', ...rest] = key.split('.');
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const inner = { ...(target[first] as Record<string, Json> | undefined) };
  setValue(inner, rest.join('.'), value);
  target[first] = inner;
}
