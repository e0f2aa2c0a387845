import { PosternError, type Problem } from '../errors.ts';
import { parseHead } from '../language/head.ts';
import { suggest } from '../language/suggest.ts';
import type { JsonObject, View } from '../output/view.ts';
import { valueAt } from '../registry/dotted.ts';
import { explainPosition } from '../registry/explain.ts';
import { renderFirstHelp, renderHelp, renderListing } from '../registry/help.ts';
import { type Resolution, resolveHead } from '../registry/resolve.ts';
import type { CommandSpec } from '../registry/spec.ts';
import { findNamespace, listWords, type Namespace, type Registry } from '../registry/tree.ts';
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

/** What `help` answers. Error: `resolve.unknown_word`. */
export function helpWith(path: string | undefined, location: readonly string[], registry: Registry): View {
  const text =
    path === undefined
      ? renderFirstHelp(registry)
      : renderHelp(path === 'all' ? registry : findTarget(path, location, registry));
  return { shape: 'text', text, data: text };
}

/** What `ls` answers. Error: `resolve.unknown_word`. */
export function listAt(path: string | undefined, location: readonly string[], registry: Registry): View {
  const target = path === undefined ? undefined : findTarget(path, location, registry);
  if (!target || !('params' in target)) return listNamespace(target?.path ?? location, registry);
  const { path: words, brief } = target;
  return {
    shape: 'text',
    text: `${words.join(' ')}  ${brief}`,
    data: [{ word: words.at(-1) ?? '', kind: 'command', brief }],
  };
}

/** What a namespace holds. */
export function listNamespace(path: readonly string[], registry: Registry): View {
  const namespace = findNamespace(registry, path) ?? registry.root;
  const words = listWords(namespace);
  return {
    shape: 'text',
    text: renderListing(namespace),
    data: words.map(({ word, brief, isNamespace }) => ({
      word,
      kind: isNamespace ? 'namespace' : 'command',
      brief,
    })),
  };
}

/** What a path leads to: from here, else from the root. */
function findTarget(path: string, location: readonly string[], registry: Registry): CommandSpec | Namespace {
  const head = parseHead(path);
  const [here, top] = [location, []].map((from) => resolveHead(head, from, registry));
  const target = here?.kind === 'unknown' && top ? top : here;
  const rest = target && 'end' in target ? path.slice(target.end).trim() : '';
  if (target?.kind === 'command' && rest === '') return target.spec;
  if (target?.kind === 'namespace' && rest === '') return target.namespace;
  if (target?.kind === 'unknown') throw new PosternError(adviseHelp(target, registry));
  const place = target?.kind === 'command' ? target.path.join(' ') : path.slice(0, -rest.length).trim();
  throw new PosternError({
    code: 'resolve.unknown_word',
    message: `${place} is a command, and "${rest}" follows it`,
    hint: `help ${place}`,
  });
}

function adviseHelp(
  { problem, namespace, word, before }: Extract<Resolution, { kind: 'unknown' }>,
  registry: Registry,
): Problem {
  const known = listWords(namespace).map((entry) => entry.word);
  const close = suggest(word.text, before.length === 0 ? [...known, ...registry.builtins.keys()] : known);
  const { span: _, ...rest } = problem;
  return { ...rest, hint: ['help', ...namespace.path, ...(close ? [close] : [])].join(' ') };
}
