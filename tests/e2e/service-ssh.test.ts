import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Settings } from '../../src/domain/settings.ts';
import { settingsOn } from '../support/accounts.ts';
import {
  buildSystemDriver,
  removeBuilt,
  type SystemLab,
  settingsOff,
  startSystemLab,
} from '../support/system.ts';
import { waitFor } from '../support/wait.ts';

describe('the SSH service and the timers of a machine without systemd', () => {
  let built: Awaited<ReturnType<typeof buildSystemDriver>>;
  let lab: SystemLab;

  beforeAll(async () => {
    built = await buildSystemDriver();
    lab = await startSystemLab(built);
    await lab.drive(['save'], settingsOff);
  }, 120_000);

  afterAll(() => {
    lab?.stop();
    removeBuilt(built);
  });

  beforeEach(async () => {
    await lab.machine.write('/etc/ssh/sshd_config.d/lab.conf', '\n');
    await lab.drive(['start']);
  });

  const service = async () => (await lab.drive(['service'])).value;
  const canSignIn = async () => (await lab.signIn('alice', ["alice's password"])).entered;

  it('is stopped and started, and says what it is', async () => {
    expect(await service()).toMatchObject({ service: 'ssh', installed: true, running: true });
    expect(await lab.drive(['start'])).toMatchObject({ status: 0, value: false });
    expect(await lab.drive(['stop'])).toMatchObject({ status: 0, value: true });
    expect(await service()).toMatchObject({ running: false, pid: null });
    expect(await lab.drive(['stop'])).toMatchObject({ status: 0, value: false });
    expect(await lab.drive(['reload'])).toMatchObject({ status: 1, code: 'rule.service_stopped' });
    expect(await lab.drive(['start'])).toMatchObject({ status: 0, value: true });
    expect(await canSignIn()).toBe(true);
  });

  it('reads its configuration anew on a reload', async () => {
    await lab.machine.write('/etc/ssh/sshd_config.d/lab.conf', 'PasswordAuthentication no\n');
    expect(await canSignIn()).toBe(true);
    expect(await lab.drive(['reload'])).toMatchObject({ status: 0, value: true });
    expect(await canSignIn()).toBe(false);
    await lab.machine.write('/etc/ssh/sshd_config.d/lab.conf', '\n');
    await lab.drive(['reload']);
  });

  it('is never given a configuration that it refuses', async () => {
    await lab.machine.write('/etc/ssh/sshd_config.d/lab.conf', 'NoSuchKeyword yes\n');
    expect(await lab.drive(['reload'])).toMatchObject({ status: 3, code: 'apply.sshd_config' });
    expect(await canSignIn()).toBe(true);
    await lab.machine.sh('kill "$(cat /run/sshd.pid)"; while [ -e /run/sshd.pid ]; do sleep 0.02; done');
    expect(await lab.drive(['start'])).toMatchObject({ status: 3, code: 'apply.sshd_config' });
    expect(await service()).toMatchObject({ running: false });
  });

  it('leaves alone an sshd that serves another configuration', async () => {
    await lab.drive(['stop']);
    await lab.machine.sh(`
      printf 'Port 2222\\nPidFile /run/other.pid\\n' > /etc/ssh/other_config
      /usr/sbin/sshd -f /etc/ssh/other_config`);
    expect(await service()).toMatchObject({ running: false });
    expect(await lab.drive(['stop'])).toMatchObject({ value: false });
    expect(
      await lab.machine.sh('kill -0 "$(cat /run/other.pid)" && kill "$(cat /run/other.pid)" && echo there'),
    ).toBe('there\n');
  });

  it("starts with the machine or not, by Debian's links", async () => {
    expect(await service()).toMatchObject({ enable: null });
    await lab.machine.write('/etc/init.d/ssh', readFileSync('/etc/init.d/ssh', 'utf8'), '0755');
    await lab.machine.sh('mkdir -p /etc/rc{0,1,2,3,4,5,6,S}.d; update-rc.d ssh defaults');
    expect(await service()).toMatchObject({ enable: true });
    expect(await lab.drive(['boot', 'off'])).toMatchObject({ status: 0, value: true });
    expect(await service()).toMatchObject({ enable: false });
    expect(await lab.drive(['boot', 'off'])).toMatchObject({ status: 0, value: false });
    expect(await lab.drive(['boot', 'on'])).toMatchObject({ status: 0, value: true });
    expect(await service()).toMatchObject({ enable: true });
    // The script starts it as well.
    await lab.drive(['stop']);
    expect(await lab.drive(['start'])).toMatchObject({ status: 0, value: true });
    expect(await canSignIn()).toBe(true);
  });

  const pendingIn = (ms: number): Settings => ({
    ...settingsOff,
    pending: { reason: 'for', due_ms: Date.now() + ms, restore: settingsOn.two_factor },
  });
  const waiting = async () => (await lab.machine.sh("pgrep -f '[t]imers wait' || :")).trim();

  it('puts a change in force at its time with no Postern running', async () => {
    await lab.drive(['apply'], pendingIn(4_000));
    const pid = await waiting();
    expect(pid).toMatch(/^\d+$/);
    // Of nobody's session or terminal, holding on to nothing.
    const [session, directory, ...open] = (
      await lab.machine.sh(
        `ps -o sid= -p ${pid} | tr -d ' '; readlink /proc/${pid}/cwd; readlink /proc/${pid}/fd/{0,1,2}`,
      )
    )
      .trim()
      .split('\n');
    expect({ session, directory, open }).toEqual({
      session: pid,
      directory: '/',
      open: ['/dev/null', '/dev/null', '/dev/null'],
    });
    await waitFor(
      'the change to be in force',
      async () => {
        const settings = (await lab.drive(['settings'])).value as Settings;
        return settings.two_factor.enabled && settings.pending === null ? settings : undefined;
      },
      20_000,
    );
    await waitFor('the process to end', async () => ((await waiting()) === '' ? true : undefined));
  });

  it('waits in one process, for the last deadline that was set, and in none when there is none', async () => {
    await lab.drive(['apply'], pendingIn(3_600_000));
    const first = await waiting();
    await lab.drive(['apply'], pendingIn(7_200_000));
    const second = await waiting();
    expect(second).toMatch(/^\d+$/);
    expect(second).not.toBe(first);
    await lab.drive(['apply'], settingsOff);
    await waitFor('the process to end', async () => ((await waiting()) === '' ? true : undefined));
  });

  it('ends no stranger that got the number of its process', async () => {
    await lab.machine.sh('sleep 300 < /dev/null > /dev/null 2>&1 & echo $! > /var/lib/postern/timer.pid');
    const pid = (await lab.machine.read('/var/lib/postern/timer.pid')).trim();
    await lab.drive(['disarm']);
    expect(await lab.machine.sh(`kill -0 ${pid} && kill ${pid} && echo there`)).toBe('there\n');
  });
});
