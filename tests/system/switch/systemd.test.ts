import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../src/domain/settings.ts';
import { applyPlan } from '../../../src/system/enforcement/apply.ts';
import { readFacts } from '../../../src/system/enforcement/facts.ts';
import { planSystem } from '../../../src/system/enforcement/plan.ts';
import { controlService, readService, setStartAtBoot } from '../../../src/system/sshd/service.ts';
import { armTimer } from '../../../src/system/switch/timer.ts';
import { timerUnitPaths } from '../../../src/system/switch/units.ts';
import { settingsOn } from '../../support/accounts.ts';
import { places, systemdMachine } from '../../support/fake-machine.ts';

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
    const units = Object.values(timerUnitPaths).filter((path) => path.startsWith('/etc/systemd/'));
    expect(units.filter((path) => contents.has(path))).toEqual(units);
    expect(ran).toEqual([
      'systemctl daemon-reload',
      'systemctl restart postern-due.timer',
      'systemctl restart postern-watch.path',
    ]);
    expect(started).toEqual([]);

    ran.length = 0;
    applyPlan(planSystem(off, readFacts(ports, places, [])), ports);
    expect(units.filter((path) => contents.has(path))).toEqual([]);
    expect(ran).toEqual([
      'rmdir /etc/systemd/system/timers.target.d',
      'rmdir /etc/systemd/system/paths.target.d',
      'systemctl stop postern-due.timer',
      'systemctl stop postern-watch.path',
      'systemctl stop postern-watch.service',
      'systemctl daemon-reload',
      'systemctl reset-failed postern-watch.service',
    ]);
    expect([...contents.keys()].filter((path) => !before.has(path))).toEqual([
      '/var/lib/postern/enforcement',
    ]);
  });
});
