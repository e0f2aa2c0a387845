import type { Problem } from '../errors.ts';
import type { Arguments, NamedArgument, Value } from '../language/ast.ts';
import { addFault, createFaults, type Faults, finishProblems } from '../language/repair.ts';
import type { Span } from '../language/span.ts';
import type { Json } from '../output/view.ts';
import { type ExtraWord, explainExtra } from './bind-extra.ts';
import {
  explainClash,
  explainMissing,
  explainMissingValue,
  explainOption,
  explainSpaced,
  explainUnknownField,
  explainUnknownKey,
  explainWrongValue,
} from './bind-faults.ts';
import { setValue } from './dotted.ts';
import type { Kind } from './kinds.ts';
import { readValue } from './read-kind.ts';
import type { CommandSpec, ParamSpec } from './spec.ts';

/** A command's input, with what is wrong or missing. `input` holds what could be read, even beside problems. */
export type Binding = {
  readonly input: Readonly<Record<string, Json>>;
  /** Where each key's value is in the line: for errors that come later. */
  readonly spans: ReadonlyMap<string, Span>;
  /** Required parameters that were not given. */
  readonly missing: readonly string[];
  readonly problems: readonly Problem[];
};

/** A line whose arguments are bound: what was typed behind `end`, and what came of it. */
export type BoundCommand = {
  readonly text: string;
  readonly spec: CommandSpec;
  /** Offset after the path. */
  readonly end: number;
  /** As they were meant, see `takeArguments`; none in a query. */
  readonly args: Arguments;
  readonly binding: Binding;
};

/** What is gathered while the arguments of one line are bound. */
type Draft = {
  readonly text: string;
  readonly spec: CommandSpec;
  readonly args: Arguments;
  readonly input: Record<string, Json>;
  /** Keys given so far, dotted ones as typed. */
  readonly given: Set<string>;
  /** Every key that is in the line: none of them is suggested for another. */
  readonly named: ReadonlySet<string>;
  readonly spans: Map<string, Span>;
  readonly faults: Faults;
};

/**
 * Binds what is behind `from`, the end of the command's path, to the parameters of `spec`. Every problem is
 * reported; where one edit for each gives a line that binds, that line is the hint of all.
 */
export function bindArguments(text: string, from: number, spec: CommandSpec, args: Arguments): Binding {
  const draft = bindDraft(text, spec, args);
  const { input, given, faults, spans } = draft;
  const missing = Object.keys(spec.params).filter((name) => spec.params[name]?.required && !given.has(name));
  // Alone it is a question that a terminal can ask; beside other problems it is one of them.
  if (missing.length > 0 && faults.problems.length > 0) {
    addFault(faults, ...explainMissing(spec, missing, from, args));
  }
  for (const [name, param] of Object.entries(spec.params)) {
    if (param.default !== undefined && !given.has(name)) input[name] = param.default;
  }
  // Whether the mended line is right, whoever offers it finds out: it may need another step.
  return { input, spans, missing, problems: finishProblems(text, faults, () => true) };
}

/** The problem of required parameters that were not given and that nobody can be asked for. */
export function refuseMissing({ text, end, spec, args, binding }: BoundCommand): Problem {
  const faults = createFaults();
  addFault(faults, ...explainMissing(spec, binding.missing, end, args));
  return finishProblems(text, faults, () => true)[0] as Problem;
}

function bindDraft(text: string, spec: CommandSpec, args: Arguments): Draft {
  const named = new Set(args.named.map(({ key }) => key.split('.')[0] ?? key));
  const draft: Draft = {
    text,
    spec,
    args,
    input: {},
    given: new Set(),
    named,
    spans: new Map(),
    faults: createFaults(),
  };
  for (const argument of args.named) bindNamed(draft, argument);
  bindPositionals(draft, args.positionals);
  return draft;
}

