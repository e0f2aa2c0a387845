import type { Problem } from '../errors.ts';
import type { Arguments, Query } from '../language/ast.ts';
import type { Span } from '../language/span.ts';
import type { BoundCommand } from './bind.ts';
import type { CommandSpec } from './spec.ts';
import type { Namespace } from './tree.ts';

/** A command with its input, ready to run once nothing is missing. */
export type CompiledCommand = BoundCommand & {
  readonly kind: 'command';
  /** The words it was called by: an older name stays visible in the audit log. */
  readonly path: readonly string[];
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

/** What is wrong with a line, and the lines that may have been meant, none of them tried. */
export type Wrong = {
  readonly kind: 'wrong';
  readonly problems: readonly Problem[];
  readonly lines: readonly string[];
};

/** A line read once: its hints are not proven yet. */
export type Reading = Exclude<Compiled, { readonly kind: 'problems' }> | Wrong;
