import { parseHead } from '../language/parse.ts';
import type { View } from '../output/view.ts';
import { explainPosition } from '../registry/explain.ts';
import { renderListing } from '../registry/help.ts';
import { resolveHead } from '../registry/resolve.ts';
import { findNamespace, listWords, type Registry } from '../registry/tree.ts';
import { readPresentValues } from './input/present.ts';
import { takeSnapshot } from './snapshot.ts';
import type { SessionState, World } from './world.ts';

/** The answer to a line that ends in `?`. */
export function explainLine(text: string, state: SessionState, world: World): View {
  const asked = text.trimEnd().replace(/\?$/, '');
  const target = resolveHead(asked, parseHead(asked), state.location, world.registry);
  const present =
    target.kind === 'command' ? readPresentValues(target.spec, {}, takeSnapshot(world, world.store)) : {};
  const explanation = explainPosition(asked, state.location, world.registry, (_spec, key) =>
    readPath(present, key),
  );
  return { shape: 'text', text: explanation, data: explanation };
}

function readPath(values: { readonly [key: string]: View['data'] }, key: string): View['data'] | undefined {
  let at: View['data'] | undefined = values;
  for (const part of key.split('.')) {
    at =
      at !== null && typeof at === 'object' && !Array.isArray(at)
        ? (at as { readonly [key: string]: View['data'] })[part]
        : undefined;
  }
  return at;
}

/** What a namespace holds. */
export function listNamespace(path: readonly string[], registry: Registry): View {
  const namespace = findNamespace(registry, path) ?? registry.root;
  return {
    shape: 'text',
    text: renderListing(namespace),
    data: listWords(namespace).map(({ word, brief, isNamespace }) => ({
      word,
      kind: isNamespace ? 'namespace' : 'command',
      brief,
    })),
  };
}
