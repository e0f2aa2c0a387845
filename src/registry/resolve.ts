import type { Problem } from '../errors.ts';
import type { Head, Word } from '../language/ast.ts';
import type { CommandSpec } from './spec.ts';
import { findNamespace, type Namespace, type Registry } from './tree.ts';

/** What the path part of a line leads to. */
export type Resolution =
  | {
      readonly kind: 'command';
      readonly spec: CommandSpec;
      readonly path: readonly string[];
      readonly end: number;
      /** The namespace in front of a builtin that takes a path: `auth ls` lists auth. */
      readonly within?: readonly string[];
    }
  | { readonly kind: 'namespace'; readonly namespace: Namespace; readonly end: number }
  | {
      readonly kind: 'unknown';
      readonly problem: Problem;
      readonly namespace: Namespace;
      readonly word: Word;
      /** The words before it, which were followed. */
      readonly before: readonly Word[];
    };

/** Follows the leading words of a line from `location`. Words behind a command are its positionals. */
export function resolveHead(head: Head, location: readonly string[], registry: Registry): Resolution {
  const start = head.absolute ? [] : location.slice(0, Math.max(0, location.length - head.ups));
  let namespace = findNamespace(registry, start) ?? registry.root;
  const first = head.words[0];
  // Inside a namespace its own words come first; builtins answer from everywhere.
  if (first && !head.absolute && head.ups === 0 && !knows(namespace, first.text)) {
    const builtin = registry.builtins.get(first.text);
    if (builtin) return { kind: 'command', spec: builtin, path: [first.text], end: first.span.end };
  }
  let end = first ? first.span.start : head.end;
  for (const [index, word] of head.words.entries()) {
    const { end: wordEnd } = word.span;
    const spec = namespace.commands.get(word.text);
    if (spec) return { kind: 'command', spec, path: [...namespace.path, word.text], end: wordEnd };
    const builtin = index === 0 ? undefined : registry.builtins.get(word.text);
    if (builtin?.params.path?.completes === 'path')
      return { kind: 'command', spec: builtin, path: [word.text], end: wordEnd, within: namespace.path };
    const inner = namespace.namespaces.get(word.text) ?? climb(namespace, word.text, registry);
    if (!inner) {
      const before = head.words.slice(0, index);
      return { kind: 'unknown', problem: describeUnknown(word, namespace), namespace, word, before };
    }
    namespace = inner;
    end = wordEnd;
  }
  return { kind: 'namespace', namespace, end };
}

/** Whether a word leads on from a namespace. */
export function knows(namespace: Namespace, word: string): boolean {
  return namespace.commands.has(word) || namespace.namespaces.has(word);
}

/** What is wrong where a word of the path leads nowhere. What to type instead is for `mendPath` to say. */
export function describeUnknown(word: Word, namespace: Namespace): Problem {
  const isRoot = namespace.path.length === 0;
  return {
    code: 'resolve.unknown_word',
    message: `no command or namespace "${word.text}"${isRoot ? '' : ` in ${namespace.path.join(' ')}`}`,
    span: word.span,
    hint: isRoot ? 'ls' : `ls /${namespace.path.join(' ')}`,
  };
}

/** `auth ..` and `auth two_factor /`: up again, from where the words have led. */
function climb({ path }: Namespace, word: string, registry: Registry): Namespace | undefined {
  if (word === '/') return registry.root;
  if (!/^\.\.(?:\/\.\.)*\/?$/.test(word)) return undefined;
  const ups = word.split('/').filter((part) => part !== '').length;
  return findNamespace(registry, path.slice(0, Math.max(0, path.length - ups)));
}
