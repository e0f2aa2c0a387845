import type { ProgramOption } from './complete-words.ts';
import { describeKey, listKeys, showKey, showUsage } from './describe.ts';
import { listQueryParts } from './help.ts';
import { wrapUsage } from './layout.ts';
import { type About, type Block, writeMan, writeMarkdown } from './reference-formats.ts';
import { closing, describeOptions, introduction } from './reference-text.ts';
import type { CommandSpec } from './spec.ts';
import { listWords, type Namespace, type Registry } from './tree.ts';

/** Behind the margins of a manual page on 80 columns. */
const usageColumns = 68;

export type ReferenceFormat = 'markdown' | 'man';

/** The whole command reference, generated from the declarations; with a last newline. */
export function renderReference(
  registry: Registry,
  options: readonly ProgramOption[],
  format: ReferenceFormat,
  about: About = {},
): string {
  const builtins = registry.commands.filter((spec) => spec.effect === 'session');
  const blocks: readonly Block[] = [
    ...introduction,
    ...describeOptions(options),
    { kind: 'section', text: 'Commands' },
    { kind: 'paragraph', text: 'Parameters in brackets are optional.' },
    ...describeNamespace(registry.root),
    { kind: 'section', text: 'Builtins' },
    { kind: 'paragraph', text: 'These work in every namespace of the interactive shell.' },
    ...builtins.flatMap(describeCommand),
    ...closing,
  ];
  return format === 'man' ? writeMan(blocks, about) : writeMarkdown(blocks);
}

function describeNamespace(namespace: Namespace): readonly Block[] {
  const words = listWords(namespace);
  const specs = words.flatMap(({ word, isNamespace }) => (isNamespace ? [] : [namespace.commands.get(word)]));
  const inner = words.flatMap(({ word, isNamespace }) =>
    isNamespace ? [namespace.namespaces.get(word)] : [],
  );
  const title: readonly Block[] =
    namespace.path.length === 0 || specs.length === 0
      ? []
      : [
          { kind: 'namespace', text: namespace.path.join(' ') },
          { kind: 'paragraph', text: namespace.brief },
        ];
  return [
    ...title,
    ...specs.flatMap((spec) => (spec ? describeCommand(spec) : [])),
    ...inner.flatMap((next) => (next ? describeNamespace(next) : [])),
  ];
}

function describeCommand(spec: CommandSpec): readonly Block[] {
  const isQuery = spec.query !== undefined;
  const entries = isQuery
    ? listQueryParts(spec.query?.columns ?? [])
    : listKeys(spec.params).map((key) => [showKey(key), describeKey(key)] as const);
  const older = (spec.aliases ?? []).map((path) => path.join(' ')).join(', ');
  return [
    { kind: 'command', text: spec.path.join(' ') },
    { kind: 'paragraph', text: spec.brief },
    { kind: 'code', lines: wrapUsage(showUsage(spec), usageColumns) },
    ...(entries.length === 0 ? [] : [{ kind: 'entries', entries } as const]),
    ...(spec.details ?? '')
      .split('\n\n')
      .filter((text) => text !== '')
      .map((text) => ({ kind: 'paragraph', text }) as const),
    ...spec.examples.flatMap(({ line, note }): readonly Block[] => [
      { kind: 'paragraph', text: note },
      { kind: 'code', lines: [line] },
    ]),
    ...(older === '' ? [] : [{ kind: 'paragraph', text: `Aliases: ${older}.` } as const]),
  ];
}
