import type { Files } from '../../ports/machine.ts';
import { hasSystemd } from '../machine/machine.ts';
import type { SystemPorts } from '../types.ts';
import { sshdDropInPath } from './paths.ts';
import { scanSshdConfig } from './scan.ts';

const pidFile = '/run/sshd.pid';
const reloadLimitMs = 5_000;

/** The listening sshd. */
export type SshdListener = {
  readonly pid: number;
  /** Unit that runs it; null: started by a script or by hand. */
  readonly unit: string | null;
  /** Unix time in milliseconds at which it last read its configuration; null: cannot be told. */
  readonly configReadMs: number | null;
  /** Unix time in milliseconds of its start. */
  readonly startedMs: number;
  /** What its options `-o` say, a line of sshd_config each. */
  readonly options: readonly string[];
};

/** The sshd that listens with the system's own configuration; null: there is none. */
export function findListener(ports: SystemPorts): SshdListener | null {
  const { files } = ports;
  const unit = hasSystemd(files) ? findActiveUnit(ports) : null;
  const written = Number(files.read(pidFile)?.trim() || Number.NaN);
  const pid =
    unit?.mainPid ?? [written, ...scanProcesses(files)].find((candidate) => isListener(candidate, files));
  if (pid === undefined) return null;
  const startedMs = readStartMs(pid, files);
  // sshd rewrites its pid file each time it has read its configuration, after SIGHUP too.
  const fileMs = written === pid ? files.stat(pidFile)?.mtimeMs : undefined;
  const options = readOptions(readTitle(pid, files) ?? '');
  return { pid, unit: unit?.name ?? null, configReadMs: fileMs ?? null, startedMs, options };
}

/** The unit by which systemd listens in sshd's place and starts it for each connection; null: there is none. */
export function findSocket(ports: SystemPorts): string | null {
  if (!hasSystemd(ports.files)) return null;
  const isActive = (name: string) =>
    ports.runner.run(['systemctl', 'show', '-p', 'ActiveState', '--value', name]).stdout.trim() === 'active';
  return ['ssh.socket', 'sshd.socket'].find(isActive) ?? null;
}

/** Whether a listener has read the present files. */
export function judgeListener(
  listener: SshdListener,
  files: Files,
): { readonly configuration: 'current' | 'older' | 'unknown'; readonly detail: string } {
  // A folder changes when a file in it comes or goes.
  const paths = [sshdDropInPath, ...scanSshdConfig(files).paths];
  const changes = paths.map((path) => ({ path, ms: files.changedMs(path) ?? 0 }));
  const newest = changes.reduce((a, b) => (b.ms > a.ms ? b : a));
  // The start is known to the second only.
  if ((listener.configReadMs ?? listener.startedMs - 1000) >= newest.ms) {
    return { configuration: 'current', detail: 'it has read its configuration since the last change' };
  }
  if (listener.configReadMs !== null) {
    return { configuration: 'older', detail: `${newest.path} is newer than what it read (${pidFile})` };
  }
  return {
    configuration: 'unknown',
    detail: `it was started before ${newest.path} changed, and without ${pidFile} a reload leaves no trace`,
  };
}

/**
 * Makes the listener reload its configuration and waits until it has. The caller has had `sshd -t` accept it:
 * a listener that is told to read a broken one ends.
 */
export function reloadListener(listener: SshdListener, ports: SystemPorts): 'reloaded' | 'died' {
  const readBefore = listener.configReadMs;
  // One that got its socket from systemd does not find it again after a reload.
  const verb = findSocket(ports) === null ? 'reload' : 'restart';
  if (listener.unit !== null) ports.runner.run(['systemctl', verb, listener.unit]);
  else if (!ports.processes.signal(listener.pid, 'SIGHUP')) return 'died';
  const limitMs = ports.clock.nowMs() + reloadLimitMs;
  let rounds = 0;
  do {
    ports.runner.run(['sleep', '0.05']);
    const now = findListener(ports);
    // Without a pid file there is nothing to see; a listener with a broken configuration ends within this time.
    if (now !== null && (readBefore === null ? ++rounds > 8 : (now.configReadMs ?? 0) > readBefore))
      return 'reloaded';
  } while (ports.clock.nowMs() < limitMs);
  return 'died';
}

