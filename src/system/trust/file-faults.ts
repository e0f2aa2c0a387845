import type { Files } from '../../ports/machine.ts';
import type { FileFault } from '../types.ts';
import { describeOthers, foldersAbove } from './trust.ts';

/**
 * Why what a file says is not root's word alone; undefined: it is. `target` is where the path leads: a link may lead
 * out of the folder that root alone writes.
 */
export function findFileFault(path: string, target: string, files: Files): FileFault | undefined {
  const ofFile = describeOthers(target, files);
  if (ofFile !== undefined) {
    return { message: `${target} ${ofFile}`, hint: `chown root ${target}; chmod go-w ${target}` };
  }
  if (target === path) return undefined;
  for (const folder of foldersAbove(target)) {
    const ofFolder = describeOthers(folder, files);
    if (ofFolder === undefined) continue;
    return {
      message: `${path} leads to ${target}, and ${folder} ${ofFolder}`,
      hint: `cp --remove-destination ${target} ${path}`,
    };
  }
  return undefined;
}
