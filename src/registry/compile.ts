import type { Problem } from '../errors.ts';
import type { Arguments, Query } from '../language/ast.ts';
import { parseArguments, parseHead } from '../language/parse.ts';
import { parseQuery } from '../language/query.ts';
import type { Span } from '../language/span.ts';
import { type Binding, bindArguments } from './bind.ts';
import { resolveHead } from './resolve.ts';
import type { CommandSpec } from './spec.ts';
import type { Namespace, Registry } from './tree.ts';

/** A command with its input, ready to run once nothing is missing. */
export type CompiledCommand = {
  readonly kind: 'command';
  readonly spec: CommandSpec;
  /** The words it was called by: an older name stays visible in the audit log. */
  readonly path: readonly string[];
  readonly text: string;
  /** Offset after the path. */
  readonly end: number;
  readonly binding: Binding;
  readonly query: Query | undefined;
  /** `--` or `-- edit` at the end: ask for the parameters first. */
  readonly edit: Arguments['edit'];
  readonly redirect: { readonly path: string; readonly span: Span } | undefined;
};

/** What a line means, before anything is done. */
export type Compiled =
  | { readonly kind: 'empty' }
  | { readonly kind: 'enter'; readonly path: readonly string[] }
  | { readonly kind: 'explain'; readonly namespace: Namespace; readonly spec: CommandSpec | undefined }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }
  | CompiledCommand;

/** Parses, resolves and binds one line typed at `location`. Pure: everything wrong comes back as `problems`. */
export function compileLine(text: string, location: readonly string[], registry: Registry): Compiled {
  const head = parseHead(text);
  const target = resolveHead(text, head, location, registry);
  if (target.kind === 'unknown') {
    // A line that cannot even be read is reported as that: its words may be something else once it is mended.
    const { problems } = parseArguments(text, head.end);
    return { kind: 'problems', problems: problems.length > 0 ? problems : [target.problem] };
  }
  if (target.kind === 'namespace')
    return compileNamespace(text, head.words.length === 0 && !head.absolute && head.ups === 0, target);

  const { spec, path, end } = target;
  if (spec.effect === 'read' && spec.query) {
    const parsed = parseQuery(text, end);
    if (parsed.help) return { kind: 'explain', namespace: registry.root, spec };
    if (parsed.problems.length > 0) return { kind: 'problems', problems: parsed.problems };
    const binding: Binding = { input: {}, spans: new Map(), missing: [], problems: [] };
    return {
      kind: 'command',
      spec,
      path,
      text,
      end,
      binding,
      query: parsed.query,
      edit: undefined,
      redirect: parsed.redirect,
    };
  }
  const args = parseArguments(text, end);
  if (args.help) return { kind: 'explain', namespace: registry.root, spec };
  const binding = bindArguments(text, end, spec, args);
  const problems = [...args.problems, ...besideOthers(binding.problems, args.problems)];
  if (problems.length > 0) return { kind: 'problems', problems: inOrder(problems) };
  return {
    kind: 'command',
    spec,
    path,
    text,
    end,
    binding,
    query: undefined,
    edit: args.edit,
    redirect: args.redirect,
  };
}

function compileNamespace(
  text: string,
  isBare: boolean,
  { namespace, end }: { readonly namespace: Namespace; readonly end: number },
): Compiled {
  const args = parseArguments(text, end);
  if (args.help) return { kind: 'explain', namespace, spec: undefined };
  if (args.problems.length > 0) return { kind: 'problems', problems: args.problems };
  const extra = args.positionals[0] ?? args.named[0];
  if (extra) {
    const source = text.slice(extra.span.start, extra.span.end);
    const where = namespace.path.length === 0 ? 'here' : `in ${namespace.path.join(' ')}`;
    const problem: Problem = {
      code: 'resolve.no_command',
      message: `a command is missing ${where} before ${source}`,
      span: extra.span,
      hint: namespace.path.length === 0 ? 'ls' : `ls /${namespace.path.join(' ')}`,
    };
    return { kind: 'problems', problems: [problem] };
  }
  return isBare ? { kind: 'empty' } : { kind: 'enter', path: namespace.path };
}

/**
 * What binding found beside what could not be read: a value that is broken is not told to be of the wrong kind too,
 * and hints made for a line that cannot be read would not help.
 */
function besideOthers(problems: readonly Problem[], unread: readonly Problem[]): readonly Problem[] {
  if (unread.length === 0) return problems;
  const isCovered = (span: Span) =>
    unread.some(({ span: other }) => other && other.start < span.end && span.start < other.end);
  return problems.filter(({ span }) => !span || !isCovered(span)).map(({ hint: _, ...problem }) => problem);
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(
    (a, b) => (a.span?.start ?? Number.MAX_SAFE_INTEGER) - (b.span?.start ?? Number.MAX_SAFE_INTEGER),
  );
}
