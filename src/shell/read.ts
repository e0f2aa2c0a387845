import type { View } from '../output/view.ts';
import type { CompiledCommand } from '../registry/compile.ts';
import { takeSnapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** Runs a command that changes nothing, in a dry run as ever; a query's rows are chosen and sorted. */
export async function performRead(compiled: CompiledCommand, input: never, world: World): Promise<View> {
  const { spec, query } = compiled;
  const at = takeSnapshot(world, world.store);
  if (spec.effect === 'observe') return spec.run(input, at, world.actPorts);
  if (spec.effect !== 'read') throw new Error(`${spec.path.join(' ')} does not only read`);
  const view = await spec.run(input, at);
  if (!query || !spec.query) return view;
  const { selectRows } = await import('./select-rows.ts');
  return selectRows(view, query, spec.query);
}
