import type { Problem } from '../errors.ts';
import type { Arguments } from '../language/ast.ts';
import { parseArguments, parseHead } from '../language/parse.ts';
import type { Span } from '../language/span.ts';
import { unwrapLine } from '../language/wrapping.ts';
import { parseQuery } from '../query/parse.ts';
import { findUnknownColumns } from '../query/run.ts';
import { type Binding, bindArguments } from './bind.ts';
import { compileNamespace, readOwnName } from './compile-namespace.ts';
import type { Compiled, Reading } from './compiled.ts';
import { dropLineEnd } from './line-end.ts';
import { mendPath } from './mend-path.ts';
import { offerLine } from './offer.ts';
import { resolveHead } from './resolve.ts';
import { takeArguments } from './take-arguments.ts';
import type { Registry } from './tree.ts';

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
