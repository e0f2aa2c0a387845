import type { Head, Word } from '../language/ast.ts';
import { parseArguments } from '../language/parse.ts';
import type { Reading } from './compiled.ts';
import { mendPath } from './mend-path.ts';
import { describeUnknown } from './resolve.ts';
import type { Namespace, Registry } from './tree.ts';

/** A line whose path ends at a namespace: it enters it, asks about it, or lacks a command. */
export function compileNamespace(
  text: string,
  head: Head,
  { namespace, end }: { readonly namespace: Namespace; readonly end: number },
  registry: Registry,
): Reading {
  const args = parseArguments(text, end);
  if (args.help && text.slice(end, args.help.start).trim() === '')
    return { kind: 'explain', namespace, spec: undefined };
  const rest = /^\s*(?![#>\s])(\S+)/.exec(text.slice(end));
  if (rest === null) {
    if (args.problems.length > 0) return { kind: 'wrong', problems: args.problems, lines: [] };
    const isBare = head.words.length === 0 && !head.absolute && head.ups === 0;
    return isBare ? { kind: 'empty' } : { kind: 'enter', path: namespace.path };
  }
  const typed = rest[1] as string;
  const start = end + rest[0].length - typed.length;
  const word = { text: typed, span: { start, end: start + typed.length }, quoted: false };
  return explainRest(text, head, word, namespace, registry);
}

/** `service start service=ssh`, as the older generation has it: the command's word alone, in the same place. */
export function readOwnName(
  text: string,
  { namespace, end }: { readonly namespace: Namespace; readonly end: number },
): string | undefined {
  const found = /^\s+((?:service|id_or_name)\s*=\s*["']?)(\w+)(["']?)(?=\s|$)/.exec(text.slice(end));
  if (found === null || !namespace.commands.has(found[2] ?? '')) return undefined;
  const [whole, key = '', word = '', close = ''] = found;
  const before = text.slice(0, end + whole.length - key.length - word.length - close.length);
  return `${before}${' '.repeat(key.length)}${word}${' '.repeat(close.length)}${text.slice(end + whole.length)}`;
}

/** What stands where a command is expected and is no plain word: a `key=value`, or a word with a sign in it. */
function explainRest(
  text: string,
  head: Head,
  word: Word,
  namespace: Namespace,
  registry: Registry,
): Reading {
  const stray = /^(["'`])[^"'`]*$/.exec(word.text);
  const place = `${namespace.path.join(' ')} `.trimStart();
  const args = parseArguments(text, word.span.start);
  const [named] = args.named;
  const unknown = describeUnknown(word, namespace);
  const lines = mendPath({ text, head, word, before: head.words, namespace }, registry);
  if (named?.span.start === word.span.start) {
    const key = named.key.split('.')[0] ?? named.key;
    const takers = [...new Set(namespace.commands.values())].filter((spec) =>
      Object.hasOwn(spec.params, key),
    );
    const [only] = takers;
    const at = word.span.start;
    const insert =
      only && takers.length === 1 ? [`${text.slice(0, at)}${only.path.at(-1)} ${text.slice(at)}`] : [];
    const problem = {
      ...unknown,
      code: 'resolve.no_command',
      message: `a command is missing before ${key}=, as in ${place}COMMAND ${key}=...`,
    } as const;
    return { kind: 'wrong', problems: [problem], lines: [...insert, ...lines] };
  }
  if (!stray) return { kind: 'wrong', problems: [unknown], lines };
  const quote = stray[1] as string;
  const span = { start: word.span.start, end: word.span.start + 1 };
  const message = `a ${quote} opens here and nothing closes it`;
  const hint = `delete the ${quote}`;
  const without = `${text.slice(0, span.start)}${text.slice(span.end)}`;
  const isOpen = text.indexOf(quote, span.end) < 0;
  return {
    kind: 'wrong',
    problems: [isOpen ? { code: 'lex.unclosed_quote', message, span, hint } : unknown],
    lines: [without, ...lines],
  };
}
