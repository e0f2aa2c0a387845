import type { FilesRehearsal } from '../../ports/appliance.ts';
import type { SystemPlan } from '../types.ts';
import type { Site } from './context.ts';
import { diffFiles } from './diff.ts';
import { hasInterruptedApply } from './journal.ts';

/** What putting a plan in force would do to files. */
export function rehearseFiles({ ports, places }: Site, { files, warnings }: SystemPlan): FilesRehearsal {
  const isInterrupted = hasInterruptedApply(ports, places.stateDirectory);
  return {
    changed: files.filter(({ before, after }) => before !== after).map(({ path }) => path),
    diff: diffFiles(files),
    warnings: [
      ...(isInterrupted
        ? ['an earlier change of these files was interrupted: it would be undone or finished first']
        : []),
      ...warnings,
    ],
  };
}
