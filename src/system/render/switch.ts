/** Folder of what holds until the next boot. */
export const runDirectory = '/run/postern';

/** Outranks the switch in the state directory. */
export const overridePath = `${runDirectory}/enforcement`;

/**
 * What root types where Postern itself cannot be run: it works in any shell, under any umask, and whatever stands in the
 * way. The README explains it, and tests type it.
 */
export const switchOffLine = `rm -rf ${runDirectory}; umask 022; mkdir ${runDirectory}; echo off > ${overridePath}`;

/** Path of the switch that the PAM module reads before all else. */
export function switchPath(stateDirectory: string): string {
  return `${stateDirectory}/enforcement`;
}

/** Content of a switch file. */
export function renderSwitch(on: boolean): string {
  return on ? 'on\n' : 'off\n';
}

/** The word of a switch file as the PAM module reads it; undefined: neither `on` nor `off`. */
export function parseSwitch(content: string): 'on' | 'off' | undefined {
  const [, word] = /^(on|off)[ \t\r\n]*$/.exec(content) ?? [];
  return word === 'on' || word === 'off' ? word : undefined;
}
