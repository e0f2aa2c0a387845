import { describe, expect, it } from 'vitest';
import type { Settings } from '../../src/domain/settings.ts';
import type { Files, Runner } from '../../src/ports.ts';
import { applyPlan } from '../../src/system/apply.ts';
import { readFacts } from '../../src/system/facts.ts';
import { planSystem } from '../../src/system/plan.ts';
import { timerUnitPaths } from '../../src/system/render/units.ts';
import { controlService, readService, setStartAtBoot } from '../../src/system/service.ts';
import { armTimer } from '../../src/system/timer.ts';
import type { Places, SystemPorts } from '../../src/system/types.ts';
import { settingsOn } from '../pam/fakes.ts';

const places: Places = {
  stateDirectory: '/var/lib/postern',
  program: ['/usr/bin/postern'],
  helper: '/usr/bin/postern',
  uid: 0,
  moduleDirectories: [],
};

const listening = 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups';

/** A machine that systemd runs, as far as `system/` looks at it: files in memory, and what was run. */
function systemdMachine() {
  const contents = new Map<string, string>([
    ['/run/systemd/system', ''],
    ['/usr/sbin/sshd', ''],
    ['/etc/ssh/sshd_config', 'Include /etc/ssh/sshd_config.d/*.conf\n'],
    ['/etc/pam.d/sshd', '@include common-auth\n'],
    ['/run/sshd.pid', '77\n'],
    ['/proc/77/cmdline', listening],
    ['/proc/77/stat', `77 (sshd) S ${'1 '.repeat(18)}100 0`],
    ['/proc/stat', 'btime 1000\n'],
  ]);
  const times = new Map<string, number>([['/run/sshd.pid', 5_000_000]]);
  const ran: string[] = [];
  const signalled: number[] = [];
  const started: (readonly string[])[] = [];
  const state = { nowMs: 6_000_000, active: true, enabled: true };
  const files: Files = {
    read: (path) => contents.get(path),
    writeAtomic: (path, content) => {
      contents.set(path, content);
      times.set(path, state.nowMs);
    },
    remove: (path) => void contents.delete(path),
    list: (directory) => [
      ...new Set(
        [...contents.keys()]
          .filter((path) => path.startsWith(`${directory}/`))
          .map((path) => path.slice(directory.length + 1).split('/')[0] ?? ''),
      ),
    ],
    stat: (path) =>
      contents.has(path)
        ? { uid: 0, gid: 0, mode: 0o644, size: 0, mtimeMs: times.get(path) ?? 0, isFile: true }
        : undefined,
  };
  const answers: Readonly<Record<string, () => string>> = {
    'systemctl show -p LoadState,MainPID ssh.service': () =>
      `LoadState=loaded\nMainPID=${state.active ? 77 : 0}\n`,
    'systemctl show -p LoadState,MainPID sshd.service': () => 'LoadState=not-found\nMainPID=0\n',
    'systemctl is-enabled ssh.service': () => (state.enabled ? 'enabled\n' : 'disabled\n'),
    'systemctl reload ssh.service': () => {
      times.set('/run/sshd.pid', ++state.nowMs);
      return '';
    },
    'systemctl stop ssh.service': () => {
      state.active = false;
      contents.delete('/proc/77/cmdline');
      return '';
    },
    'systemctl start ssh.service': () => {
      state.active = true;
      contents.set('/proc/77/cmdline', listening);
      return '';
    },
  };
  const runner: Runner = {
    run: (argv) => {
      const line = argv.join(' ');
      if (!/^(systemctl show|systemctl is-enabled|\/usr\/sbin\/sshd|sleep)/.test(line)) ran.push(line);
      state.nowMs += 10;
      return { status: 0, signal: null, stdout: answers[line]?.() ?? '', stderr: '' };
    },
  };
  const ports: SystemPorts = {
    files,
    runner,
    processes: {
      signal: (pid) => signalled.push(pid) > 0,
      startDetached: (argv) => started.push(argv),
    },
    clock: { nowMs: () => state.nowMs },
  };
  return { ports, contents, ran, signalled, started, state };
}

describe('a machine that systemd runs', () => {
  it('has its sshd reloaded, stopped and started by systemctl, never by a signal', () => {
    const { ports, ran, signalled } = systemdMachine();
    expect(readService(ports)).toEqual({
      service: 'ssh',
      installed: true,
      running: true,
      enable: true,
      pid: 77,
    });
    expect(controlService('reload', ports)).toBe(true);
    expect(controlService('stop', ports)).toBe(true);
    expect(readService(ports)).toMatchObject({ running: false, pid: null });
    expect(controlService('start', ports)).toBe(true);
    expect(ran).toEqual([
      'systemctl reload ssh.service',
      'systemctl stop ssh.service',
      'systemctl start ssh.service',
    ]);
    expect(signalled).toEqual([]);
  });

  it('is told whether sshd starts with it', () => {
    const { ports, ran, state } = systemdMachine();
    expect(setStartAtBoot(true, ports)).toBe(false);
    expect(setStartAtBoot(false, ports)).toBe(true);
    state.enabled = false;
    expect(setStartAtBoot(true, ports)).toBe(true);
    expect(ran).toEqual(['systemctl disable ssh.service', 'systemctl enable ssh.service']);
  });

  it('keeps a pending change by units, with no process of ours, and forgets it without a trace', () => {
    const { ports, contents, ran, started } = systemdMachine();
    const off: Settings = { ...settingsOn, two_factor: { ...settingsOn.two_factor, enabled: false } };
    const pending = { reason: 'for', due_ms: 9_000_000, restore: settingsOn.two_factor } as const;
    const before = new Set(contents.keys());
    applyPlan(planSystem({ ...off, pending }, readFacts(ports, places, [])), ports);
    armTimer(ports, places);
    const units = Object.values(timerUnitPaths);
    expect(units.filter((path) => contents.has(path))).toEqual(units);
    expect(ran).toEqual(['systemctl daemon-reload', 'systemctl restart postern-due.timer']);
    expect(started).toEqual([]);

    ran.length = 0;
    applyPlan(planSystem(off, readFacts(ports, places, [])), ports);
    expect(units.filter((path) => contents.has(path))).toEqual([]);
    expect(ran).toEqual(['systemctl stop postern-due.timer', 'systemctl daemon-reload']);
    expect([...contents.keys()].filter((path) => !before.has(path))).toEqual([
      '/var/lib/postern/enforcement',
    ]);
  });
});
