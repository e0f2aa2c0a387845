import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { PosternError } from '../errors.ts';
import { systemStateDirectory } from './layout.ts';

export type StatePlace = {
  readonly directory: string /** Nothing of the system follows this store. */;
  readonly isTrial: boolean;
};

/**
 * The directory of the store. An ordinary user on an appliance who names none is refused (`permission.not_root`):
 * nobody may believe that they switched codes off when they changed a store that nothing reads.
 */
export function choosePlace(
  named: string | undefined,
  environment: NodeJS.ProcessEnv,
  uid: number,
): StatePlace {
  const given = named ?? environment.POSTERN_STATE_DIR;
  if (given === '')
    throw new PosternError({
      code: 'usage.state_dir',
      message: 'the state directory has an empty name',
      hint: '--state-dir DIR',
    });
  if (given !== undefined) {
    const directory = followLinks(resolve(given));
    return { directory, isTrial: directory !== systemStateDirectory || uid !== 0 };
  }
  if (uid === 0) return { directory: systemStateDirectory, isTrial: false };
  if (isThere(systemStateDirectory)) {
    throw new PosternError({
      code: 'permission.not_root',
      message: `the settings of this appliance are in ${systemStateDirectory}, which only root may change`,
      hint: 'sudo postern',
    });
  }
  const base = environment.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return { directory: join(base, 'postern'), isTrial: true };
}

/** A link to the appliance's own store is that store, and must not pass for a trial. */
function followLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
