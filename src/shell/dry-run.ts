import type { View } from '../output/view.ts';
import type { StoreReader } from '../ports.ts';
import type { WriteResult } from '../registry/spec.ts';
import type { World } from './world.ts';

/**
 * What a change would do: its answer, without secrets that will never be used, and a diff of every system file.
 * `mustHold` is that of `commit`.
 */
export async function describeDryRun(
  { change, view }: WriteResult,
  reader: StoreReader,
  world: World,
  mustHold: boolean,
): Promise<View> {
  const present = reader.settings();
  const diff =
    world.appliance.manages && (change.settings || mustHold)
      ? await world.appliance.diff(change.settings ?? present, reader, mustHold ? undefined : present)
      : '';
  const data =
    view.data !== null && typeof view.data === 'object' && !Array.isArray(view.data)
      ? (view.data as { readonly [key: string]: never })
      : {};
  const { secret: _s, provisioning_uri: _u, recovery_codes: _r, ...shown } = data;
  const { enrolment: _e, ...rest } = view;
  return {
    ...rest,
    data: { ...shown, dry_run: true, diff },
    warnings: [...(view.warnings ?? []), 'dry run: nothing was changed'],
    ...(diff === '' ? {} : { appendix: diff }),
  };
}
