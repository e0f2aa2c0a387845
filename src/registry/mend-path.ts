import type { Head, Word } from '../language/ast.ts';
import { parseArguments } from '../language/parse.ts';
import { suggest } from '../language/suggest.ts';
import { findMeant, sameMeaning } from './meant.ts';
import { knows } from './resolve.ts';
import type { CommandSpec } from './spec.ts';
import type { Namespace, Registry } from './tree.ts';

/** A path that ends at a word that leads nowhere. */
export type WrongPath = {
  readonly text: string;
  readonly head: Head;
  readonly word: Word;
  readonly before: readonly Word[];
  readonly namespace: Namespace;
};

/** Lines in which the path alone is mended, the likeliest first. None of them was tried. */
export function mendPath(wrong: WrongPath, registry: Registry): readonly string[] {
  const { text, word, before, namespace, head } = wrong;
  const isFirst = before.length === 0;
  const replace = (by: string, end = word.span.end) =>
    `${text.slice(0, word.span.start)}${by}${text.slice(end)}`;
  const lines: (string | undefined)[] = [];
  if (isFirst && namespace !== registry.root && knows(registry.root, word.text))
    lines.push(replace(`/${word.text}`));
  lines.push(findMeantLine(wrong));
  const builtins = isFirst && !head.absolute ? [...registry.builtins.keys()] : [];
  const known = [...listKnown(namespace), ...builtins];
  lines.push(...respace(wrong, known, listKnown(namespace)).map(([by, end]) => replace(by, end)));
  lines.push(...findElsewhere(wrong, registry));
  const close = suggest(word.text, known);
  const isShorter = close !== undefined && word.text.length - close.length > 2;
  if (close !== undefined && !isShorter && !isOpposite(word.text, close)) lines.push(replace(close));
  const same = sameMeaning(word.text).find((each) => namespace.commands.has(each));
  if (same !== undefined) lines.push(replace(same));
  lines.push(...joinDotted(wrong, registry));
  return lines.filter((line) => line !== undefined);
}

/** Whether one word undoes what the other does: `lock` and `unlock`, `enabled` and `disabled`. */
export function isOpposite(typed: string, meant: string): boolean {
  const bare = (word: string) => word.toLowerCase().replace(/^(?:un|dis|de|not?_?|en|re)/, '');
  const sign = (word: string) => /^(?:un|dis|de|no)/i.test(word);
  return (
    sign(typed) !== sign(meant) &&
    (bare(typed) === bare(meant) || bare(typed) === meant || typed === bare(meant))
  );
}

function listKnown(namespace: Namespace): readonly string[] {
  return [...namespace.namespaces.keys(), ...[...namespace.commands.keys()]];
}

/** A sign too many, a blank in a word, or none between two: what is there is all right but for that. */
function respace(
  { text, word }: WrongPath,
  known: readonly string[],
  own: readonly string[],
): readonly [by: string, end: number][] {
  const found: [string, number][] = [];
  const plain = word.text.replace(/[^\p{L}\p{N}_.-]/gu, '');
  const clean = plain.replace(/^[.-]+|[.-]+$/g, '');
  for (const each of known) if (clean === each && word.text !== each) found.push([each, word.span.end]);
  for (const each of own) {
    if (!word.text.startsWith(each) || word.text === each) continue;
    const rest = word.text.slice(each.length).replace(/^[^\p{L}\p{N}_/]+/u, '');
    const after = rest.length < 3 ? /^[ \t]+(?=\w)/.exec(text.slice(word.span.end)) : null;
    if (after) found.push([`${each} ${rest}`, word.span.end + after[0].length]);
    found.push([`${each} ${rest}`, word.span.end]);
  }
  const [gap = '', second = ''] = /^\s+([\w-]+)/.exec(text.slice(word.span.end)) ?? [];
  const whole = `${word.text}${second}`;
  // Two words in one are no typing error: what the second one said would be lost.
  const near = known.filter((each) => Math.abs(each.length - whole.length) < 2);
  const joined = second === '' ? undefined : suggest(whole, near);
  if (joined !== undefined) found.push([joined, word.span.end + gap.length]);
  // The longest first: of "renew_2fa_secretroot" it is the whole command, not its beginning.
  return found.sort(([a], [b]) => b.search(/ |$/) - a.search(/ |$/));
}

function findMeantLine({ text, head, namespace, before }: WrongPath): string | undefined {
  const rest = text.slice(head.end).trim();
  const line = rest === '' || rest === '?' ? findMeant(head.words) : undefined;
  const isInside = namespace.path.length > before.length;
  return line === undefined ? undefined : `${isInside ? '/' : ''}${line}`;
}

/** `auth.twofactor.update`, `auth/two_factor/update`, `midclt call auth.twofactor.update`. */
function joinDotted({ text, word, head }: WrongPath, registry: Registry): readonly string[] {
  const typed = head.words.find(({ text: each }) => /\w[./]\w/.test(each)) ?? word;
  const isCalled = typed === word || /^\W*(?:midclt call|cli)\W/.test(text);
  const parts = typed.text.split(/[./]/).filter(Boolean);
  if (!isCalled || parts.length < 2) return [];
  let namespace: Namespace | undefined = registry.root;
  const path: string[] = [];
  for (const part of parts) {
    const close: string | undefined = namespace && suggest(part, listKnown(namespace));
    if (close === undefined) return [];
    path.push(close);
    namespace = namespace?.namespaces.get(close);
  }
  return [`/${path.join(' ')}${text.slice(typed.span.end)}`];
}

/** The only command whose path goes on with these words: `update enabled=false` at the root. */
function findElsewhere({ text, word, before, head }: WrongPath, registry: Registry): readonly string[] {
  if (before.length > 0) return [];
  const found = registry.commands.flatMap((spec) => {
    const place = spec.effect === 'session' ? undefined : followFrom(spec, head.words);
    return place === undefined ? [] : [{ spec, place }];
  });
  const fitting = found.filter(({ spec, place }) => takesKeys(spec, text, place.span.end));
  const [only] = fitting;
  if (!only || fitting.length > 1) return [];
  const start = head.ups > 0 || head.absolute ? 0 : word.span.start;
  return [`${text.slice(0, start)}/${only.spec.path.join(' ')}${text.slice(only.place.span.end)}`];
}

/** The typed word that ends the command's path, where the words are its last ones. */
function followFrom({ path }: CommandSpec, words: readonly Word[]): Word | undefined {
  const from = path.indexOf(words[0]?.text ?? '');
  if (from < 1) return undefined;
  const rest = path.slice(from);
  return rest.every((each, index) => words[index]?.text === each) ? words[rest.length - 1] : undefined;
}

function takesKeys(spec: CommandSpec, text: string, from: number): boolean {
  const { named } = parseArguments(text, from);
  return named.every(({ key }) => Object.hasOwn(spec.params, key.split('.')[0] ?? key));
}
