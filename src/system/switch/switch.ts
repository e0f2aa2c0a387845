import type { Deadline } from '../../domain/deadline.ts';
import type { Finding } from '../../domain/enforcement.ts';
import { errorMessage, isPosternError, PosternError } from '../../errors.ts';
import type { SystemPlan, SystemPorts } from '../types.ts';
import {
  overridePath,
  parseSwitch,
  readWord,
  renderSwitch,
  runDirectory,
  switchOffLine,
  switchPath,
} from './file.ts';

/** Where a switch that says off stands. */
export type SwitchedOff = { readonly until: 'changed' | 'boot'; readonly warnings: readonly string[] };

/**
 * Lets people in on their password, at once and whatever else is wrong: writes `off` where the PAM module looks, in
 * the state directory, or where that cannot be written, in /run until the next boot. Error: `store.read_only`, where
 * neither can be written. With an `end` it says so until then, though nothing of Postern runs.
 */
export function throwSwitchOff(ports: SystemPorts, stateDirectory: string, end?: Deadline): SwitchedOff {
  const off = renderSwitch(false, end);
  const stateFault = writeSwitch(ports, switchPath(stateDirectory), off);
  const override = readSwitch(ports, overridePath);
  // An override outranks the switch: one that says on would undo it.
  if (stateFault === undefined && override !== 'on') return { until: 'changed', warnings: [] };
  clearTheWay(ports);
  const runFault = writeSwitch(ports, overridePath, off);
  if (stateFault === undefined && runFault === undefined) return { until: 'changed', warnings: [] };
  if (runFault === undefined) {
    return {
      until: 'boot',
      warnings: [
        `${switchPath(stateDirectory)} cannot be written (${stateFault}): ${overridePath} says off, and holds until the next boot`,
      ],
    };
  }
  throw new PosternError({
    code: 'store.read_only',
    message: `neither ${switchPath(stateDirectory)} (${stateFault ?? 'written'}) nor ${overridePath} (${runFault}) can be set to off`,
    hint: switchOffLine,
  });
}

/**
 * Takes the end off a switch that says on for a time: codes then stay on. To be done before the settings lose theirs: were
 * it never done, a change that was confirmed would be undone, and nobody would know.
 */
export function keepSwitchOn({ files }: Pick<SystemPorts, 'files'>, stateDirectory: string): void {
  const path = switchPath(stateDirectory);
  const { word, end } = parseSwitch(readOrNone({ files }, path)) ?? {};
  if (word === 'on' && end !== undefined) files.writeAtomic(path, renderSwitch(true), 0o600);
}

/** Saves settings, after the switch has lost its end where they have none: see `keepSwitchOn`. */
export function saveAfterSwitch(ports: SystemPorts, plan: SystemPlan, save: () => void): void {
  const path = switchPath(plan.facts.stateDirectory);
  const change = plan.files.find((file) => file.path === path);
  const before = plan.enforced && change?.after === renderSwitch(true) ? change.before : null;
  if (before !== null) keepSwitchOn(ports, plan.facts.stateDirectory);
  try {
    save();
  } catch (error) {
    // Only what was changed: on a full disk, writing would fail as well.
    if (before === null || readOrNone(ports, path) === before) throw error;
    try {
      ports.files.writeAtomic(path, before, 0o600);
    } catch (second) {
      throw explainBoth(error, `${path} says on now, without its end (${errorMessage(second)})`);
    }
    throw error;
  }
}

/** The error of what failed first, which is why it was begun to put things back, and what that left behind. */
function explainBoth(error: unknown, more: string): PosternError {
  const { code = 'apply.failed', hint } = isPosternError(error) ? (error.problems[0] ?? {}) : {};
  const message = `${errorMessage(error)}; ${more}`;
  return new PosternError({ code, message, ...(hint === undefined ? {} : { hint }) }, error);
}

/** What else lies in /run/postern is rewritten: what cannot be its folder, or one that others can write, goes. */
function clearTheWay({ files, runner }: SystemPorts): void {
  const fact = files.stat(runDirectory);
  if (fact?.isFile) files.remove(runDirectory);
  else if (fact !== undefined && (fact.uid !== 0 || (fact.mode & 0o022) !== 0)) {
    runner.run(['rm', '-rf', runDirectory]);
  }
}

/** What a switch file says to the PAM module, which believes only a file that root alone can write. */
export function readSwitch(ports: SystemPorts, path: string): 'on' | 'off' | 'absent' {
  if (findSwitchFault(ports, path) !== undefined) return 'absent';
  const found = parseSwitch(readOrNone(ports, path));
  return found === undefined ? 'absent' : readWord(found, ports.clock.nowMs(), ports.clock.boot?.());
}

/** Why the PAM module pays no heed to a switch file, as it says in its log; undefined: it does, or there is none. */
export function findSwitchFault({ files }: SystemPorts, path: string): string | undefined {
  const fact = files.stat(path);
  if (fact === undefined) return undefined;
  if (!fact.isFile) return 'it is not a regular file';
  const folder = path.slice(0, path.lastIndexOf('/'));
  // Where the folder is a link, the module looks at what it leads to.
  const above = files.stat(files.realPath(folder) ?? folder) ?? fact;
  if (fact.uid !== 0 || above.uid !== 0) return 'it does not belong to root';
  if (((fact.mode | above.mode) & 0o022) !== 0) return 'users other than root can write it';
  return parseSwitch(readOrNone({ files }, path)) === undefined ? 'it says neither on nor off' : undefined;
}

/** A finding where a switch file does not count. */
export function findIgnoredSwitch(ports: SystemPorts, path: string): Finding[] {
  const fault = findSwitchFault(ports, path);
  if (fault === undefined) return [];
  const saysOff = readOrNone(ports, path).startsWith('off');
  const hint =
    path !== overridePath ? 'system enforcement install' : saysOff ? switchOffLine : `rm -rf ${path}`;
  return [{ code: 'switch_ignored', message: `${path} is ignored: ${fault}`, hint }];
}

function readOrNone({ files }: Pick<SystemPorts, 'files'>, path: string): string {
  try {
    return files.read(path) ?? '';
  } catch {
    return '';
  }
}

/** undefined: the file says off, as read back. */
function writeSwitch(ports: SystemPorts, path: string, off: string): string | undefined {
  // Who wrote the same by hand may have written it otherwise.
  const present = readSwitch(ports, path) === 'off' ? readOrNone(ports, path) : '';
  if (present.trimEnd() === off.trimEnd()) return undefined;
  try {
    ports.files.writeAtomic(path, off, 0o600);
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^(E[A-Z]+: [^,]*).*$/, '$1') : String(error);
  }
  return readSwitch(ports, path) === 'off' ? undefined : 'it does not hold what was written';
}
