import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../domain/settings.ts';
import type { Random } from '../ports/machine.ts';
import type { Staging } from '../ports/store.ts';
import { statEntry } from './disk.ts';
import { folders, formerPath, stagedPath } from './layout.ts';
import type { Reader } from './reader.ts';
import { type Doubt, type SaveContext, saveChange } from './save.ts';
import { acquireStaging, endStaging, removeFolders } from './stage-lock.ts';
import { stageFolders } from './staging.ts';

/** A change of many accounts from its beginning to its end. */
export type OpenStaging = {
  readonly staging: Staging;
  /** Puts what was staged in force, with these settings. Errors: those of `saveChange`. */
  putInForce(context: SaveContext, settings: Settings, reader: Reader): Doubt | undefined;
  /** Puts in force what it has replaced. */
  putBack(context: SaveContext, settings: Settings): Doubt | undefined;
  /** Removes what is not in force. */
  end(): Promise<void>;
};

/**
 * Begins to write many accounts beside the store, as `reader` has it. `begin` is called when no other process does the
 * same: from then on every change must be noted. Errors: `store.busy`, those of writing.
 */
export async function openStaging(
  directory: string,
  random: Random,
  reader: Reader,
  begin: () => Promise<void>,
): Promise<OpenStaging> {
  const held = acquireStaging(directory, random);
  const { nonce: id } = held.self;
  let formerNote: string | null = null;
  try {
    await begin();
    await removeFolders(directory);
    const staging = stageFolders(directory, id, reader);
    return {
      staging,
      putInForce(context, settings, locked) {
        formerNote = locked.roster.note();
        const roster = staging.finish(locked);
        const change = { settings: { ...settings, roster }, shards: new Map() };
        return saveChange({ ...context, id, swap: new Set(folders) }, change);
      },
      putBack(context, settings) {
        const swap = new Set<string>();
        for (const folder of folders) {
          const former = formerPath(join(directory, folder), id);
          if (statEntry(former) === undefined) continue;
          renameSync(former, stagedPath(join(directory, folder), context.id));
          swap.add(folder);
        }
        const noted = formerNote === null ? settings : { ...settings, roster: formerNote };
        return saveChange({ ...context, swap }, { settings: noted, shards: new Map() });
      },
      end: () => endStaging(directory, held),
    };
  } catch (error) {
    await endStaging(directory, held);
    throw error;
  }
}
