import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Appliance, installAppliance, passwordOf } from '../support/appliance.ts';
import { projectRoot } from '../support/lab/machine.ts';
import { type SystemdMachine, startSystemdMachine } from '../support/lab/systemd.ts';
import { fingerprint } from '../support/system.ts';
import { waitFor } from '../support/wait.ts';

const on = 'auth two_factor update enabled=true';
const off = 'auth two_factor update enabled=false';
const bothPrompts = ['Password: ', 'Verification code: '];

describe('an appliance that systemd runs', () => {
  let machine: SystemdMachine;
  let appliance: Appliance;
  let before: string;

  beforeAll(async () => {
    machine = await startSystemdMachine();
    appliance = await installAppliance(machine);
    await machine.write('/etc/ssh/sshd_config.d/lab.conf', 'PermitRootLogin yes\n');
    // dpkg's own records are the real machine's: this one gets its own.
    await machine.sh(`
      mount -t tmpfs -o mode=755 tmpfs /var/lib/dpkg
      mkdir /var/lib/dpkg/info /var/lib/dpkg/updates; : > /var/lib/dpkg/status`);
    await machine.boot();
    before = await fingerprint(machine);
    await appliance.ask('auth two_factor update window=10 services.ssh=true');
    await appliance.enrol('root');
  }, 180_000);

  afterAll(() => machine?.stop());

  const signInRoot = () => appliance.signIn('root', [passwordOf('root'), () => appliance.nextCode('root')]);
  const passwordIsEnough = async () => (await appliance.signIn('root', [passwordOf('root')])).entered;
  const config = () => appliance.ask('auth two_factor config');
  const units = () =>
    machine.sh('cd /etc/systemd/system; ls -d postern-due* timers.target.d/postern* 2>/dev/null || :');
  /** Looked at from outside: any Postern that is started would settle it itself. */
  const timerHasActed = () =>
    waitFor('the timer to act', async () => ((await units()) === '' ? true : undefined), 90_000);
  const nextBoot = async () => {
    await machine.off();
    await machine.boot();
  };

  it('asks for codes once sshd was reloaded by its unit, and tells the journal', async () => {
    await appliance.ask(on);
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
    expect(await passwordIsEnough()).toBe(false);
    expect(await machine.sh('journalctl -u ssh')).toContain('Reloaded ssh.service');
    expect(await machine.sh('journalctl SYSLOG_FACILITY=10')).toMatch(/ verification accepted for root /);
    expect(await appliance.ask('system enforcement status')).toMatchObject({ enforced: true, findings: [] });
    await appliance.ask(off);
    expect(await passwordIsEnough()).toBe(true);
    expect(await fingerprint(machine)).toBe(before);
  });

  it('puts back by a timer what nobody confirmed', async () => {
    await appliance.ask(`${on} confirm_within=1m`);
    expect(await passwordIsEnough()).toBe(false);
    expect(await machine.sh('systemctl list-timers --no-pager postern-due.timer')).toContain(
      'postern-due.service',
    );
    expect(await machine.sh("pgrep -f '[t]imers wait' || :")).toBe('');
    await timerHasActed();
    expect(await config()).toMatchObject({ enabled: false });
    expect(await passwordIsEnough()).toBe(true);
    expect(await fingerprint(machine)).toBe(before);
    expect(await machine.sh('systemctl list-units --all --no-legend "postern*"')).toBe('');
    expect(await machine.sh('systemctl --failed --no-legend')).toBe('');
  }, 120_000);

  it('asks for codes after a reboot, and ends a time off that ran out while the machine was down', async () => {
    await appliance.ask(on);
    await appliance.ask('system reboot');
    await nextBoot();
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });

    await appliance.ask(`${off} for=1m`);
    expect(await passwordIsEnough()).toBe(true);
    await appliance.ask('system shutdown');
    await machine.off();
    await sleep(61_000);
    await machine.boot();
    // The switch has ended by itself, before any unit acts.
    expect(await machine.read('/var/lib/postern/enforcement')).toMatch(/^off until /);
    expect(await passwordIsEnough()).toBe(false);
    await timerHasActed();
    expect(await machine.read('/var/lib/postern/enforcement')).toBe('on\n');
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
    expect(await machine.sh('systemctl --failed --no-legend')).toBe('');
  }, 180_000);

  describe('where something takes the code away', () => {
    const pam = '/etc/pam.d/sshd';
    const alerts = async () =>
      (await machine.sh('journalctl -q -p alert -t postern -o cat || :')).trim().split('\n').filter(Boolean);
    const nextAlert = async (count: number) =>
      waitFor(
        `alert ${count}`,
        async () => ((await alerts()).length >= count ? await alerts() : undefined),
        60_000,
      );
    const looked = (service = 'postern-watch.service') =>
      machine.sh(`while [ "$(systemctl is-active ${service})" = activating ]; do sleep 0.2; done`);

    it('alerts once to an edit by hand, which stays, and shows it in status', async () => {
      await appliance.ask(on);
      await looked();
      const first = (await alerts()).length;
      await machine.sh(`sed -i '/postern/d' ${pam}`);
      expect((await nextAlert(first + 1)).at(-1)).toContain(`${pam} does not run pam_postern.so`);
      await looked();
      expect(await machine.read(pam)).not.toContain('postern');
      // Another change that changes nothing of it.
      await machine.sh('systemctl start postern-watch.service');
      expect(await alerts()).toHaveLength(first + 1);
      const { status, data } = await appliance.postern(['-o', 'json', 'system', 'enforcement', 'status']);
      expect(status).toBe(1);
      expect(data).toMatchObject({
        enforced: false,
        watch: { by: 'systemd', alert: expect.stringContaining('does not run pam_postern.so') },
      });
      expect(await appliance.ask('system audit query order_by=-time limit=3')).toContainEqual(
        expect.objectContaining({ line: expect.stringContaining('(watch: '), outcome: 'failed' }),
      );
      await appliance.ask('system enforcement install');
      await machine.sh('systemctl start postern-watch.service');
      expect(await alerts()).toHaveLength(first + 1);
      expect(await appliance.ask('system enforcement status')).toMatchObject({
        enforced: true,
        findings: [],
        watch: { by: 'systemd', alert: null },
      });
    }, 120_000);

    it('alerts to a program that is gone, which cannot say so itself', async () => {
      const first = (await alerts()).length;
      await machine.sh(`mv ${appliance.program}/dist/postern.cjs /root/away`);
      const told = await nextAlert(first + 1);
      await looked();
      await machine.sh(`mv /root/away ${appliance.program}/dist/postern.cjs`);
      expect(told.at(-1)).toContain('could not be checked');
      await looked();
      await machine.sh('systemctl start postern-watch.service');
      expect(await alerts()).toHaveLength(first + 1);
    }, 120_000);

    it('puts back by itself what a package replaced', async () => {
      const first = (await alerts()).length;
      await machine.sh(`
        cd /root; mkdir -p deb/DEBIAN deb/etc/pam.d
        sed '/postern/d' ${pam} > deb/etc/pam.d/sshd; echo '# of the next version' >> deb/etc/pam.d/sshd
        touch -d 2025-01-01 deb/etc/pam.d/sshd; echo ${pam} > deb/DEBIAN/conffiles
        printf '%s\\n' 'Package: openssh-server' 'Version: 99' 'Architecture: all' 'Maintainer: x <x@example.org>' \\
          'Description: x' > deb/DEBIAN/control
        dpkg-deb -b deb openssh-server.deb
        dpkg --force-confnew -i openssh-server.deb`);
      expect((await nextAlert(first + 1)).at(-1)).toMatch(/a package replaced .*they were restored/);
      await looked();
      expect(await machine.read(pam)).toMatch(/pam_postern[\s\S]*# of the next version/);
      expect(await appliance.ask('system enforcement status')).toMatchObject({
        enforced: true,
        findings: [],
      });
      expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
      expect(await passwordIsEnough()).toBe(false);
      await machine.sh(`sed -i '/# of the next version/d' ${pam}`);
      await looked();
    }, 120_000);

    it('leaves no unit behind', async () => {
      await appliance.ask(off);
      expect(
        await machine.sh('cd /etc/systemd/system; ls -d postern* {timers,paths}.target.d 2>/dev/null || :'),
      ).toBe('');
      await looked();
      expect(await machine.sh('systemctl list-units --all --no-legend "postern*"')).toBe('');
    });
  });

  it('starts, stops and enables the SSH service by its unit', async () => {
    await appliance.ask(on);
    await appliance.ask('service update ssh enable=false');
    await appliance.ask('service stop ssh');
    expect(await appliance.ask('service query')).toMatchObject([
      { enable: false, running: false, pid: null },
    ]);
    expect(await isActive()).toBe('inactive\n');
    await appliance.ask('system reboot');
    await nextBoot();
    expect(await isActive()).toBe('inactive\n');
    await appliance.ask('service start ssh');
    await appliance.ask('service update ssh enable=true');
    expect(await appliance.ask('service query')).toMatchObject([{ enable: true, running: true }]);
    expect(await isActive()).toBe('active\n');
    await machine.sh('echo Nonsense yes >> /etc/ssh/sshd_config.d/lab.conf');
    expect(await appliance.postern(['service', 'reload', 'ssh'])).toMatchObject({ status: 3 });
    expect(await isActive()).toBe('active\n');
    await machine.sh('sed -i /Nonsense/d /etc/ssh/sshd_config.d/lab.conf');
    await appliance.ask('service reload ssh');
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
  }, 60_000);

  it('does all that where a socket starts sshd for whoever comes', async () => {
    const query = async () => (await appliance.ask('service query'))[0];
    const answer = (line: string) => appliance.postern(line.split(' '));
    await machine.sh('systemctl disable -q --now ssh; systemctl enable -q --now ssh.socket');
    expect(await query()).toMatchObject({ enable: true, running: true, pid: null });
    for (let round = 0; round < 2; round += 1) {
      // The second time it has been started already.
      expect((await answer(off)).stderr).toBe('');
      expect(await passwordIsEnough()).toBe(true);
      expect((await answer(on)).stderr).not.toContain('sshd');
      expect(await appliance.ask('system enforcement status')).toMatchObject({
        enforced: true,
        findings: [],
      });
      expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
    }
    await appliance.ask('service reload ssh');
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
    await appliance.ask('service update ssh enable=false');
    await appliance.ask('service stop ssh');
    expect(await query()).toMatchObject({ enable: false, running: false, pid: null });
    expect(await passwordIsEnough()).toBe(false);
    await appliance.ask('service update ssh enable=true');
    await appliance.ask('service start ssh');
    expect(await isActive()).toBe('active\n');
  }, 120_000);

  it('lets the console in by the switch alone, should Node and the store be gone', async () => {
    expect(await passwordIsEnough()).toBe(false);
    await machine.sh('mv /opt/postern /opt/away; mv /var/lib/postern /var/lib/away');
    expect(await passwordIsEnough()).toBe(false);
    await machine.sh('mkdir -p /run/postern; echo off > /run/postern/enforcement');
    expect(await passwordIsEnough()).toBe(true);
    await machine.sh(
      'mv /opt/away /opt/postern; mv /var/lib/away /var/lib/postern; rm /run/postern/enforcement',
    );
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
  });

  it("goes by systemd-timesyncd's own measurement of the clock", async () => {
    // Unpacked and not installed: the package would take another time service away from the machine.
    const folder = mkdtempSync(join(tmpdir(), 'timesyncd-'));
    execFileSync('apt-get', ['download', '-qq', 'systemd-timesyncd'], { cwd: folder, stdio: 'pipe' });
    execFileSync('dpkg-deb', ['-x', readdirSync(folder)[0] ?? '', 'root'], { cwd: folder });
    // It measures and may not set: the clock is the real machine's.
    await machine.sh(`
      cp -r '${folder}/root' /opt/timesyncd
      cd /etc/systemd/system
      rm systemd-timesyncd.service
      cp /opt/timesyncd/lib/systemd/system/systemd-timesyncd.service .
      mkdir systemd-timesyncd.service.d
      printf '%s\\n' '[Unit]' ConditionVirtualization= ConditionCapability= '[Service]' CapabilityBoundingSet= \\
        AmbientCapabilities= ExecStart= ExecStart=/opt/timesyncd/lib/systemd/systemd-timesyncd \\
        > systemd-timesyncd.service.d/lab.conf
      printf '%s\\n' '[Time]' NTP=127.0.0.1 > /etc/systemd/timesyncd.conf
      mkdir -p /etc/dbus-1/system.d
      cp /opt/timesyncd/usr/share/dbus-1/system.d/*.conf /etc/dbus-1/system.d
      systemctl reload dbus
      systemctl daemon-reload`);
    rmSync(folder, { recursive: true });
    await machine.sh(`
      systemd-run -q python3 '${projectRoot}/tests/support/lab/ntp-server.py' 123 90
      systemctl enable -q --now systemd-timesyncd`);
    const measured = await waitFor('a measurement', async () => {
      const clock = await appliance.ask('system clock');
      return clock.offset_seconds === null ? undefined : clock;
    });
    expect(measured).toMatchObject({ synchronised: false, by: 'systemd-timesyncd' });
    expect(measured.offset_seconds).toBeCloseTo(-90, 0);
    await appliance.ask('auth two_factor update window=1');
    await appliance.ask(off);
    const refused = await appliance.postern(on.split(' '));
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('the clock is 90 s behind');
  });

  const isActive = () => machine.sh('systemctl is-active ssh || :');
});
