import { parseHead } from '../language/head.ts';
import { parseArguments } from '../language/parse.ts';
import type { Json } from '../output/view.ts';
import { locateCursor } from './cursor.ts';
import { describeKey, type Key, listKeys, showKey, showValue } from './describe.ts';
import { listQueryParts } from './help.ts';
import { describeKind, listChoices } from './kinds.ts';
import { layOutEntries, wrapText } from './layout.ts';
import { resolveHead } from './resolve.ts';
import type { CommandSpec } from './spec.ts';
import { listWords, type Namespace, type Registry } from './tree.ts';

/** The value that a key of a command has now, where there is such a thing. */
export type PresentValue = (spec: CommandSpec, key: string) => Json | undefined;

/**
 * What can follow `text` (the line without its `?`), typed at `location`: words of a namespace, keys that are not given
 * yet with kinds, bounds, defaults and present values, what one key takes, or the parts of a query. Never fails.
 */
export function explainPosition(
  text: string,
  location: readonly string[],
  registry: Registry,
  present: PresentValue,
): string {
  const target = resolveHead(parseHead(text), location, registry);
  switch (target.kind) {
    case 'command':
      return explainCommand(text, target.end, target.spec, present);
    case 'namespace':
      return explainNamespace(target.namespace, '', text.trim() === '' ? registry : undefined);
    case 'unknown': {
      const { span, message } = target.problem;
      const word = span ? text.slice(span.start, span.end) : '';
      const isLast = span?.end === text.length;
      const isFirst = text.slice(0, span?.start ?? 0).trim() === '';
      const listed = explainNamespace(target.namespace, isLast ? word : '', isFirst ? registry : undefined);
      return isLast && listed !== ''
        ? listed
        : `${message}; there are:\n${explainNamespace(target.namespace, '', undefined)}`;
    }
    default:
      return target satisfies never;
  }
}

function explainNamespace(namespace: Namespace, start: string, registry: Registry | undefined): string {
  const words = listWords(namespace).map(
    ({ word, brief, isNamespace }) => [isNamespace ? `${word} ...` : word, brief] as const,
  );
  const builtins = [...(registry?.builtins ?? [])].map(([word, spec]) => [word, spec.brief] as const);
  return layOutEntries([...words, ...builtins].filter(([word]) => word.startsWith(start))).join('\n');
}

function explainCommand(text: string, end: number, spec: CommandSpec, present: PresentValue): string {
  const title = `${spec.path.join(' ')}: ${spec.brief}`;
  if (spec.query) {
    return [...wrapText(title, 80), ...layOutEntries(listQueryParts(spec.query.columns))].join('\n');
  }
  const keys = listKeys(spec.params);
  const spot = locateCursor(text, text.length);
  const named = spot.kind === 'value' ? keys.find(({ key }) => key === spot.key) : undefined;
  if (named) return explainValue(named, spec, present);
  const partial = spot.kind === 'word' && spot.span.start >= end ? spot.prefix : '';
  const open = listOpenKeys(text.slice(0, text.length - partial.length), end, spec);
  const matching = open.filter(({ key }) => key.startsWith(partial));
  const shown = matching.length > 0 ? matching : open;
  const entries = shown.map(
    (key) => [showKey(key), describeKey(key) + showPresent(key, spec, present)] as const,
  );
  const nothing = keys.length === 0 ? 'takes no parameters' : 'all parameters are given';
  const more =
    shown.length === 0
      ? [['Enter', `run it: it ${nothing}`] as const]
      : [['--', 'ask for each of them'] as const];
  return [...wrapText(title, 80), ...layOutEntries([...entries, ...more])].join('\n');
}

/** The keys of a command that neither the named nor the positional arguments in the line give. */
export function listOpenKeys(text: string, end: number, spec: CommandSpec): readonly Key[] {
  const args = parseArguments(text, end);
  const given = args.named.map(({ key }) => key);
  const positional = Object.entries(spec.params).filter(
    ([name, param]) => param.positional && !given.includes(name),
  );
  const taken = positional.slice(0, args.positionals.length).map(([name]) => name);
  return listKeys(spec.params).filter(
    ({ key, name, param }) =>
      (param.rest || !taken.includes(name)) &&
      !given.some((other) => other === key || key.startsWith(`${other}.`) || other.startsWith(`${key}.`)),
  );
}

function explainValue(key: Key, spec: CommandSpec, present: PresentValue): string {
  const choices = listChoices(key.kind);
  const bounds = choices.length > 0 ? choices.join(' or ') : describeKind(key.kind);
  return layOutEntries([
    [`${key.key}=`, `${describeKey(key)}${showPresent(key, spec, present)}`],
    ['', `takes ${bounds}`],
  ]).join('\n');
}

function showPresent(key: Key, spec: CommandSpec, present: PresentValue): string {
  const value = key.param.secret ? undefined : present(spec, key.key);
  return value === undefined || value === null ? '' : `, now ${showValue(key.kind, value)}`;
}
