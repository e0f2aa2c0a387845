import type { Problem } from '../errors.ts';
import type { Arguments, Head, Word } from '../language/ast.ts';
import { parseHead } from '../language/head.ts';
import { parseArguments } from '../language/parse.ts';
import type { Span } from '../language/span.ts';
import { unwrapLine } from '../language/wrapping.ts';
import { parseQuery } from '../query/parse.ts';
import { findUnknownColumns } from '../query/run.ts';
import { type Binding, bindArguments } from './bind.ts';
import type { Compiled, Reading } from './compiled.ts';
import { mendPath } from './mend-path.ts';
import { dropLineEnd, offerLine } from './offer.ts';
import { describeUnknown, resolveHead } from './resolve.ts';
import { takeArguments } from './take-arguments.ts';
import type { Namespace, Registry } from './tree.ts';

const noArguments: Arguments = {
  positionals: [],
  named: [],
  edit: undefined,
  help: undefined,
  redirect: undefined,
  problems: [],
};

/**
 * Parses, resolves and binds one line typed at `location`. Pure: everything wrong comes back as `problems`. A hint that
 * is a line was read in the same way, and nothing is wrong with it.
 */
export function compileLine(text: string, location: readonly string[], registry: Registry): Compiled {
  const read = (line: string): Reading => readLine(line, location, registry);
  const reading = read(text);
  if (reading.kind !== 'wrong') return reading;
  const ended = dropLineEnd(text);
  const without = ended === undefined ? undefined : read(ended.line);
  if (ended && without && without.kind !== 'wrong' && !(without.kind === 'command' && ended.isIn(without)))
    return without;
  return { kind: 'problems', problems: offerLine(text, reading, read) };
}

function readLine(typed: string, location: readonly string[], registry: Registry): Reading {
  const text = unwrapLine(typed);
  const head = parseHead(text);
  const target = resolveHead(head, location, registry);
  if (target.kind === 'unknown') {
    const lines = mendPath({ text, head, ...target }, registry);
    return { kind: 'wrong', problems: [target.problem], lines };
  }
  if (target.kind === 'namespace') {
    const named = readOwnName(text, target);
    return named === undefined
      ? compileNamespace(text, head, target, registry)
      : readLine(named, location, registry);
  }

  const { spec, path, end, within } = target;
  const command = { kind: 'command', spec, path, text, end, query: undefined, edit: undefined } as const;
  if (spec.query) {
    const { problems, ...parsed } = parseQuery(text, end);
    if (parsed.help) return { kind: 'explain', namespace: registry.root, spec };
    const unknown = parsed.query ? findUnknownColumns(parsed.query, spec.query.columns) : [];
    if (problems.length + unknown.length > 0)
      return { kind: 'wrong', problems: inOrder([...problems, ...unknown]), lines: [] };
    const binding: Binding = { input: {}, spans: new Map(), missing: [], problems: [] };
    return { ...command, args: noArguments, binding, query: parsed.query, redirect: parsed.redirect };
  }
  const typedArguments = parseArguments(text, end);
  if (typedArguments.help) return { kind: 'explain', namespace: registry.root, spec };
  const args = takeArguments(typedArguments, spec, text);
  const binding = bindArguments(text, end, spec, args);
  const problems = [...args.problems, ...besideOthers(binding.problems, args.problems)];
  if (problems.length > 0) return { kind: 'wrong', problems: inOrder(problems), lines: [] };
  const { edit, redirect } = args;
  return { ...command, args, binding: within ? placeWithin(binding, within) : binding, edit, redirect };
}

/** `auth ls user`: the path that a builtin takes begins where it was typed. */
function placeWithin(binding: Binding, within: readonly string[]): Binding {
  const path = ['', ...within].length > 1 ? `/${within.join(' ')}` : '/';
  return { ...binding, input: { ...binding.input, path: `${path} ${binding.input.path ?? ''}`.trim() } };
}

/**
 * What binding found beside what could not be read: a value that is broken is not told to be of the wrong kind too,
 * and hints made for a line that cannot be read would not help.
 */
function besideOthers(problems: readonly Problem[], unread: readonly Problem[]): readonly Problem[] {
  if (unread.length === 0) return problems;
  const isCovered = (span: Span) =>
    unread.some(({ span: other }) => other && other.start < span.end && span.start < other.end);
  return problems
    .filter(({ span }) => !span || !isCovered(span))
    .map(({ instruction, hint, ...problem }) => {
      const said = instruction ?? hint;
      return said === undefined || said === '' ? problem : { ...problem, hint: said };
    });
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(
    (a, b) => (a.span?.start ?? Number.MAX_SAFE_INTEGER) - (b.span?.start ?? Number.MAX_SAFE_INTEGER),
  );
}

/** A line whose path ends at a namespace: it enters it, asks about it, or lacks a command. */
function compileNamespace(
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
function readOwnName(
  text: string,
  { namespace, end }: { readonly namespace: Namespace; readonly end: number },
): string | undefined {
  const found = /^\s+((?:service|id_or_name)\s*=\s*["']?)(\w+)(["']?)(?=\s|$)/.exec(text.slice(end));
  if (found === null || !namespace.commands.has(found[2] ?? '')) return undefined;
  const [whole, key = '', word = '', close = ''] = found;
  const before = text.slice(0, end + whole.length - key.length - word.length - close.length);
  return `${before}${' '.repeat(key.length)}${word}${' '.repeat(close.length)}${text.slice(end + whole.length)}`;
}

/** What is where a command is expected and is no plain word: a `key=value`, or a word with a sign in it. */
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
