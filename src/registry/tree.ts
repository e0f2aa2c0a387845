import type { CommandSpec, NamespaceBrief } from './spec.ts';

/** A namespace: a word under which commands and further namespaces stand. */
export type Namespace = {
  readonly path: readonly string[];
  readonly brief: string;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** Commands by their word, older names included. */
  readonly commands: ReadonlyMap<string, CommandSpec>;
};

/** Every command there is, as a list in order of declaration and as a tree. */
export type Registry = {
  readonly root: Namespace;
  readonly commands: readonly CommandSpec[];
  /** Commands that answer from every namespace: help, ls, exit … */
  readonly builtins: ReadonlyMap<string, CommandSpec>;
};

type Building = {
  path: readonly string[];
  brief: string;
  namespaces: Map<string, Building>;
  commands: Map<string, CommandSpec>;
};

/** Builds the tree of all declarations. Throws where two declarations claim the same words: a bug. */
export function buildRegistry(commands: readonly CommandSpec[], briefs: readonly NamespaceBrief[]): Registry {
  const root: Building = { path: [], brief: 'everything', namespaces: new Map(), commands: new Map() };
  const briefOf = new Map(briefs.map(({ path, brief }) => [path.join(' '), brief]));
  const builtins = new Map<string, CommandSpec>();
  for (const spec of commands) {
    if (spec.effect === 'session') {
      for (const [word] of [spec.path, ...(spec.aliases ?? [])]) builtins.set(word, spec);
      continue;
    }
    for (const path of [spec.path, ...(spec.aliases ?? [])]) plant(root, path, spec, briefOf);
  }
  return { root, commands, builtins };
}

function plant(
  root: Building,
  path: readonly string[],
  spec: CommandSpec,
  briefOf: ReadonlyMap<string, string>,
) {
  let at = root;
  for (const word of path.slice(0, -1)) {
    let next = at.namespaces.get(word);
    if (!next) {
      const nextPath = [...at.path, word];
      next = {
        path: nextPath,
        brief: briefOf.get(nextPath.join(' ')) ?? '',
        namespaces: new Map(),
        commands: new Map(),
      };
      at.namespaces.set(word, next);
    }
    at = next;
  }
  const word = path.at(-1) ?? '';
  if (at.commands.has(word) || at.namespaces.has(word))
    throw new Error(`two declarations of ${path.join(' ')}`);
  at.commands.set(word, spec);
}

/** The namespace at a path, or undefined. */
export function findNamespace(registry: Registry, path: readonly string[]): Namespace | undefined {
  let at: Namespace | undefined = registry.root;
  for (const word of path) at = at?.namespaces.get(word);
  return at;
}

/** The words that can be at a namespace: its namespaces and its commands, without older names. */
export function listWords(
  namespace: Namespace,
): readonly { readonly word: string; readonly brief: string; readonly isNamespace: boolean }[] {
  const namespaces = [...namespace.namespaces.values()].map((inner) => ({
    word: inner.path.at(-1) ?? '',
    brief: inner.brief,
    isNamespace: true,
  }));
  const commands = [...namespace.commands]
    .filter(([word, spec]) => isOwnName(namespace, word, spec))
    .map(([word, spec]) => ({ word, brief: spec.brief, isNamespace: false }));
  return [...namespaces, ...commands];
}

/** Whether the command is declared at this place, rather than answering here under an older name. */
export function isOwnName(namespace: Namespace, word: string, spec: CommandSpec): boolean {
  return spec.path.join(' ') === [...namespace.path, word].join(' ');
}
