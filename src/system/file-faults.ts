import type { Files } from '../ports.ts';
import type { FileFault } from './types.ts';

/**
 * Why what a file says is not root's word alone; undefined: it is. `target` is where the path leads: a link may lead
 * out of the folder that root alone writes.
 */
export function findFileFault(path: string, target: string, files: Files): FileFault | undefined {
  const ofFile = describeFault(target, files);
  if (ofFile !== undefined) {
    return { message: `${target} ${ofFile}`, hint: `chown root ${target}; chmod go-w ${target}` };
  }
  if (target === path) return undefined;
  for (const folder of foldersAbove(target)) {
    const ofFolder = describeFault(folder, files);
    if (ofFolder === undefined) continue;
    return {
      message: `${path} leads to ${target}, and ${folder} ${ofFolder}`,
      hint: `cp --remove-destination ${target} ${path}`,
    };
  }
  return undefined;
}

function describeFault(path: string, files: Files): string | undefined {
  const fact = files.stat(path);
  if (fact === undefined) return undefined;
  if (fact.uid !== 0) return `belongs to user ${fact.uid}`;
  if ((fact.mode & 0o022) === 0) return undefined;
  return `can be written by others than root (mode ${fact.mode.toString(8).padStart(4, '0')})`;
}

function foldersAbove(path: string): readonly string[] {
  const names = path.split('/').slice(1, -1);
  return ['/', ...names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)];
}
