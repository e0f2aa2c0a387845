import type { Finding } from '../../domain/enforcement.ts';
import type { Files } from '../../ports/machine.ts';
import { hasSystemd } from '../machine/machine.ts';
import type { SystemFacts, SystemPorts } from '../types.ts';
import type { Asked } from './asked.ts';
import { askSshd } from './daemon.ts';
import { sshdDropInPath } from './paths.ts';
import { findMatchedUsers, listProbes } from './probes.ts';
import { readOptions, readTitle, scanProcesses } from './process.ts';
import { scanSshdConfig } from './scan.ts';

/** Every other sshd of this machine by which someone gets in without the code. `own`: process id of the system's. */
export function findOtherSshdFaults(
  facts: SystemFacts,
  asked: Asked,
  ports: SystemPorts,
  own: number | null,
): Finding[] {
  if (!facts.sshdInstalled) return [];
  return findOtherSshds(ports, own).flatMap((other) => {
    const fault = findOpenWay(other, facts, asked, ports);
    if (fault === undefined) return [];
    return [
      {
        code: 'other_sshd',
        message: `another sshd is started here (${other.where}), and ${fault}`,
        hint: `stop it, or write at the beginning of its configuration: Include ${sshdDropInPath}`,
      },
    ];
  });
}

/** How someone gets in by it without the code; undefined: nobody does. */
function findOpenWay(
  other: OtherSshd,
  facts: SystemFacts,
  asked: Asked,
  ports: SystemPorts,
): string | undefined {
  const { config, options, name } = other;
  const main = config ?? '/etc/ssh/sshd_config';
  const { matches } = scanSshdConfig(ports.files, options, main);
  const staged = config === null ? undefined : { directory: '/etc/ssh', main: config };
  const matchedUsers = findMatchedUsers(matches, readOrNone('/etc/group', ports.files));
  const probes = listProbes({ ...facts, matchedUsers, sshdScan: { ...facts.sshdScan, matches } }, asked);
  for (const probe of probes.filter((each) => each.isAsked === true)) {
    const answer = askSshd(ports, probe, options, staged, name);
    if ('problem' in answer) return `what it requires is not known: ${answer.problem}`;
    const values = answer as Readonly<Record<string, string>>;
    const lists = (values.authenticationmethods ?? 'any').split(' ').map((list) => list.split(','));
    if (!lists.every((list) => list.includes('keyboard-interactive:pam'))) {
      return `it requires no code of ${probe.user}: AuthenticationMethods ${values.authenticationmethods ?? 'any'} in ${main}`;
    }
    if (values.pamservicename !== 'sshd') {
      return `it uses the PAM service ${values.pamservicename}, which requires no code`;
    }
  }
  return undefined;
}

/** An sshd that is started beside the system's own. */
type OtherSshd = {
  /** How a person finds it: its process, or its unit. */
  readonly where: string;
  /** Name of its program, which is its PAM service where nothing else names one. */
  readonly name: string;
  /** Its configuration file; null: the system's. */
  readonly config: string | null;
  readonly options: readonly string[];
};

/** Every sshd that listens on this machine beside `own`, or is started by a unit; those of containers left out. */
function findOtherSshds(ports: SystemPorts, own: number | null): readonly OtherSshd[] {
  const running = scanProcesses(ports.files).flatMap((pid) => {
    const title = pid === own ? undefined : readTitle(pid, ports.files);
    return title === undefined || isInContainer(pid, ports) ? [] : [describeSshd(`process ${pid}`, title)];
  });
  // What a unit has started is seen as a process, unless it is started for each connection.
  const seen = new Set([null, ...running.map(({ config }) => config)]);
  return [...running, ...findUnits(ports).filter(({ config }) => !seen.has(config))];
}

function describeSshd(where: string, title: string): OtherSshd {
  const [program = ''] = title.split(' ');
  const config = / -[46DdiqrtT]*f ?(\S+)/.exec(title)?.[1] ?? null;
  return {
    where: `${where}: ${title}`,
    name: program.slice(program.lastIndexOf('/') + 1),
    config,
    options: readOptions(title),
  };
}

/** Where units lie, the first of a name counts (systemd.unit(5), "System Unit Search Path"). */
const unitDirectories = [
  ...['/etc/systemd/system.control', '/run/systemd/system.control', '/run/systemd/transient'],
  ...['/run/systemd/generator.early', '/etc/systemd/system', '/run/systemd/system', '/run/systemd/generator'],
  ...['/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'],
  '/run/systemd/generator.late',
];

/** The units that run an sshd, as far as systemd starts them. */
function findUnits(ports: SystemPorts): readonly OtherSshd[] {
  if (!hasSystemd(ports.files)) return [];
  const units = new Map<string, string>();
  for (const directory of unitDirectories) {
    for (const name of listOrNone(directory, ports.files))
      if (name.endsWith('.service') && !units.has(name)) units.set(name, `${directory}/${name}`);
  }
  return [...units].flatMap(([name, path]) => {
    const [, title] = /^ExecStart=[-@:+!|]*(\S*sshd\S*(?: .*)?)$/m.exec(readOrNone(path, ports.files)) ?? [];
    const starters = [name, name.replace(/@?\.service$/, '.socket')];
    const isStarted = () =>
      starters.some((unit) => /^active/m.test(ports.runner.run(['systemctl', 'is-active', unit]).stdout));
    return title !== undefined && isStarted() ? [describeSshd(name, title)] : [];
  });
}

function listOrNone(directory: string, files: Files): readonly string[] {
  try {
    return files.list(directory);
  } catch {
    return [];
  }
}

function readOrNone(path: string, files: Files): string {
  try {
    return files.read(path) ?? '';
  } catch {
    return '';
  }
}

/** A process of a container sees other processes than we do. */
function isInContainer(pid: number, { runner }: SystemPorts): boolean {
  const [own, its] = runner
    .run(['readlink', '/proc/self/ns/pid', `/proc/${pid}/ns/pid`])
    .stdout.trim()
    .split('\n');
  return its !== undefined && own !== its;
}
