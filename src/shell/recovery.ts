import { isPosternError, type PosternError } from '../errors.ts';
import type { View } from '../output/view.ts';
import type { StoreReader, StoreTransaction } from '../ports.ts';
import type { WriteCommand } from '../registry/spec.ts';
import { defaultSettings } from '../store/defaults.ts';
import { takeSnapshot } from './snapshot.ts';
import { addWarnings } from './warnings.ts';
import type { World } from './world.ts';

/**
 * The way back in: a change that switches codes off. It is never refused because something else is wrong. On an
 * appliance the switch comes first and the store after it; where the store cannot be written, the switch stands all
 * the same, and the answer says for how long.
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
  const warnings = [...notices];
  const thrown = world.appliance.manages ? await world.appliance.switchOff() : undefined;
  // What cannot be read is mended by being written, even where nothing changes.
  const settings = change.settings ?? (notices.length > 0 ? reader.settings() : undefined);
  if (settings || change.accounts) transaction.save(settings ? { ...change, settings } : change);
  if (thrown) {
    const tidied = await world.appliance.tidy(settings ?? reader.settings(), reader);
    // Saving gave the reserve of a full disk up: what held until the next boot may be written for good by now.
    const standing = thrown.until === 'boot' ? await world.appliance.switchOff() : thrown;
    warnings.push(...standing.warnings, ...tidied.warnings);
  }
  return addWarnings(view, warnings);
}

/** Reads that answer the defaults where the settings are lost for good. */
function tolerateDamage(
  transaction: StoreTransaction,
  world: World,
): { reader: StoreReader; notices: string[] } {
  try {
    transaction.settings();
    return { reader: transaction, notices: [] };
  } catch (error) {
    if (!isPosternError(error) || error.code !== 'store.damaged') throw error;
    const defaults = defaultSettings(world.hostName);
    const { account, accountNames } = transaction;
    return {
      reader: { settings: () => defaults, account, accountNames },
      notices: [`${error.message}: the settings start from their defaults again`],
    };
  }
}

function isStoreFailure(error: unknown): error is PosternError {
  return isPosternError(error) && (error.code.startsWith('store.') || error.code === 'permission.store');
}

async function switchOffWithoutStore(error: PosternError, world: World): Promise<View> {
  const { until, warnings: more } = await world.appliance.switchOff();
  const lasting =
    until === 'boot'
      ? 'codes are not asked for until the next boot: the switch is set in /run/postern'
      : 'codes are not asked for: the switch says off until the settings are changed';
  const warnings = [`the settings could not be saved: ${error.message}`, ...new Set([...more, lasting])];
  const to = until === 'boot' ? 'off until the next boot' : 'off';
  return {
    shape: 'changes',
    data: { changed: true, changes: [{ key: 'enforcement', from: null, to }], warnings },
    warnings,
  };
}
