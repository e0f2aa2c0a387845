import type { Settings } from '../domain/settings.ts';
import { isPosternError, type PosternError } from '../errors.ts';
import { addWarnings, changesView, type View } from '../output/view.ts';
import type { Appliance } from '../ports/appliance.ts';
import type { StoreReader, StoreTransaction } from '../ports/store.ts';
import type { Input, WriteCommand } from '../registry/spec.ts';
import { defaultSettings } from '../store/defaults.ts';
import type { AuditRecord } from './audit.ts';
import { noticeLosses, rememberGone } from './commit.ts';
import { takeSnapshot } from './snapshot.ts';
import type { World } from './world.ts';

/**
 * The way back in: a change that switches codes off. It is never refused because something else is wrong. On an
 * appliance the switch comes first and the store after it; where the store cannot be written, the switch stands all
 * the same, and the answer says for how long.
 */
export async function performRecovery(
  spec: WriteCommand,
  input: Input,
  world: World,
  record: AuditRecord,
): Promise<View> {
  let wasAsking = false;
  const throwSwitch = async (settings?: Settings) => {
    const thrown = await world.appliance.switchOff(settings);
    // A second call sees the state left by the first.
    wasAsking ||= thrown?.wasAsking ?? false;
    return thrown && { ...thrown, wasAsking };
  };
  try {
    return await world.store.withLock(
      (transaction) => switchOffAndSave(spec, input, transaction, world, throwSwitch, record),
      'recovery',
    );
  } catch (error) {
    if (!isStoreFailure(error)) throw error;
    const thrown = await throwSwitch();
    if (!thrown) throw error;
    return describeUnsaved(error, thrown);
  }
}

type Thrown = NonNullable<Awaited<ReturnType<Appliance['switchOff']>>>;

async function switchOffAndSave(
  spec: WriteCommand,
  input: Input,
  transaction: StoreTransaction,
  world: World,
  throwSwitch: (settings?: Settings) => Promise<Thrown | undefined>,
  record: AuditRecord,
): Promise<View> {
  const { reader: tolerant, notices } = tolerateDamage(transaction, world);
  const { reader, lost } = noticeLosses(tolerant);
  const { change: wanted, view } = await spec.run(input, takeSnapshot(world, reader));
  const change = await rememberGone(wanted, reader, lost, world.clock.nowMs());
  const warnings = [...notices];
  const thrown = await throwSwitch(change.settings);
  // What cannot be read is mended by being written, even where nothing changes.
  const settings = change.settings ?? (notices.length > 0 ? reader.settings() : undefined);
  if (settings || change.accounts) {
    transaction.save(settings ? { ...change, settings } : change, () => record.before(view));
  }
  if (thrown) {
    const tidied = await world.appliance.tidy(settings ?? reader.settings(), reader);
    // Saving gave the reserve of a full disk up: what held until the next boot may be written for good by now.
    const standing = thrown.until === 'boot' ? await throwSwitch(change.settings) : thrown;
    warnings.push(...(standing?.warnings ?? []), ...tidied.warnings);
  }
  return addWarnings(thrown?.wasAsking ? tellSwitch(view) : view, warnings);
}

/** Settings that were lost compare as unchanged; that codes are no longer asked for is a change all the same. */
function tellSwitch(view: View): View {
  const { data } = view;
  if (data === null || typeof data !== 'object' || !('changed' in data) || data.changed) return view;
  return {
    ...view,
    data: { ...data, changed: true, changes: [{ key: 'enforcement', from: 'on', to: 'off' }] },
  };
}

/** Reads that answer the defaults where the settings are lost for good. */
export function tolerateDamage(
  present: StoreReader,
  world: World,
): { reader: StoreReader; notices: readonly string[] } {
  try {
    present.settings();
    return { reader: present, notices: [] };
  } catch (error) {
    if (!isPosternError(error) || error.code !== 'store.damaged') throw error;
    // What the lost ones remembered of used codes is lost with them.
    const defaults = { ...defaultSettings(world.hostName), forgotten_until_ms: world.clock.nowMs() };
    const { account, accountNames } = present;
    return {
      reader: { settings: () => defaults, account, accountNames },
      notices: [`${error.message}: the settings start again from their defaults`],
    };
  }
}

function isStoreFailure(error: unknown): error is PosternError {
  return isPosternError(error) && (error.code.startsWith('store.') || error.code === 'permission.store');
}

/** The answer where the switch is all that could be thrown. */
function describeUnsaved(error: PosternError, { until, wasAsking, warnings: more }: Thrown): View {
  const lasting =
    until === 'boot'
      ? 'codes are off until the next boot: the switch is set in /run/postern'
      : 'codes are off: the switch stays off until the settings change';
  const warnings = [`the settings could not be saved: ${error.message}`, ...new Set([...more, lasting])];
  const to = until === 'boot' ? 'off until the next boot' : 'off';
  const changes = wasAsking ? [{ key: 'enforcement', from: 'on', to }] : [];
  return changesView(changes, warnings);
}
