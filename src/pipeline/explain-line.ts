import type { JsonObject, View } from '../output/view.ts';
import { valueAt } from '../registry/dotted.ts';
import { explainPosition } from '../registry/explain.ts';
import { renderListing } from '../registry/help.ts';
import { findNamespace, listWords, type Registry } from '../registry/tree.ts';
import { readPresentValues } from './input/present.ts';
import { takeSnapshot } from './snapshot.ts';
import type { SessionState, World } from './world.ts';

/** The answer to a line that ends in `?`. */
export function explainLine(text: string, state: SessionState, world: World): View {
  const asked = text.trimEnd().replace(/\?$/, '');
  let present: JsonObject | undefined;
  const explanation = explainPosition(asked, state.location, world.registry, (spec, key) => {
    present ??= readPresentValues(spec, {}, takeSnapshot(world, world.store));
    return valueAt(present, key);
  });
  return { shape: 'text', text: explanation, data: explanation };
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
