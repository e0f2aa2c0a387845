import { isPosternError, type PosternError } from '../errors.ts';
import type { View } from '../output/view.ts';
import type { StoreReader, StoreTransaction } from '../ports.ts';
import type { WriteCommand } from '../registry/spec.ts';
import { defaultSettings } from '../store/defaults.ts';
import { addWarnings } from './session.ts';
import { takeSnapshot } from './snapshot.ts';
import type { World } from './world.ts';

/**
 * The way back in: a change that switches codes off. It is never refused because something else is wrong. On an
 * appliance the switch comes first and the store after it; where the store cannot be written, the switch in
 * /run/postern holds until the next boot and the answer says so.
 */
export async function performRecovery(spec: WriteCommand, input: never, world: World): Promise<View> {
  try {
    return await world.store.withLock((transaction) => switchOffAndSave(spec, input, transaction, world));
  } catch (error) {
    if (!world.appliance.manages || !isStoreFailure(error)) throw error;
    return switchOffWithoutStore(error, world);
  }
}

async function switchOffAndSave(
  spec: WriteCommand,
  input: never,
  transaction: StoreTransaction,
  world: World,
): Promise<View> {
  const { reader, notices } = tolerateDamage(transaction, world);
  const { change, view } = await spec.run(input, takeSnapshot(world, reader));
  // A damaged file is mended by being written, although its last good copy says "off" already.
  const settings = change.settings ?? (notices.length > 0 ? reader.settings() : undefined);
  const complete = settings ? { ...change, settings } : change;
  const warnings = [...notices];
  if (world.appliance.manages)
    warnings.push(...(await world.appliance.switchOff(settings ?? reader.settings(), reader)).warnings);
  if (complete.settings || complete.accounts) transaction.save(complete);
  if (world.appliance.manages) world.appliance.clearRunSwitch();
  return addWarnings(view, warnings);
}

/** Reads that answer the defaults where the settings are lost for good. */
function tolerateDamage(
  transaction: StoreTransaction,
  world: World,
): { reader: StoreReader; notices: string[] } {
  const notices: string[] = [];
  const defaults = defaultSettings(world.hostName);
  try {
    transaction.settings();
    return { reader: transaction, notices };
  } catch (error) {
    if (!isPosternError(error) || error.code !== 'store.damaged') throw error;
    notices.push(`${error.message}: the settings start from their defaults again`);
    const reader = {
      settings: () => defaults,
      account: transaction.account,
      accountNames: transaction.accountNames,
    };
    return { reader, notices };
  }
}

function isStoreFailure(error: unknown): error is PosternError {
  return isPosternError(error) && (error.code.startsWith('store.') || error.code === 'permission.store');
}

function switchOffWithoutStore(error: PosternError, world: World): View {
  world.appliance.switchOffUntilBoot();
  const warnings = [
    `the settings could not be saved: ${error.message}`,
    'codes are not asked for until the next boot: the switch is set in /run/postern',
  ];
  return {
    shape: 'changes',
    data: {
      changed: true,
      changes: [{ key: 'enforcement', from: null, to: 'off until the next boot' }],
      warnings,
    },
    warnings,
  };
}
