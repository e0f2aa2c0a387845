import { errorMessage } from '../../errors.ts';
import type { Files } from '../../ports/machine.ts';
import { hasKey } from '../machine/login-accounts.ts';
import { findInit, managesSystem } from '../machine/machine.ts';
import { pamServicePath } from '../pam/block.ts';
import type { AccountNames } from '../sshd/asked.ts';
import { askSshd, findSshd, type SshdAnswer, stageSshdConfig } from '../sshd/daemon.ts';
import { sshdDropInPath } from '../sshd/paths.ts';
import { findMatchedUsers } from '../sshd/probes.ts';
import { findListener } from '../sshd/process.ts';
import { readValues, scanSshdConfig } from '../sshd/scan.ts';
import { type SshdBase, stockSshdBase } from '../sshd/values.ts';
import { overridePath, switchPath } from '../switch/file.ts';
import { timerUnitPaths } from '../switch/units.ts';
import { findFileFault } from '../trust/file-faults.ts';
import { findInterpreter } from '../trust/interpreter.ts';
import { findUntrusted, isTrustedFile } from '../trust/trust.ts';
import type { FileFact, Places, SystemFacts, SystemPorts } from '../types.ts';
import { watchUnitPaths } from '../watch/units.ts';
import { withStaging } from './staging.ts';

/** Reads all that a plan depends on. Changes nothing; costs two runs of sshd where Postern has a file of its own. */
export function readFacts(
  ports: SystemPorts,
  places: Places,
  administrators: readonly string[],
  accountNames: AccountNames = { named: [], exempt: [] },
): SystemFacts {
  const { files } = ports;
  const managed = managesSystem(places);
  const sshd = managed ? findSshd(files) : null;
  const sshdOptions = sshd === null ? [] : readSshdOptions(ports);
  const sshdScan = sshd === null ? nothingScanned : scanSshdConfig(files, sshdOptions);
  const interpreter = managed ? findInterpreter(files, places.program) : null;
  const modulePath = managed ? findTrusted('pam_postern.so', files, places) : null;
  const paths = [
    pamServicePath,
    sshdDropInPath,
    overridePath,
    switchPath(places.stateDirectory),
    ...Object.values(timerUnitPaths),
    ...Object.values(watchUnitPaths),
  ];
  return {
    managesSystem: managed,
    stateDirectory: places.stateDirectory,
    program: interpreter === null ? places.program : [interpreter.path, ...places.program.slice(1)],
    helper: places.helper,
    programDirectory: places.programDirectory,
    untrusted: managed ? findUntrusted(files, places) : null,
    interpreter,
    accountNames,
    administrators,
    sshdInstalled: sshd !== null,
    modulePath,
    moduleIsCurrent: modulePath !== null && (readOrNone(files, modulePath) ?? '').includes('keys=policy'),
    checkerPath: managed ? findTrusted('postern-pam-check', files, places) : null,
    init: findInit(files),
    pamServices: managed ? readPamServices(files) : {},
    withoutKey: managed ? administrators.filter((name) => !hasKey(name, files)) : [],
    ...(sshd === null ? { base: null, usesPam: true } : askSshdBase(ports, sshdOptions)),
    sshdScan,
    sshdOptions,
    superusers: managed ? findSuperusers(files) : ['root'],
    matchedUsers: findMatchedUsers(sshdScan.matches, readOrNone(files, '/etc/group') ?? ''),
    present: managed ? readPresent(paths, files) : {},
  };
}

const nothingScanned = { paths: [], matches: [], lines: [], size: 0, includesDropIn: false } as const;

/** The service files of /etc/pam.d by name. */
export function readPamServices(files: Files): Record<string, string> {
  const services: Record<string, string> = {};
  for (const name of listOrNone(files, '/etc/pam.d')) {
    const content = readOrNone(files, `/etc/pam.d/${name}`);
    if (content !== undefined) services[name] = content;
  }
  return services;
}

function readPresent(paths: readonly string[], files: Files): Record<string, FileFact> {
  const present: Record<string, FileFact> = {};
  for (const path of paths) {
    const target = files.realPath(path);
    // Anything but a plain file has no content to keep, and a pipe would keep the reader waiting.
    const fact = target === undefined ? undefined : files.stat(target);
    if (target === undefined || !fact?.isFile) continue;
    const content = readOrNone(files, target);
    if (content === undefined) continue;
    const fault = findFileFault(path, target, files);
    present[path] = { content, mode: fact.mode, ...(fault === undefined ? {} : { fault }) };
  }
  return present;
}

/** Path of a file that root runs; null: there is none that is root's alone. */
function findTrusted(name: string, files: Files, places: Places): string | null {
  const libraries = listOrNone(files, '/usr/lib')
    .filter((entry) => entry.endsWith('-linux-gnu'))
    .map((entry) => `/usr/lib/${entry}/security`);
  const directories = [
    ...libraries,
    ...['/usr/lib64/security', '/usr/lib/security', '/usr/libexec', '/usr/lib/postern'],
    ...places.moduleDirectories,
  ];
  for (const directory of directories) {
    if (isTrustedFile(files.stat(`${directory}/${name}`))) return `${directory}/${name}`;
  }
  return null;
}

function askSshdBase(
  ports: SystemPorts,
  options: readonly string[],
): { readonly base: SshdBase | null; readonly usesPam: boolean } {
  const values = askSshdWithoutDropIn(ports, options);
  if ('problem' in values) return { base: null, usesPam: true };
  const found = values as Readonly<Record<string, string>>;
  const base = { ...stockSshdBase, ...readValues((keyword) => found[keyword]?.toLowerCase()) };
  const usesPam = found.usepam !== 'no';
  // Nobody else asks by keyboard-interactive.
  const kbdInteractiveAuthentication = base.kbdInteractiveAuthentication && usesPam;
  return { base: { ...base, kbdInteractiveAuthentication }, usesPam };
}

function askSshdWithoutDropIn(ports: SystemPorts, options: readonly string[]): SshdAnswer {
  if (ports.files.stat(sshdDropInPath) === undefined) return askSshd(ports, null, options);
  try {
    return withStaging(ports, (directory) =>
      askSshd(ports, null, options, stageSshdConfig(ports.files, directory, null)),
    );
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}

/** None where the listener ends in this moment. */
function readSshdOptions(ports: SystemPorts): readonly string[] {
  try {
    return findListener(ports)?.options ?? [];
  } catch {
    return [];
  }
}

/** root, and every other name that counts as it. */
function findSuperusers(files: Files): readonly string[] {
  const names = (readOrNone(files, '/etc/passwd') ?? '')
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([, , uid]) => uid !== undefined && /^0+$/.test(uid))
    .map(([name = '']) => name);
  return [...new Set(['root', ...names])];
}

function readOrNone(files: Files, path: string): string | undefined {
  try {
    return files.read(path);
  } catch {
    return undefined;
  }
}

function listOrNone(files: Files, path: string): readonly string[] {
  try {
    return files.list(path);
  } catch {
    return [];
  }
}
