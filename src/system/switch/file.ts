import { type Boot, countLeftMs, type Deadline } from '../../domain/deadline.ts';

/** Folder of what holds until the next boot. */
export const runDirectory = '/run/postern';

/** Outranks the switch in the state directory. */
export const overridePath = `${runDirectory}/enforcement`;

/**
 * What root types where Postern itself cannot be run: it works in any shell, under any umask, and whatever is in the
 * way. The README explains it, and tests type it.
 */
export const switchOffLine = `rm -rf ${runDirectory}; umask 022; mkdir ${runDirectory}; echo off > ${overridePath}`;

/** Path of the switch that the PAM module reads before all else. */
export function switchPath(stateDirectory: string): string {
  return `${stateDirectory}/enforcement`;
}

/** What a switch file says: a word, and when the other one holds again; no `end`: never. */
export type Switch = { readonly word: 'on' | 'off'; readonly end?: Required<Deadline> };

/** Content of a switch file: see src/pam/switch.c. A deadline that knows no boot cannot be told to the module. */
export function renderSwitch(on: boolean, end?: Deadline): string {
  const word = on ? 'on' : 'off';
  const { due_ms, boot_id, due_uptime_ms, duration_ms } = end ?? {};
  if (due_ms === undefined || due_uptime_ms === undefined || duration_ms === undefined) return `${word}\n`;
  // Rounded alike: what is left is then never longer than all of it.
  const [uptime, time, seconds] = [due_uptime_ms, due_ms, duration_ms].map((ms) => Math.floor(ms / 1000));
  return `${word} until ${boot_id} ${uptime} ${time} ${seconds}\n`;
}

/** A switch file as the PAM module reads it; undefined: it is none. */
export function parseSwitch(content: string): Switch | undefined {
  const form = /^(on|off)(?: until (\S{1,36}) (\d{1,12}) (\d{1,12}) (\d{1,12}))?[ \t\r\n]*$/;
  const [, word, boot_id, ...numbers] = form.exec(content) ?? [];
  if (word !== 'on' && word !== 'off') return undefined;
  if (boot_id === undefined) return { word };
  const [due_uptime_ms = 0, due_ms = 0, duration_ms = 0] = numbers.map((number) => Number(number) * 1000);
  return { word, end: { due_ms, boot_id, due_uptime_ms, duration_ms } };
}

/** The word that holds now. */
export function readWord({ word, end }: Switch, nowMs: number, boot?: Boot): 'on' | 'off' {
  const isOver = end !== undefined && countLeftMs(end, nowMs, boot) <= 0;
  return isOver === (word === 'on') ? 'off' : 'on';
}
