import { describeKey, listKeys, showKey, showUsage } from './describe.ts';
import { helpColumns, layOutEntries, wrapText, wrapUsage } from './layout.ts';
import type { CommandSpec } from './spec.ts';
import { isOwnName, listWords, type Namespace, type Registry } from './tree.ts';

/** The help of a command, of a namespace, or of everything: plain text of 80 columns, without the last newline. */
export function renderHelp(target: CommandSpec | Namespace | Registry): string {
  if ('params' in target) return renderCommand(target);
  return 'builtins' in target ? renderOverview(target) : renderNamespace(target);
}

/** What a person needs first, on one screen of 80x24 with the line that asked for it and the next prompt. */
export function renderFirstHelp(registry: Registry): string {
  const namespaces = [...registry.root.namespaces.values()].map(listCommands);
  const builtins = registry.commands.filter((spec) => spec.effect === 'session');
  return [
    'To turn codes off:  auth two_factor update enabled=false',
    'To enrol an account (QR code):      account user renew_2fa_secret username=NAME',
    'To see what is in force:   auth two_factor status',
    '',
    'A line is: [namespace ...] command [key=value ...]',
    ...layOutEntries([
      ...namespaces,
      ['everywhere', builtins.map((spec) => spec.path.join(' ')).join(', ')] as const,
    ]),
    ...wrapText(
      '"help PATH" explains a command, "help all" lists them all. "?" at the end of a line shows what can follow; Tab completes.',
      helpColumns,
    ),
  ].join('\n');
}

/** What `ls` shows: the words that can be at a namespace, a line each; namespaces end in `/`. */
export function renderListing(namespace: Namespace): string {
  return layOutEntries(
    listWords(namespace).map(({ word, brief, isNamespace }) => [isNamespace ? `${word}/` : word, brief]),
  ).join('\n');
}

/** What a query can be made of, for help and `?`. */
export function listQueryParts(columns: readonly string[]): readonly (readonly [string, string])[] {
  return [
    ['COLUMN ...', `what to show: ${columns.join(', ')}`],
    [
      'where EXPR',
      'which to show: == != > >= < <= in, not in, .match("..."), .startswith("..."), .endswith("..."), and, or, not, ( )',
    ],
    ['order_by=COLUMN', 'sort by these columns; -COLUMN sorts descending'],
    ['limit=N', 'at most N rows'],
    ['offset=N', 'skip the first N rows'],
  ];
}

function renderCommand(spec: CommandSpec): string {
  const older = spec.aliases ?? [];
  return joinSections([
    [spec.path.join(' '), ...indent(spec.brief)],
    ['usage', ...wrapUsage(showUsage(spec), helpColumns - 2).map((line) => `  ${line}`)],
    listParameters(spec),
    spec.details === undefined ? [] : indent(spec.details),
    ['examples', ...spec.examples.flatMap(({ line, note }) => [`  ${line}`, ...indent(note, 6)])],
    older.length === 0 ? [] : ['aliases', ...older.map((path) => `  ${path.join(' ')}`)],
  ]);
}

function listParameters(spec: CommandSpec): readonly string[] {
  if (spec.query) return ['parts', ...layOutEntries(listQueryParts(spec.query.columns))];
  const keys = listKeys(spec.params);
  if (keys.length === 0) return [];
  return ['parameters', ...layOutEntries(keys.map((key) => [showKey(key), describeKey(key)]))];
}

function renderNamespace(namespace: Namespace): string {
  const path = namespace.path.join(' ');
  const older = [...namespace.commands].filter(([word, spec]) => !isOwnName(namespace, word, spec));
  return joinSections([
    [path, ...indent(namespace.brief)],
    [renderListing(namespace)],
    older.length === 0
      ? []
      : [
          'older names',
          ...layOutEntries(older.map(([word, spec]) => [word, `the same as ${spec.path.join(' ')}`])),
        ],
    wrapText(
      `"help ${path} COMMAND" explains a command; "${path} COMMAND ?" shows its parameters.`,
      helpColumns,
    ),
  ]);
}

function renderOverview(registry: Registry): string {
  const builtins = registry.commands.filter((spec) => spec.effect === 'session');
  return joinSections([
    [
      'A line is: [namespace ...] command [key=value ...]',
      'To turn codes off: auth two_factor update enabled=false',
    ],
    ['namespaces and commands', renderListing(registry.root)],
    ['from everywhere', ...layOutEntries(builtins.map((spec) => [showUsage(spec), spec.brief]))],
    ...[...registry.root.namespaces.values()].map(listBelow),
    wrapText(
      '"help PATH" explains a command; "?" at the end of a line shows what can follow; Tab completes.',
      helpColumns,
    ),
  ]);
}

/** All commands of a namespace and of those in it, with their whole path. */
function listBelow(namespace: Namespace): readonly string[] {
  return [namespace.path.join(' '), ...layOutEntries(collect(namespace))];
}

function collect(namespace: Namespace): readonly (readonly [string, string])[] {
  return listWords(namespace).flatMap(({ word, brief, isNamespace }) => {
    const inner = isNamespace ? namespace.namespaces.get(word) : undefined;
    return inner ? collect(inner) : [[[...namespace.path, word].slice(1).join(' '), brief] as const];
  });
}

/** The commands below a namespace; one that holds nothing but another is left out. */
function listCommands(namespace: Namespace): readonly [string, string] {
  const [only, ...others] = listWords(namespace);
  const inner = only?.isNamespace && others.length === 0 ? namespace.namespaces.get(only.word) : undefined;
  if (inner) return listCommands(inner);
  const words = collect(namespace).map(([path]) =>
    path
      .split(' ')
      .slice(namespace.path.length - 1)
      .join(' '),
  );
  return [namespace.path.join(' '), words.join(', ')];
}

function joinSections(sections: readonly (readonly string[])[]): string {
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function indent(text: string, spaces = 2): readonly string[] {
  return wrapText(text, helpColumns - spaces).map((line) =>
    line === '' ? '' : `${' '.repeat(spaces)}${line}`,
  );
}