/** Starts sshd the way this machine does; false: it did not start. */
export function startSshd(ports: SystemPorts): boolean {
  controlSshd('start', ports);
  return waitForListener(ports, true);
}

/** Stops the listener; sessions in progress go on. False: it still runs. */
export function stopSshd(ports: SystemPorts): boolean {
  const socket = findSocket(ports);
  if (socket !== null) ports.runner.run(['systemctl', 'stop', socket]);
  const listener = findListener(ports);
  if (listener === null) return true;
  if (listener.unit !== null) ports.runner.run(['systemctl', 'stop', listener.unit]);
  else ports.processes.signal(listener.pid, 'SIGTERM');
  return waitForListener(ports, false);
}

function controlSshd(verb: 'start', ports: SystemPorts): void {
  if (hasSystemd(ports.files)) {
    ports.runner.run(['systemctl', verb, findUnitName(ports)]);
    return;
  }
  const script = ports.files.stat('/etc/init.d/ssh') === undefined ? undefined : '/etc/init.d/ssh';
  if (script !== undefined) ports.runner.run([script, verb]);
  else ports.runner.run(['/usr/sbin/sshd']);
}

function waitForListener(ports: SystemPorts, running: boolean): boolean {
  const limitMs = ports.clock.nowMs() + reloadLimitMs;
  while ((findListener(ports) !== null) !== running) {
    if (ports.clock.nowMs() > limitMs) return false;
    ports.runner.run(['sleep', '0.05']);
  }
  return true;
}

/** The unit that systemd knows sshd by. */
export function findUnitName(ports: SystemPorts): string {
  const loaded = ['ssh.service', 'sshd.service'].find((name) => showUnit(name, ports).LoadState === 'loaded');
  return loaded ?? 'ssh.service';
}

function findActiveUnit(ports: SystemPorts): { readonly name: string; readonly mainPid: number } | null {
  for (const name of ['ssh.service', 'sshd.service']) {
    const mainPid = Number(showUnit(name, ports).MainPID ?? 0);
    if (mainPid > 0) return { name, mainPid };
  }
  return null;
}

function showUnit(name: string, ports: SystemPorts): Record<string, string> {
  const { stdout } = ports.runner.run(['systemctl', 'show', '-p', 'LoadState,MainPID', name]);
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=', 2) as [string, string]),
  );
}

/** Every process id. */
export function scanProcesses(files: Files): number[] {
  return files
    .list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Whether it is an sshd by its name that listens with the system's own configuration. */
function isListener(pid: number, files: Files): boolean {
  const words = readTitle(pid, files)?.split(' ');
  return (
    words !== undefined && /(^|\/)sshd$/.test(words[0] ?? '') && !words.some((word) => /^-\w*f/.test(word))
  );
}

/** What follows its own name where sshd names its listening process `sshd: PATH ARGS [listener] …`; undefined: it is none. */
export function readTitle(pid: number, files: Files): string | undefined {
  if (!(pid > 1)) return undefined;
  try {
    const line = (files.read(`/proc/${pid}/cmdline`) ?? '').replaceAll(/\0+/g, ' ');
    return /^\S+: (\S*\/\S.*) \[listener\] \d+ of /.exec(line)?.[1];
  } catch {
    return undefined;
  }
}

/** `-o WORD`, `-oWORD` or behind other letters; its words, which sshd's title does not quote, end at the next option. */
export function readOptions(title: string): readonly string[] {
  return [...title.matchAll(/ -[46DdiqrtT]*o\s*(.+?)(?= -\w|\s*$)/g)].map(([, line = '']) => line);
}

/** From /proc/PID/stat field 22 (ticks since boot, 100 a second in every Linux ABI) and btime of /proc/stat. */
function readStartMs(pid: number, files: Files): number {
  const stat = files.read(`/proc/${pid}/stat`) ?? '';
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? Number.NaN);
  const bootSeconds = Number(/^btime (\d+)$/m.exec(files.read('/proc/stat') ?? '')?.[1] ?? Number.NaN);
  return Number.isNaN(ticks + bootSeconds) ? 0 : (bootSeconds + ticks / 100) * 1000;
}
