/** Folder of what holds until the next boot. */
export const runDirectory = '/run/postern';

/** Outranks the switch in the state directory. */
export const overridePath = `${runDirectory}/enforcement`;

/** Path of the switch that the PAM module reads before all else. */
export function switchPath(stateDirectory: string): string {
  return `${stateDirectory}/enforcement`;
}

/** Content of a switch file. */
export function renderSwitch(on: boolean): string {
  return on ? 'on\n' : 'off\n';
}

/** The word of a switch file as the PAM module reads it: the first one; undefined: neither `on` nor `off`. */
export function parseSwitch(content: string): 'on' | 'off' | undefined {
  const word = content.split(/[ \t\r\n]/, 1)[0];
  return word === 'on' || word === 'off' ? word : undefined;
}
