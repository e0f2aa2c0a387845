import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settingsOn } from '../support/accounts.ts';
import { stopSshd } from '../support/lab/machine.ts';
import {
  buildSystemDriver,
  removeBuilt,
  type SystemLab,
  settingsOff,
  startSystemLab,
} from '../support/system.ts';

describe('getting back in', () => {
  let built: Awaited<ReturnType<typeof buildSystemDriver>>;
  let lab: SystemLab;

  beforeAll(async () => {
    built = await buildSystemDriver();
  }, 120_000);
  afterAll(() => removeBuilt(built));

  beforeEach(async () => {
    lab = await startSystemLab(built);
    expect(await lab.drive(['apply'], settingsOn)).toMatchObject({ status: 0 });
    expect((await lab.signIn('alice', ["alice's password"])).entered).toBe(false);
  }, 120_000);
  afterEach(() => lab?.stop());

  const passwordIsEnough = async () => (await lab.signIn('alice', ["alice's password"])).entered;
  const keyIsEnough = async () => (await lab.signIn('alice', [], ['-i', '/root/key'])).entered;

  it('works though sshd refuses an unrelated line, which is told', async () => {
    await lab.machine.write('/etc/ssh/sshd_config.d/lab.conf', 'NoSuchKeyword yes\n');
    const answer = await lab.drive(['off'], settingsOff);
    expect(answer).toMatchObject({ status: 0, value: { until: 'changed', saved: true } });
    expect(JSON.stringify(answer.value)).toContain('NoSuchKeyword');
    expect(await passwordIsEnough()).toBe(true);
    expect(await keyIsEnough()).toBe(true);
    // Once the line is mended, the rest follows.
    await lab.machine.write('/etc/ssh/sshd_config.d/lab.conf', '\n');
    expect(await lab.drive(['install'])).toMatchObject({ status: 0, value: { sshd: 'reloaded' } });
    expect(await lab.machine.read('/etc/pam.d/sshd')).not.toContain('postern');
    expect(await keyIsEnough()).toBe(true);
  });

  it('comes by itself at a deadline, though sshd refuses an unrelated line', async () => {
    await lab.machine.write('/etc/ssh/sshd_config.d/lab.conf', 'NoSuchKeyword yes\n');
    // What a timer does with `confirm_within`: the ordinary way, nobody there to type the line of recovery.
    const answer = await lab.drive(['apply'], settingsOff);
    expect(answer).toMatchObject({ status: 0 });
    expect(JSON.stringify(answer.value)).toContain('NoSuchKeyword');
    expect((await lab.drive(['settings'])).value).toEqual(settingsOff);
    expect(await passwordIsEnough()).toBe(true);
    expect(await keyIsEnough()).toBe(true);
  });

  it('works until the next boot where nothing can be written', async () => {
    await lab.machine.sh(`
      mount --bind /var/lib/postern /var/lib/postern; mount -o remount,bind,ro /var/lib/postern
      mount --bind /etc /etc; mount -o remount,bind,ro /etc`);
    const answer = await lab.drive(['switch']);
    expect(answer).toMatchObject({ status: 0, value: { until: 'boot' } });
    expect(JSON.stringify(answer.value)).toContain('holds until the next boot');
    expect(await passwordIsEnough()).toBe(true);
    expect(await keyIsEnough()).toBe(true);
    // After the boot, /run is new.
    await lab.machine.sh('rm -r /run/postern');
    expect(await passwordIsEnough()).toBe(false);
  });

  it('works where an override says on', async () => {
    await lab.machine.sh('mkdir -p /run/postern; echo on > /run/postern/enforcement');
    expect(await lab.drive(['switch'])).toMatchObject({
      status: 0,
      value: { until: 'changed', warnings: [] },
    });
    expect(await passwordIsEnough()).toBe(true);
  });

  it('works with no sshd running, for when it starts', async () => {
    await stopSshd(lab.machine);
    const warning = expect.stringMatching(/^sshd is not running, so nobody can sign in over SSH/);
    expect(await lab.drive(['off'], settingsOff)).toMatchObject({
      status: 0,
      value: { warnings: [warning] },
    });
    await lab.machine.sh('/usr/sbin/sshd; sleep 0.3');
    expect(await passwordIsEnough()).toBe(true);
  });

  it('works with the module and the helper gone', async () => {
    await lab.machine.sh(`mkdir /root/away; mv ${built.module} ${built.helper} /root/away`);
    const answer = await lab.drive(['off'], settingsOff);
    const entered = await passwordIsEnough();
    await lab.machine.sh(`mv /root/away/* ${built.directory}`);
    expect(answer).toMatchObject({ status: 0, value: { warnings: [] } });
    expect(entered).toBe(true);
  });

  it('is complete again when codes are turned on anew: the override goes', async () => {
    await lab.machine.sh('mkdir -p /run/postern; echo off > /run/postern/enforcement');
    expect(await passwordIsEnough()).toBe(true);
    expect(await lab.drive(['apply'], settingsOn)).toMatchObject({ status: 0 });
    expect(await passwordIsEnough()).toBe(false);
  });
});
