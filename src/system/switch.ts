import { PosternError } from '../errors.ts';
import { overridePath, parseSwitch, renderSwitch, runDirectory, switchPath } from './render/switch.ts';
import type { SystemPorts } from './types.ts';

/** Where a switch that says off stands. */
export type SwitchedOff = { readonly until: 'changed' | 'boot'; readonly warnings: readonly string[] };

/**
 * Lets people in on their password, at once and whatever else is wrong: writes `off` where the PAM module looks, in
 * the state directory, or where that cannot be written, in /run until the next boot. Error: `store.read_only`, where
 * neither can be written.
 */
export function throwSwitchOff(ports: SystemPorts, stateDirectory: string): SwitchedOff {
  const stateFault = writeSwitch(ports, switchPath(stateDirectory));
  const override = readSwitch(ports, overridePath);
  // An override outranks the switch: one that says on would undo it.
  if (stateFault === undefined && override !== 'on') return { until: 'changed', warnings: [] };
  // Nothing else is ever kept there, and a file would keep the folder from being made.
  if (ports.files.stat(runDirectory)?.isFile) ports.files.remove(runDirectory);
  const runFault = writeSwitch(ports, overridePath);
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
    message: `neither ${switchPath(stateDirectory)} (${stateFault ?? 'written'}) nor ${overridePath} (${runFault}) can be made to say off`,
    hint: `echo off > ${overridePath}`,
  });
}

/** What a switch file says to the PAM module, which believes only a file that root alone can write. */
export function readSwitch(ports: SystemPorts, path: string): 'on' | 'off' | 'absent' {
  try {
    const fact = ports.files.stat(path);
    if (!fact?.isFile || fact.uid !== 0 || (fact.mode & 0o022) !== 0) return 'absent';
    return parseSwitch(ports.files.read(path) ?? '') ?? 'absent';
  } catch {
    return 'absent';
  }
}

/** undefined: the file says off, as read back. */
function writeSwitch(ports: SystemPorts, path: string): string | undefined {
  if (readSwitch(ports, path) === 'off') return undefined;
  try {
    ports.files.writeAtomic(path, renderSwitch(false), 0o600);
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^(E[A-Z]+: [^,]*).*$/, '$1') : String(error);
  }
  return readSwitch(ports, path) === 'off' ? undefined : 'it does not hold what was written';
}
