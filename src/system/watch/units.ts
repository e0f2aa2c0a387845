import { runDirectory } from '../switch/file.ts';
import { quoteShellWord, quoteUnitWord } from '../switch/units.ts';
import { guard } from './guard.ts';

/** What makes init look at enforcement by itself; `wants` starts the path unit at each boot. */
export const watchUnitPaths = {
  path: '/etc/systemd/system/postern-watch.path',
  service: '/etc/systemd/system/postern-watch.service',
  wants: '/etc/systemd/system/paths.target.d/postern.conf',
  /** Where init is System V's. */
  cron: '/etc/cron.d/postern',
} as const;

const header = '# Written by Postern while SSH sign-ins ask for codes; removed with it.';

/** Is there while a look could not run, and that was told. */
export const failedMark = `${runDirectory}/watch-failed`;

const complaint = {
  mark: failedMark,
  text: 'the SSH sign-in files could not be checked; type: postern system enforcement status',
};

/**
 * Units that run `look` whenever something in one of `paths` comes, goes or changes (systemd.path(5)). A package or an
 * editor writes several files: it is waited for a little.
 */
export function renderWatchUnits(
  paths: readonly string[],
  look: readonly string[],
): Readonly<Record<string, string>> {
  return {
    [watchUnitPaths.path]: [
      header,
      '[Unit]',
      'Description=Postern: watch what asks for codes at SSH sign-in',
      '[Path]',
      ...paths.map((path) => `PathChanged=${path.replaceAll('%', '%%')}`),
      '',
    ].join('\n'),
    [watchUnitPaths.service]: [
      header,
      '[Unit]',
      'Description=Postern: look at what asks for codes at SSH sign-in',
      // A limit on starts would end the watching after a few changes.
      'StartLimitIntervalSec=0',
      '[Service]',
      'Type=oneshot',
      'ExecStartPre=/bin/sleep 3',
      `ExecStart=${guard(look, complaint).map(quoteUnitWord).join(' ')}`,
      '',
    ].join('\n'),
    [watchUnitPaths.wants]: [header, '[Unit]', 'Wants=postern-watch.path', ''].join('\n'),
  };
}

/** The same by cron, every five minutes; `%` is a new line to crontab(5). */
export function renderWatchCron(look: readonly string[]): Readonly<Record<string, string>> {
  const words = guard(look, complaint).map(quoteShellWord).join(' ').replaceAll('%', '\\%');
  return {
    [watchUnitPaths.cron]: `${header}\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n*/5 * * * * root ${words} > /dev/null 2>&1\n`,
  };
}
