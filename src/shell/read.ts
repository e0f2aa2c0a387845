import type { View } from '../output/view.ts';
import type { CompiledCommand } from '../registry/compiled.ts';
import { takeSnapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** Runs a command that changes nothing, in a dry run as ever; a query's rows are chosen and sorted. */
export async function performRead(compiled: CompiledCommand, input: never, world: World): Promise<View> {
  const { spec, query } = compiled;
  const at = takeSnapshot(world, world.store);
  if (spec.effect === 'observe') return spec.run(input, at, world.actPorts);
  if (spec.effect !== 'read') throw new Error(`${spec.path.join(' ')} does not only read`);
  if (!query || !spec.query) return spec.run(input, at, () => false);
  const { countRows, selectRows } = await import('./select-rows.ts');
  return selectRows(await spec.run(input, at, countRows(query)), query, spec.query);
}
