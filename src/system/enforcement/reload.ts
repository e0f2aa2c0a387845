import { basename } from 'node:path';
import { PosternError } from '../../errors.ts';
import type { SystemReport } from '../../ports/appliance.ts';
import { findInit, hasSystemd } from '../machine/machine.ts';
import { checkSshdConfig } from '../sshd/daemon.ts';
import { findListener, findSocket, judgeListener, reloadListener } from '../sshd/process.ts';
import { timerUnitPaths } from '../switch/units.ts';
import type { SystemPorts } from '../types.ts';
import { watchUnitPaths } from '../watch/units.ts';

/** Makes the running sshd read its configuration, if it is good. Errors: `apply.sshd_config`, `apply.sshd_died`. */
export function reloadSshd(ports: SystemPorts, onlyIfOlder: boolean): SystemReport['sshd'] {
  const listener = findListener(ports);
  // One that systemd's socket starts later reads it then.
  if (listener === null) return findSocket(ports) === null ? 'not_running' : 'unchanged';
  if (onlyIfOlder && judgeListener(listener, ports.files).configuration === 'current') return 'unchanged';
  const problem = checkSshdConfig(ports);
  if (problem !== undefined) {
    throw new PosternError({
      code: 'apply.sshd_config',
      message: `sshd was not reloaded, because it refuses its configuration: ${problem}`,
      hint: 'sshd -t',
    });
  }
  if (reloadListener(listener, ports) === 'reloaded') return 'reloaded';
  throw new PosternError({ code: 'apply.sshd_died', message: 'sshd did not come back after the reload' });
}

/** Makes init follow the unit files, or the script, as they are now. */
export function reloadUnits(ports: SystemPorts): void {
  if (findInit(ports.files) === 'sysv') {
    const isThere = ports.files.stat(timerUnitPaths.script) !== undefined;
    ports.runner.run(['update-rc.d', basename(timerUnitPaths.script), isThere ? 'defaults' : 'remove']);
  }
  if (!hasSystemd(ports.files)) return;
  const isThere = (path: string) => ports.files.stat(path) !== undefined;
  const triggers = [timerUnitPaths.timer, watchUnitPaths.path];
  // One whose file has gone would still fire.
  for (const path of triggers.filter((each) => !isThere(each)))
    ports.runner.run(['systemctl', 'stop', basename(path)]);
  // A look that is about to begin would fail without its file; one that runs this must not end itself.
  const look = basename(watchUnitPaths.service);
  const isLooking = (ports.files.read('/proc/self/cgroup') ?? '').includes(look);
  const endsLooks = !isThere(watchUnitPaths.service) && !isLooking;
  if (endsLooks) ports.runner.run(['systemctl', 'stop', look]);
  ports.runner.run(['systemctl', 'daemon-reload']);
  // To systemd, a look that was ended has failed.
  if (endsLooks) ports.runner.run(['systemctl', 'reset-failed', look]);
  for (const path of triggers.filter(isThere)) ports.runner.run(['systemctl', 'restart', basename(path)]);
}
