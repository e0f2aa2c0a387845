import type { Problem } from '../errors.ts';
import type { Head, Word } from '../language/ast.ts';
import { parseArguments } from '../language/parse.ts';
import { suggest } from '../language/suggest.ts';
import type { CommandSpec } from './spec.ts';
import { findNamespace, type Namespace, type Registry } from './tree.ts';

/** What the path part of a line leads to. */
export type Resolution =
  | {
      readonly kind: 'command';
      readonly spec: CommandSpec;
      readonly path: readonly string[];
      readonly end: number;
    }
  | { readonly kind: 'namespace'; readonly namespace: Namespace; readonly end: number }
  | { readonly kind: 'unknown'; readonly problem: Problem; readonly namespace: Namespace };

/** Follows the leading words of `text` from `location`. Words behind a command are its positionals. */
export function resolveHead(
  text: string,
  head: Head,
  location: readonly string[],
  registry: Registry,
): Resolution {
  const start = head.absolute ? [] : location.slice(0, Math.max(0, location.length - head.ups));
  let namespace = findNamespace(registry, start) ?? registry.root;
  const first = head.words[0];
  // Inside a namespace its own words come first; builtins answer from everywhere.
  if (first && !head.absolute && head.ups === 0 && !knows(namespace, first.text)) {
    const builtin = registry.builtins.get(first.text);
    if (builtin) return { kind: 'command', spec: builtin, path: [first.text], end: first.span.end };
  }
  let end = first ? first.span.start : head.end;
  for (const word of head.words) {
    const spec = namespace.commands.get(word.text);
    if (spec) return { kind: 'command', spec, path: [...namespace.path, word.text], end: word.span.end };
    const inner = namespace.namespaces.get(word.text);
    if (!inner)
      return { kind: 'unknown', problem: explainUnknown(text, word, namespace, head, registry), namespace };
    namespace = inner;
    end = word.span.end;
  }
  return { kind: 'namespace', namespace, end };
}

function knows(namespace: Namespace, word: string): boolean {
  return namespace.commands.has(word) || namespace.namespaces.has(word);
}

function explainUnknown(
  text: string,
  word: Word,
  namespace: Namespace,
  head: Head,
  registry: Registry,
): Problem {
  const where = namespace.path.length === 0 ? '' : ` in ${namespace.path.join(' ')}`;
  return {
    code: 'resolve.unknown_word',
    message: `there is no command or namespace "${word.text}"${where}`,
    span: word.span,
    hint: suggestInstead(text, word, namespace, head, registry),
  };
}

function suggestInstead(
  text: string,
  word: Word,
  namespace: Namespace,
  head: Head,
  registry: Registry,
): string {
  const isFirst = head.words[0] === word;
  if (isFirst && namespace !== registry.root && knows(registry.root, word.text)) {
    const at = word.span.start;
    return `${text.slice(0, at)}/${text.slice(at)}`.trim();
  }
  const here = [
    ...namespace.namespaces.keys(),
    ...[...namespace.commands].filter(([, s]) => !s.hidden).map(([w]) => w),
  ];
  const candidates = isFirst ? [...here, ...registry.builtins.keys()] : here;
  const close = suggest(word.text, candidates);
  if (close) return replaceWord(text, word, close);
  const elsewhere = findElsewhere(text, word, head, registry);
  if (elsewhere) return elsewhere;
  return namespace.path.length === 0 ? 'ls' : `ls /${namespace.path.join(' ')}`;
}

/** A command of that name in another namespace: `update enabled=false` at the root means the one that has the key. */
function findElsewhere(text: string, word: Word, head: Head, registry: Registry): string | undefined {
  const { named } = parseArguments(text, word.span.end);
  const keys = named.map(({ key }) => key.split('.')[0] ?? key);
  const found = registry.commands.filter(
    (spec) =>
      !spec.hidden &&
      spec.effect !== 'session' &&
      spec.path.at(-1) === word.text &&
      keys.every((key) => Object.hasOwn(spec.params, key)),
  );
  const only = found.length === 1 ? found[0] : undefined;
  if (!only) return undefined;
  const start = head.ups > 0 || head.absolute ? 0 : (head.words[0] ?? word).span.start;
  return `${text.slice(0, start)}/${only.path.join(' ')}${text.slice(word.span.end)}`.trim();
}

function replaceWord(text: string, word: Word, by: string): string {
  return `${text.slice(0, word.span.start)}${by}${text.slice(word.span.end)}`.trim();
}