function bindNamed(draft: Draft, argument: NamedArgument): void {
  const { spec, faults, given } = draft;
  const { key } = argument;
  const [name = '', ...fields] = key.split('.');
  const param = Object.hasOwn(spec.params, name) ? spec.params[name] : undefined;
  if (argument.dashed && (!param || !argument.value)) {
    addFault(faults, ...explainOption(argument, param));
    return;
  }
  if (!param) {
    const free = Object.keys(spec.params).filter((candidate) => !draft.named.has(candidate));
    const { fault, meant } = explainUnknownKey(spec, argument, free);
    addFault(faults, ...fault);
    if (meant !== undefined) given.add(meant);
    return;
  }
  let kind: Kind = param.kind;
  for (const field of fields) {
    const inner =
      kind.kind === 'object' && Object.hasOwn(kind.fields, field) ? kind.fields[field] : undefined;
    if (!inner) {
      addFault(faults, ...explainUnknownField(argument, name, kind));
      return;
    }
    kind = inner;
  }
  const clash = [...given].find(
    (other) => other === key || other.startsWith(`${key}.`) || key.startsWith(`${other}.`),
  );
  if (clash !== undefined) {
    addFault(faults, ...explainClash(argument, clash));
    return;
  }
  // A key that was given is not missing, whatever its value is worth.
  given.add(key);
  readInto(draft, param, kind, key, argument.value, argument.keySpan);
}

function bindPositionals(draft: Draft, values: readonly Value[]): void {
  const { text, spec, given, faults } = draft;
  const open = Object.entries(spec.params).filter(
    ([name, param]) => param.positional && !draft.named.has(name),
  );
  let next = 0;
  let isPaired = false;
  for (const [index, value] of values.entries()) {
    // "enabled false" is one mistake, not two.
    if (isPaired) {
      isPaired = false;
      continue;
    }
    const [name, param] = open[Math.min(next, open.length - 1)] ?? [];
    if (name !== undefined && param?.rest && given.has(name)) {
      const before = draft.input[name];
      readInto(draft, param, param.kind, name, value, value.span);
      draft.input[name] = `${String(before)} ${String(draft.input[name])}`;
      continue;
    }
    const follower = values[index + 1];
    if (name === undefined || !param || next >= open.length || (follower && isKeyAlone(draft, value))) {
      isPaired = follower !== undefined && isKeyAlone(draft, value);
      const { fault, meant } =
        isPaired && follower ? explainSpaced(text, value, follower) : explainExtra(extraWord(draft, value));
      addFault(faults, ...fault);
      // What it is mended to is not missing.
      if (meant !== undefined) given.add(meant);
      continue;
    }
    next += 1;
    given.add(name);
    readInto(draft, param, param.kind, name, value, value.span);
  }
}

/** A word too many, with what is around it. */
function extraWord({ text, spec, given, args, faults }: Draft, value: Value): ExtraWord {
  const free = (key: string) => {
    const name = key.split('.')[0] ?? key;
    return Object.hasOwn(spec.params, name) && !given.has(key) && !given.has(name);
  };
  // Nobody reads what is said of a hundred thousand words.
  const near = faults.problems.length < 20 ? args.named : [];
  const before = near.find(
    ({ span }) => span.end < value.span.start && text.slice(span.end, value.span.start).trim() === '',
  );
  const after = near.find(
    ({ span }) => span.start > value.span.end && text.slice(value.span.end, span.start).trim() === '',
  );
  return { text, spec, value, free, before, after };
}

/** `enabled false`: a word that is a key still free, with another word behind it. */
function isKeyAlone({ text, spec, named, given }: Draft, value: Value): boolean {
  const word = sourceOf(text, value);
  return Object.hasOwn(spec.params, word) && !named.has(word) && !given.has(word);
}

function readInto(
  draft: Draft,
  param: ParamSpec,
  kind: Kind,
  key: string,
  value: Value | undefined,
  keySpan: Span,
): void {
  if (!value) {
    addFault(draft.faults, ...explainMissingValue(key, keySpan, kind));
    return;
  }
  draft.spans.set(key, value.span);
  const source = sourceOf(draft.text, value);
  const read = readValue(kind, value, source);
  if ('value' in read) setValue(draft.input, key, read.value);
  else addFault(draft.faults, ...explainWrongValue(key, value, source, { ...param, kind }, read));
}

function sourceOf(text: string, value: Value): string {
  return text.slice(value.span.start, value.span.end);
}
