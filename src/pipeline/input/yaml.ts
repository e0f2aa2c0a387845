import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { suggest } from '../../language/suggest.ts';
import type { Json } from '../../output/view.ts';
import type { Key } from '../../registry/describe.ts';
import { setValue } from '../../registry/dotted.ts';
import { checkTyped, readTyped } from './ask.ts';

/** Something wrong in the text: `line` counts from 0. */
export type Fault = { readonly line: number; readonly message: string };

/**
 * Reads YAML as the input of a command with these keys: `services.ssh: true`, or `services:` with `ssh: true` in it.
 * A key without a value is left out. Every fault is reported; `input` is of use only where there is none.
 */
export async function readYamlInput(
  text: string,
  keys: readonly Key[],
): Promise<{ readonly input: Record<string, Json>; readonly faults: readonly Fault[] }> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => Math.max(0, lines.linePos(offset).line - 1);
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ pos, message }) => ({
      line: lineAt(pos[0]),
      message: `this is not YAML: ${message.split('\n')[0]}`,
    }));
    return { input: {}, faults };
  }
  const input: Record<string, Json> = {};
  const faults: Fault[] = [];
  const given = new Set<string>();
  const root = document.contents;
  if (root !== null && !isMap(root)) {
    faults.push({ line: lineAt(root.range?.[0] ?? 0), message: 'lines of "key: value" are expected' });
  }
  for (const { key, line, node } of isMap(root)
    ? listPairs(root.items as Pair<Node, Node | null>[], '', lineAt)
    : []) {
    const known = keys.find((candidate) => candidate.key === key);
    if (!known) {
      faults.push({ line, message: explainUnknown(key, keys) });
      continue;
    }
    const typed = typedText(node);
    if (typed === '') continue;
    given.add(key);
    const wrong = typed === undefined ? 'it has to be one value' : checkTyped(known.kind, typed);
    if (wrong !== undefined) faults.push({ line, message: `${key}: ${wrong}` });
    else setValue(input, key, readTyped(known.kind, typed as string));
  }
  for (const { key, param } of keys) {
    if (param.required && !given.has(key))
      faults.push({ line: findLine(text, key), message: `${key}: a value is needed here` });
  }
  return { input, faults };
}

type Entry = { readonly key: string; readonly line: number; readonly node: Node | null };

function listPairs(
  pairs: readonly Pair<Node, Node | null>[],
  prefix: string,
  lineAt: (offset: number) => number,
): readonly Entry[] {
  return pairs.flatMap(({ key, value }) => {
    const name = `${prefix}${isScalar(key) ? String(key.value) : '?'}`;
    if (isMap(value)) return listPairs(value.items as Pair<Node, Node | null>[], `${name}.`, lineAt);
    return [{ key: name, line: lineAt(key.range?.[0] ?? 0), node: value }];
  });
}

/** The text as it was typed, for YAML's own idea of 012345 or yes is not the key's. */
function typedText(node: Node | null): string | undefined {
  if (node === null) return '';
  if (!isScalar(node)) return undefined;
  return node.type === 'PLAIN' && typeof node.source === 'string' ? node.source : String(node.value ?? '');
}

function explainUnknown(key: string, keys: readonly Key[]): string {
  const names = keys.map((known) => known.key);
  const close = suggest(key, names);
  return close
    ? `there is no key ${key}; is it ${close}?`
    : `there is no key ${key}; there are ${names.join(', ')}`;
}

/** The line that offers a key that has no value, commented out or not; else the first. */
function findLine(text: string, key: string): number {
  const found = text.split('\n').findIndex((line) => line.replace(/^#\s*/, '').startsWith(`${key}:`));
  return Math.max(0, found);
}
