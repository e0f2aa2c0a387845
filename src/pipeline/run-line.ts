import { isPosternError, PosternError } from '../errors.ts';
import { addWarnings, type View } from '../output/view.ts';
import type { NewFile } from '../platform/new-file.ts';
import { refuseMissing } from '../registry/bind.ts';
import { compileLine } from '../registry/compile.ts';
import type { CompiledCommand } from '../registry/compiled.ts';
import { redactCommand } from '../registry/redact.ts';
import type { CommandSpec, Input, SessionCommand, WriteCommand } from '../registry/spec.ts';
import { type AuditRecord, openRecord } from './audit.ts';
import { commit, noticeLosses } from './commit.ts';
import { confirmFirst } from './confirm.ts';
import { editInput, fillInput } from './input/fill.ts';
import { performRead } from './read.ts';
import { performRecovery } from './recovery.ts';
import { takeSnapshot } from './snapshot.ts';
import type { SessionState, World } from './world.ts';

/** What one line came to. `undefined` view: nothing to show. */
export type LineResult = {
  readonly view: View | undefined;
  /** Where the answer goes instead of standard output. */
  readonly redirect: NewFile | undefined;
  readonly command: CompiledCommand | undefined;
};

const nothing: LineResult = { view: undefined, redirect: undefined, command: undefined };

/**
 * Runs one line: the one pipeline that every way into Postern goes through.
 * Errors: PosternError, with nothing changed.
 */
export async function runLine(text: string, state: SessionState, world: World): Promise<LineResult> {
  const compiled = compileLine(text, state.location, world.registry);
  switch (compiled.kind) {
    case 'empty':
      return nothing;
    case 'enter':
      return enterNamespace(compiled.path, state, world);
    case 'problems':
      throw new PosternError(compiled.problems);
    case 'explain': {
      const { explainLine } = await import('./explain-line.ts');
      return { ...nothing, view: explainLine(text, state, world) };
    }
    case 'command':
      return runCommand(compiled, state, world);
    default:
      return compiled satisfies never;
  }
}

async function enterNamespace(
  path: readonly string[],
  state: SessionState,
  world: World,
): Promise<LineResult> {
  state.location = path;
  if (state.navigates) return nothing;
  // A namespace alone, as one command: there is nothing to be inside of, so it answers what it holds.
  const { listNamespace } = await import('./explain-line.ts');
  return { ...nothing, view: listNamespace(path, world.registry) };
}

async function runCommand(compiled: CompiledCommand, state: SessionState, world: World): Promise<LineResult> {
  const { spec, redirect: target } = compiled;
  if (spec.effect === 'session')
    return { ...nothing, view: await runBuiltin(spec, compiled, state, world), command: compiled };

  const redirect = target ? openTarget(target, world) : undefined;
  try {
    const input = compiled.edit ? await editInput(compiled, world) : await fillInput(compiled, world);
    const line = redactCommand(compiled, input);
    const view = await audited(compiled, line, world, (record) => perform(compiled, input, world, record));
    return { view, redirect, command: compiled };
  } catch (error) {
    redirect?.discard();
    throw error;
  }
}

/**
 * The file of `> file`, made before anything is done; a dry run only finds out whether it could be. Where it cannot,
 * its path in the line is shown.
 */
function openTarget(
  { path, span }: NonNullable<CompiledCommand['redirect']>,
  world: World,
): NewFile | undefined {
  try {
    if (!world.options.dryRun) return world.openNewFile(path);
    world.actPorts.checkNewFile(path);
    return undefined;
  } catch (error) {
    if (!isPosternError(error)) throw error;
    throw new PosternError(
      error.problems.map((problem) => ({ ...problem, span })),
      error,
    );
  }
}

async function runBuiltin(
  spec: SessionCommand,
  compiled: CompiledCommand,
  state: SessionState,
  world: World,
): Promise<View | undefined> {
  if (compiled.binding.missing.length > 0) throw new PosternError(refuseMissing(compiled));
  return spec.run(compiled.binding.input, world.control(state));
}

async function perform(
  compiled: CompiledCommand,
  input: Input,
  outer: World,
  record: AuditRecord,
): Promise<View> {
  const { spec } = compiled;
  const world = readingOnce(outer);
  if (world.options.dryRun) return (await import('./dry-run.ts')).performDryRun(compiled, input, world);
  await confirmFirst(compiled, input, world);
  switch (spec.effect) {
    case 'read':
    case 'observe':
      return performRead(compiled, input, world);
    case 'act':
      return spec.run(input, takeSnapshot(world, world.store), world.actPorts);
    case 'write':
      return performWrite(spec, input, world, record);
    case 'session':
      throw new Error('a builtin is not run by the pipeline');
    default:
      return spec satisfies never;
  }
}

/** What was confirmed is what is imported, and standard input can be read only once. */
function readingOnce(world: World): World {
  const known = new Map<string, ReturnType<World['readExport']>>();
  const readExport: World['readExport'] = (path, long) => {
    const content = known.get(path) ?? world.readExport(path, long);
    known.set(path, content);
    return content;
  };
  return Object.create(world, { readExport: { value: readExport } }) as World;
}

async function performWrite(
  spec: WriteCommand,
  input: Input,
  world: World,
  record: AuditRecord,
): Promise<View> {
  if (spec.isRecovery?.(input)) return performRecovery(spec, input, world, record);
  const planMany = async () => spec.many?.(input, takeSnapshot(world, world.store));
  const many = await planMany();
  if (many)
    return (await import('./many.ts')).performMany(async () => (await planMany()) ?? many, world, record);
  return world.store.withLock(async (transaction) => {
    const { reader, lost } = noticeLosses(transaction);
    const result = await spec.run(input, takeSnapshot(world, reader));
    return commit(result, transaction, world, record, { reapply: spec.reapply?.(input) ?? false, lost });
  });
}

async function audited(
  { spec, redirect }: CompiledCommand,
  line: string,
  world: World,
  work: (record: AuditRecord) => Promise<View>,
): Promise<View> {
  const showsSecret = spec.effect === 'read' && spec.audited === true;
  const { dryRun } = world.options;
  // Of a dry run, what matters is that a secret was shown: nothing else has happened.
  const isAudited = dryRun ? showsSecret && !redirect : showsSecret || isChange(spec);
  const record = openRecord(world, line);
  if (!isAudited) return work(record);
  try {
    const view = await work(record);
    return addWarnings(view, record.after(view));
  } catch (error) {
    throw dryRun ? error : addUnaudited(error, record.after(error));
  }
}

/** The error with what the log could not take beside it: the log may say `done` of what was not done. */
function addUnaudited(error: unknown, warnings: readonly string[]): unknown {
  if (!isPosternError(error) || warnings.length === 0) return error;
  const also = warnings.map((message) => ({ code: 'store.audit', message }) as const);
  return new PosternError([...error.problems, ...also], error);
}

function isChange({ effect }: CommandSpec): boolean {
  return effect === 'write' || effect === 'act';
}
