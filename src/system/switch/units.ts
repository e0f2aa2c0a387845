import type { Deadline } from '../../domain/deadline.ts';
import { alertPath, guard } from '../watch/guard.ts';
import { runDirectory } from './file.ts';

/** The unit files of a pending change; `wants` makes systemd start the timer at each boot. */
export const timerUnitPaths = {
  service: '/etc/systemd/system/postern-due.service',
  timer: '/etc/systemd/system/postern-due.timer',
  wants: '/etc/systemd/system/timers.target.d/postern.conf',
  /** Where init is System V's. */
  script: '/etc/init.d/postern-due',
} as const;

/** Is there while what was due could not be done, and that was told. */
export const dueFailedMark = `${runDirectory}/due-failed`;

const complaint = {
  mark: dueFailedMark,
  text: 'a change of sign-in codes is due but could not be applied; type: postern system enforcement status',
  // Postern has then said more by itself.
  unless: alertPath,
};

const header = '# Written by Postern while a change waits for its time; taken away with it.';

/**
 * A timer that fires at a deadline (rounded up to a second) and at each boot, so that one
 * that passed while the machine was off is kept (systemd.timer(5), systemd.time(7)).
 */
export function renderTimerUnits(
  { due_ms, duration_ms }: Deadline,
  settle: readonly string[],
): Record<string, string> {
  const due = new Date(Math.ceil(due_ms / 1000) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return {
    [timerUnitPaths.service]: [
      header,
      '[Unit]',
      'Description=Postern: put a change that is due in force',
      'RequiresMountsFor=/var/lib/postern',
      '[Service]',
      'Type=oneshot',
      `ExecStart=${guard(settle, complaint).map(quoteUnitWord).join(' ')}`,
      '',
    ].join('\n'),
    [timerUnitPaths.timer]: [
      header,
      '[Unit]',
      'Description=Postern: a change is due',
      '[Timer]',
      `OnCalendar=${due} UTC`,
      // For a clock that is set back meanwhile.
      ...(duration_ms === undefined ? [] : [`OnActiveSec=${Math.ceil(duration_ms / 1000) + 1}s`]),
      'OnBootSec=10s',
      'AccuracySec=1s',
      '',
    ].join('\n'),
    [timerUnitPaths.wants]: [header, '[Unit]', 'Wants=postern-due.timer', ''].join('\n'),
  };
}

/** An init script that goes on waiting after a boot, as `wait` says (init-d-script(5), LSB 3.1, 20.6). */
export function renderInitScript(wait: readonly string[]): Record<string, string> {
  return {
    [timerUnitPaths.script]: [
      '#!/bin/sh',
      header,
      '### BEGIN INIT INFO',
      '# Provides:          postern-due',
      '# Required-Start:    $remote_fs $time',
      '# Required-Stop:',
      '# Default-Start:     2 3 4 5',
      '# Default-Stop:',
      '# Short-Description: Postern: wait for the time of a change',
      '### END INIT INFO',
      'case "$1" in',
      `  start) setsid ${wait.map(quoteShellWord).join(' ')} < /dev/null > /dev/null 2>&1 & ;;`,
      'esac',
      '',
    ].join('\n'),
  };
}

/** A word as sh(1) reads it. */
export function quoteShellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A word of ExecStart, with nothing for systemd to expand (systemd.service(5), "Command lines"). */
export function quoteUnitWord(word: string): string {
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./$-]+$/.test(plain) ? plain : `"${plain.replace(/["\\]/g, '\\$&')}"`;
}
