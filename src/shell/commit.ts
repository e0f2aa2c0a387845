import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../domain/settings.ts';
import type { View } from '../output/view.ts';
import type { StoreChange, StoreTransaction } from '../ports.ts';
import type { WriteResult } from '../registry/spec.ts';
import { addWarnings } from './warnings.ts';
import type { World } from './world.ts';

/**
 * Saves a change and puts it in force; whatever fails, store and system are as they were. `mustHold`: the system is
 * made to follow the settings even where they stay the same.
 */
export async function commit(
  result: WriteResult,
  transaction: StoreTransaction,
  world: World,
  mustHold = false,
): Promise<View> {
  const { change, view } = result;
  const isChanged = change.settings !== undefined || change.accounts !== undefined;
  if (!world.appliance.manages || !reachesSystem(change, transaction.settings(), mustHold)) {
    if (isChanged) transaction.save(change);
    return view;
  }
  const undo = rememberFormer(change, transaction);
  const report = await world.appliance.apply(change.settings ?? transaction.settings(), transaction, {
    save: () => isChanged && transaction.save(change),
    restore: () => isChanged && transaction.save(undo),
    ...(mustHold ? {} : { former: transaction.settings() }),
  });
  return addWarnings(view, report.warnings);
}

/** Whether a change is in something that the system is to follow, or `mustHold`. */
export function reachesSystem({ settings }: StoreChange, present: Settings, mustHold: boolean): boolean {
  const pick = ({ two_factor, pending, ssh }: Settings) => ({ two_factor, pending, ssh });
  return mustHold || (settings !== undefined && !isDeepStrictEqual(pick(settings), pick(present)));
}

/** The change that puts back what `change` replaces. */
function rememberFormer(change: StoreChange, transaction: StoreTransaction): StoreChange {
  const accounts = new Map(
    [...(change.accounts?.keys() ?? [])].map((name) => [name, transaction.account(name) ?? null]),
  );
  return {
    ...(change.settings ? { settings: transaction.settings() } : {}),
    ...(accounts.size > 0 ? { accounts } : {}),
  };
}
