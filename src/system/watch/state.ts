import { basename } from 'node:path';
import type { EnforcementStatus, Finding } from '../../domain/enforcement.ts';
import { dueFailedMark } from '../switch/units.ts';
import type { SystemFacts, SystemPorts } from '../types.ts';
import { alertPath } from './guard.ts';
import { failedMark, watchUnitPaths } from './units.ts';

/** Forgets what was told: all is as Postern leaves it. */
export function forgetAlerts({ files }: Pick<SystemPorts, 'files'>): void {
  for (const path of [alertPath, failedMark, dueFailedMark])
    if (files.stat(path) !== undefined) files.remove(path);
}

const nobodyWatches =
  'neither systemd nor System V init runs here: an edit that takes the code away is not noticed until you type system enforcement status';

type Watch = EnforcementStatus['watch'];

/** What looks at enforcement by itself on this machine. */
export function inspectWatch({ init, present }: SystemFacts, { files, runner }: SystemPorts): Watch {
  const alert = files.stat(alertPath)?.isFile ? (files.read(alertPath) ?? null) : null;
  const unit = basename(watchUnitPaths.path);
  const isActive = () => /^active/.test(runner.run(['systemctl', 'is-active', unit]).stdout);
  if (init === 'systemd') return { by: isActive() ? 'systemd' : null, alert };
  if (init === null) return { by: null, alert, note: nobodyWatches };
  return { by: present[watchUnitPaths.cron] === undefined ? null : 'cron', alert };
}

/** Units that are there, and do not run; that they are not there is found with the other files. */
export function findWatchFaults({ by }: Watch, { init, present }: SystemFacts): Finding[] {
  if (by !== null || init !== 'systemd' || present[watchUnitPaths.path] === undefined) return [];
  const unit = basename(watchUnitPaths.path);
  return [
    {
      code: 'watch_stopped',
      message: `${unit} does not run: an edit that removes the code prompt would go unnoticed`,
      hint: `systemctl restart ${unit}`,
    },
  ];
}
