import type { ServiceStatus } from '../../domain/enforcement.ts';
import { PosternError } from '../../errors.ts';
import type { ServiceVerb } from '../../ports/appliance.ts';
import { hasSystemd } from '../machine/machine.ts';
import type { SystemPorts } from '../types.ts';
import { checkSshdConfig, findSshd } from './daemon.ts';
import { findListener, findSocket, findUnitName, reloadListener, startSshd, stopSshd } from './process.ts';

/** Reads how the SSH service stands. */
export function readService(ports: SystemPorts): ServiceStatus {
  const installed = findSshd(ports.files) !== null;
  const pid = installed ? (findListener(ports)?.pid ?? null) : null;
  return {
    service: 'ssh',
    installed,
    running: pid !== null || (installed && findSocket(ports) !== null),
    enable: installed ? startsAtBoot(ports) : null,
    pid,
  };
}

/**
 * Starts, stops or reloads sshd by the means this machine has; true: something was done. A configuration that sshd
 * refuses is never given to it. Errors: `not_found.service`, `apply.sshd_config`, `apply.service`.
 */
export function controlService(verb: ServiceVerb, ports: SystemPorts): boolean {
  if (!planControl(verb, ports)) return false;
  switch (verb) {
    case 'start':
      return requireDone(startSshd(ports), 'sshd did not start');
    case 'stop':
      return requireDone(stopSshd(ports), 'sshd did not stop');
    case 'reload': {
      const listener = findListener(ports);
      // The next one that the socket starts reads it.
      if (listener === null) return true;
      return requireDone(
        reloadListener(listener, ports) === 'reloaded',
        'sshd did not come back after the reload',
      );
    }
    default:
      return verb satisfies never;
  }
}

/**
 * Whether `controlService` would do something. Changes nothing. Errors: `not_found.service`, `apply.sshd_config`,
 * `rule.service_stopped`.
 */
export function planControl(verb: ServiceVerb, ports: SystemPorts): boolean {
  requireSshd(ports);
  const isRunning = findListener(ports) !== null || findSocket(ports) !== null;
  switch (verb) {
    case 'start':
      if (isRunning) return false;
      refuseBrokenConfig(ports);
      return true;
    case 'stop':
      return isRunning;
    case 'reload':
      if (!isRunning) {
        throw new PosternError({
          code: 'rule.service_stopped',
          message: 'sshd is not running',
          hint: 'service start ssh',
        });
      }
      refuseBrokenConfig(ports);
      return true;
    default:
      return verb satisfies never;
  }
}

/** Makes sshd start with the machine, or not. Errors: `not_found.service`, `apply.service`. */
export function setStartAtBoot(enable: boolean, ports: SystemPorts): boolean {
  if (!planStartAtBoot(enable, ports)) return false;
  const verb = enable ? 'enable' : 'disable';
  const argv: [string, ...string[]] = hasSystemd(ports.files)
    ? ['systemctl', verb, ...(enable ? [findUnitName(ports)] : findEnabledUnits(ports))]
    : ['update-rc.d', 'ssh', verb];
  const { status, stderr } = ports.runner.run(argv);
  return requireDone(
    status === 0,
    `${argv.join(' ')}: ${stderr.trim().split('\n')[0] || `ended with ${status}`}`,
  );
}

/** Whether `setStartAtBoot` would do something. Changes nothing. Error: `not_found.service`. */
export function planStartAtBoot(enable: boolean, ports: SystemPorts): boolean {
  requireSshd(ports);
  return startsAtBoot(ports) !== enable;
}

function startsAtBoot(ports: SystemPorts): boolean | null {
  if (hasSystemd(ports.files)) {
    if (findEnabledUnits(ports).length > 0) return true;
    return askEnabled(findUnitName(ports), ports) === '' ? null : false;
  }
  const level = '/etc/rc2.d';
  if (ports.files.stat(level) === undefined) return null;
  return ports.files.list(level).some((name) => /^S\d\dssh$/.test(name));
}

/** sshd's unit, or the socket that starts it, as far as they start with the machine. */
function findEnabledUnits(ports: SystemPorts): readonly string[] {
  const service = findUnitName(ports);
  return [service, service.replace('.service', '.socket')].filter((unit) =>
    askEnabled(unit, ports).startsWith('enabled'),
  );
}

function askEnabled(unit: string, ports: SystemPorts): string {
  return ports.runner.run(['systemctl', 'is-enabled', unit]).stdout.trim();
}

function requireSshd(ports: SystemPorts): void {
  if (findSshd(ports.files) !== null) return;
  throw new PosternError({
    code: 'not_found.service',
    message: 'no SSH server is installed here',
    hint: 'apt-get install openssh-server',
  });
}

function refuseBrokenConfig(ports: SystemPorts): void {
  const problem = checkSshdConfig(ports);
  if (problem === undefined) return;
  throw new PosternError({
    code: 'apply.sshd_config',
    message: `sshd refuses its configuration, and was left alone: ${problem}`,
    hint: 'sshd -t',
  });
}

function requireDone(done: boolean, otherwise: string): true {
  if (done) return true;
  throw new PosternError({ code: 'apply.service', message: otherwise, hint: 'service query' });
}
