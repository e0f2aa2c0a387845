import type { JsonObject, View } from '../output/view.ts';
import type { CompiledCommand } from '../registry/compiled.ts';
import type { CommandSpec, Input, Snapshot } from '../registry/spec.ts';
import { takeSnapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** Runs a command that changes nothing, in a dry run as ever; a query's rows are chosen and sorted. */
export async function performRead(compiled: CompiledCommand, input: Input, world: World): Promise<View> {
  const { spec, query } = compiled;
  const snapshot = takeSnapshot(world, world.store);
  const isEnough = query && spec.query ? (await import('./select-rows.ts')).countRows(query) : () => false;
  const view = await runReading(spec, input, snapshot, world, isEnough);
  if (!query || !spec.query) return view;
  const { selectRows } = await import('./select-rows.ts');
  return selectRows(view, query, spec.query);
}

function runReading(
  spec: CommandSpec,
  input: Input,
  snapshot: Snapshot,
  world: World,
  isEnough: (row: JsonObject) => boolean,
): View | Promise<View> {
  if (spec.effect === 'observe') return spec.run(input, snapshot, world.actPorts);
  if (spec.effect === 'read') return spec.run(input, snapshot, isEnough);
  throw new Error(`${spec.path.join(' ')} does not only read`);
}
