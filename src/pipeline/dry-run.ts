import { isPosternError } from '../errors.ts';
import { addWarnings, type JsonObject, type View } from '../output/view.ts';
import type { StoreReader } from '../ports/store.ts';
import type { CompiledCommand } from '../registry/compiled.ts';
import type { Input, Rehearsal, WriteCommand, WriteResult } from '../registry/spec.ts';
import { reachesSystem, readAfter } from './commit.ts';
import { rehearse } from './confirm.ts';
import { performRead } from './read.ts';
import { tolerateDamage } from './recovery.ts';
import { takeSnapshot } from './snapshot.ts';
import type { World } from './world.ts';

const nothingChanged = 'dry run: nothing was changed';

/**
 * What a line answers in a dry run. Commands that only look run as ever; of the others it says what they would do, by
 * reads alone: without the store's lock, and with ports that change nothing. Asks nothing.
 */
export async function performDryRun(compiled: CompiledCommand, input: Input, world: World): Promise<View> {
  const { spec, redirect } = compiled;
  switch (spec.effect) {
    case 'read':
    case 'observe': {
      const view = await performRead(compiled, input, world);
      return redirect ? withhold(view, redirect.path) : view;
    }
    case 'act': {
      const at = takeSnapshot(world, world.store);
      return withPath(describeRehearsal(await spec.rehearse(input, at, world.actPorts)), redirect?.path);
    }
    case 'write':
      return withPath(await rehearseWrite(spec, input, world), redirect?.path);
    case 'session':
      throw new Error('a builtin is not run by the pipeline');
    default:
      return spec satisfies never;
  }
}

async function rehearseWrite(spec: WriteCommand, input: Input, world: World): Promise<View> {
  const isRecovery = spec.isRecovery?.(input) ?? false;
  const { reader, notices } = isRecovery
    ? tolerateDamage(world.store, world)
    : { reader: world.store, notices: [] };
  const result = await rehearse(spec, input, takeSnapshot(world, reader));
  // The way back in throws the switch and looks at every file, whether the settings change or not.
  const reapply = isRecovery || (spec.reapply?.(input) ?? false);
  try {
    const diff = await diffSystem(result, reader, world, reapply);
    return addWarnings(describeChange(result.view, diff), notices);
  } catch (error) {
    if (!isRecovery || !isPosternError(error)) throw error;
    return addWarnings(describeChange(result.view, ''), [...notices, error.message]);
  }
}

async function diffSystem(
  { change }: WriteResult,
  reader: StoreReader,
  world: World,
  reapply: boolean,
): Promise<string> {
  const present = reader.settings();
  if (!reachesSystem(change, reader, reapply)) return '';
  return world.appliance.diff(
    change.settings ?? present,
    readAfter(change, reader),
    reapply ? undefined : present,
  );
}

/** The answer of a change that is not made, without the secrets that nobody will ever use. */
function describeChange({ enrolment: _, ...view }: View, diff: string): View {
  const { secret: _s, provisioning_uri: _u, recovery_codes: _r, ...shown } = fieldsOf(view);
  return {
    ...view,
    data: { ...shown, dry_run: true, diff },
    warnings: [...(view.warnings ?? []), nothingChanged],
    ...(diff === '' ? {} : { appendix: diff }),
  };
}

function describeRehearsal({ would, data, diff = '', warnings = [] }: Rehearsal): View {
  return {
    shape: 'text',
    text: would === undefined ? 'unchanged' : `would ${would}`,
    data: { ...data, would: would ?? null, dry_run: true, diff },
    warnings: [...warnings, nothingChanged],
    ...(diff === '' ? {} : { appendix: diff }),
  };
}

/** What was meant for a file is not shown on a screen instead: it may be a secret. */
function withhold({ exitCode }: View, path: string): View {
  const would = `write the answer to the new file ${path}`;
  return {
    shape: 'text',
    text: `would ${would}`,
    data: { would, dry_run: true },
    warnings: [nothingChanged],
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

function withPath(view: View, path: string | undefined): View {
  return path === undefined ? view : addWarnings(view, [`dry run: ${path} was not written`]);
}

function fieldsOf({ data }: View): JsonObject {
  return data !== null && typeof data === 'object' && !Array.isArray(data) ? (data as JsonObject) : {};
}
