import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EnforcementStatus } from '../../src/domain/enforcement.ts';
import { settingsOn } from '../support/accounts.ts';
import { startSshd, stopSshd } from '../support/lab/machine.ts';
import { freshCode } from '../support/pam.ts';
import {
  buildSystemDriver,
  fingerprint,
  removeBuilt,
  type SystemLab,
  settingsOff,
  startSystemLab,
} from '../support/system.ts';

const dropIn = '/etc/ssh/sshd_config.d/00-postern.conf';
const pam = '/etc/pam.d/sshd';

describe('enforcement that is on', () => {
  let built: Awaited<ReturnType<typeof buildSystemDriver>>;
  let lab: SystemLab;
  let untouched: string;
  let enforced: string;

  beforeAll(async () => {
    built = await buildSystemDriver();
    lab = await startSystemLab(built);
    untouched = await fingerprint(lab.machine);
    await lab.drive(['apply'], settingsOn);
    enforced = await fingerprint(lab.machine);
  }, 120_000);

  afterAll(() => {
    lab?.stop();
    removeBuilt(built);
  });

  beforeEach(async () => {
    await lab.drive(['save'], settingsOn);
    expect(await lab.drive(['install'])).toMatchObject({ status: 0 });
    expect(await fingerprint(lab.machine)).toBe(enforced);
  });

  const status = async () => (await lab.drive(['status'])).value as EnforcementStatus;
  const codes = (found: EnforcementStatus) => found.findings.map(({ code }) => code);

  it('is found in order, and a second install changes nothing', async () => {
    expect(await status()).toMatchObject({
      expected: true,
      enforced: true,
      switch: { state: 'on', override: 'absent' },
      sshd: { running: true, configuration: 'current' },
      findings: [],
    });
    expect(await lab.drive(['install'])).toMatchObject({
      value: { changed: [], sshd: 'reloaded', warnings: [] },
    });
  });

  const damages: readonly {
    because: string;
    damage: string;
    finding: string;
    enforced: boolean | null;
  }[] = [
    {
      because: 'an upgrade of the package wrote its PAM file anew',
      damage: `sed -i '/postern/d' ${pam}`,
      finding: 'pam_missing',
      enforced: false,
    },
    {
      because: 'somebody edited the block',
      damage: `sed -i 's/success=ok ignore=ignore default=die/success=ok ignore=ignore default=bad/' ${pam}`,
      finding: 'pam_edited',
      enforced: true,
    },
    {
      because: 'an edit of the block forgives a wrong code',
      damage: `sed -i 's/success=ok ignore=ignore default=die/success=ok ignore=ignore default=ignore/' ${pam}`,
      finding: 'pam_bypass',
      enforced: false,
    },
    {
      because: 'a rule before the block lets people in',
      damage: `sed -i '1i auth sufficient pam_succeed_if.so user = alice' ${pam}`,
      finding: 'pam_bypass',
      enforced: false,
    },
    {
      because: 'a wrong password was made to lead to the code',
      damage: `sed -i 's/^@include common-auth$/auth required pam_unix.so/' ${pam}`,
      finding: 'pam_unguarded',
      enforced: true,
    },
    {
      because: 'sshd_config was written anew without its Include',
      damage: `sed -i 's/^Include/#Include/' /etc/ssh/sshd_config`,
      finding: 'sshd_values',
      enforced: false,
    },
    {
      because: 'the drop-in was removed, though sshd has not read that yet',
      damage: `rm ${dropIn}`,
      finding: 'sshd_missing',
      enforced: false,
    },
    {
      because: 'a comment in the drop-in was edited and not read by sshd yet',
      damage: `sleep 0.05; echo '# mine' >> ${dropIn}`,
      finding: 'sshd_older',
      enforced: false,
    },
    {
      because: 'the switch was thrown by hand',
      damage: 'mkdir -p /run/postern; echo off > /run/postern/enforcement',
      finding: 'override_off',
      enforced: false,
    },
  ];
  it.each(damages)(
    'is found wanting and repaired when $because',
    async ({ damage, finding, enforced: asks }) => {
      await lab.machine.sh(damage);
      const found = await status();
      expect(codes(found)).toContain(finding);
      expect(found).toMatchObject({ expected: true, enforced: asks });
      await lab.machine.sh(
        `sed -i 's/^#Include/Include/' /etc/ssh/sshd_config
        sed -i '/user = alice/d; s/^auth required pam_unix.so$/@include common-auth/' ${pam}`,
      );
      expect(await lab.drive(['install'])).toMatchObject({ status: 0 });
      expect(codes(await status())).toEqual([]);
      expect((await lab.signIn('alice', ["alice's password", freshCode])).prompts).toContain(
        'Verification code: ',
      );
    },
  );

  it('says so when the module is gone and everybody is denied', async () => {
    await lab.machine.sh(`mv ${built.module} ${built.module}.away`);
    const found = await status();
    await lab.machine.sh(`mv ${built.module}.away ${built.module}`);
    expect(codes(found)).toContain('pam_module_missing');
    expect(found.enforced).toBe(null);
  });

  it('believes no module that others may write', async () => {
    await lab.machine.sh(`chmod g+w ${built.module}`);
    const found = await status();
    await lab.machine.sh(`chmod g-w ${built.module}`);
    expect(codes(found)).toContain('pam_module_missing');
  });

  it('says so when sshd is not running, and takes its word again once it is', async () => {
    await stopSshd(lab.machine);
    expect(codes(await status())).toEqual(['sshd_stopped']);
    expect(await lab.drive(['install'])).toMatchObject({ status: 0, value: { sshd: 'not_running' } });
    await lab.drive(['save'], settingsOff);
    expect(codes(await status())).toContain('sshd_stopped');
    await lab.drive(['save'], settingsOn);
    await startSshd(lab.machine);
    expect(codes(await status())).toEqual([]);
  });

  it('says so when sshd refuses its configuration, whether codes are asked for or not', async () => {
    const broken = (command: string) => lab.machine.sh(`${command} /etc/ssh/sshd_config`);
    await broken("sed -i '$a NoSuchKeyword yes'");
    const withCodes = await status();
    await lab.drive(['save'], settingsOff);
    const withoutCodes = await status();
    await broken('sed -i /NoSuchKeyword/d');
    expect(codes(withCodes)).toContain('sshd_config');
    expect(withCodes.findings.find(({ code }) => code === 'sshd_config')?.message).toMatch(
      /sshd_config.*line/,
    );
    expect(codes(withoutCodes)).toContain('sshd_config');
  });

  const others: readonly { because: string; start: string; says: RegExp | null }[] = [
    {
      because: 'its configuration asks for no code',
      start:
        "printf 'UsePAM yes\\n' > /etc/ssh/sshd2; /usr/sbin/sshd -f /etc/ssh/sshd2 -p 2200 -o PidFile=none",
      says: /-f \/etc\/ssh\/sshd2.*requires no code of root: AuthenticationMethods any in \/etc\/ssh\/sshd2/,
    },
    {
      because: 'it has another PAM service by its name',
      start: 'cp /usr/sbin/sshd /root/sshd2; /root/sshd2 -p 2200 -o PidFile=none',
      says: /PAM service sshd2/,
    },
    {
      because: 'a Match block lets somebody in by key alone',
      start: `sed '/^UsePAM/a Match User alice\\n AuthenticationMethods publickey' ${dropIn} > /etc/ssh/sshd2
        /usr/sbin/sshd -f /etc/ssh/sshd2 -p 2200 -o PidFile=none`,
      says: /requires no code of alice: AuthenticationMethods publickey in/,
    },
    {
      because: 'it asks for the same',
      start: '/usr/sbin/sshd -f /etc/ssh/sshd_config -p 2200 -o PidFile=none',
      says: null,
    },
  ];
  it.each(others)('looks at a second sshd, where $because', async ({ start, says }) => {
    await lab.machine.sh(start);
    const found = await status();
    await lab.machine.sh(
      "kill $(ss -tlnpH 'sport = 2200' | grep -o 'pid=[0-9]*' | head -1 | cut -d= -f2); rm -f /etc/ssh/sshd2 /root/sshd2",
    );
    const other = found.findings.find(({ code }) => code === 'other_sshd');
    if (says === null) expect(found).toMatchObject({ enforced: true, findings: [] });
    else
      expect({ enforced: found.enforced, message: other?.message }).toEqual({
        enforced: false,
        message: expect.stringMatching(says),
      });
  });

  it('does not call enforced what a Match block before its drop-in lets in by key alone', async () => {
    const ahead = '/etc/ssh/sshd_config.d/00-a.conf';
    await lab.machine.write(ahead, '# mine\nMatch User alice\n  AuthenticationMethods publickey\n');
    const found = await status();
    const refused = await lab.drive(['install']);
    // Whatever else is changed goes on, with a warning.
    const other = await lab.drive(['change'], {
      ...settingsOn,
      ssh: { passwordauth: true, rootlogin: null },
    });
    expect(other).toMatchObject({
      status: 0,
      value: { warnings: expect.arrayContaining([expect.stringContaining(`${ahead}:3`)]) },
    });
    expect(await lab.drive(['change'], settingsOn)).toMatchObject({ status: 0 });
    expect(found.enforced).toBe(false);
    expect(found.findings[0]).toMatchObject({
      message: expect.stringContaining(`${ahead}:3`),
      hint: `mv ${ahead} /etc/ssh/sshd_config.d/10-a.conf`,
    });
    expect(refused).toMatchObject({
      code: 'apply.sshd_values',
      message: expect.stringContaining(`${ahead}:3`),
    });
    await lab.machine.sh(found.findings[0]?.hint ?? '');
    expect(await lab.drive(['install'])).toMatchObject({ status: 0 });
    expect(await status()).toMatchObject({ enforced: true, findings: [] });
    await lab.machine.sh('rm /etc/ssh/sshd_config.d/10-a.conf');
  });

  it('warns who lets people in while sshd is dead or cannot start', async () => {
    await stopSshd(lab.machine);
    const dead = await lab.drive(['off'], settingsOff);
    await lab.machine.sh("sed -i '$a NoSuchKeyword yes' /etc/ssh/sshd_config");
    const broken = await lab.drive(['off'], settingsOff);
    await lab.machine.sh('sed -i /NoSuchKeyword/d /etc/ssh/sshd_config');
    await startSshd(lab.machine);
    const type = expect.stringContaining('type: service start ssh');
    expect(dead.value).toMatchObject({ warnings: [type] });
    expect(broken.value).toMatchObject({ warnings: [expect.stringContaining('NoSuchKeyword')] });
    expect((await lab.drive(['off'], settingsOff)).value).toMatchObject({ warnings: [] });
  });

  it('does not pretend to know what an sshd without its pid file has read', async () => {
    await lab.machine.sh(`mv /run/sshd.pid /run/away; touch ${dropIn}`);
    const found = await status();
    await lab.machine.sh('mv /run/away /run/sshd.pid');
    expect(found).toMatchObject({ enforced: null, sshd: { running: true, configuration: 'unknown' } });
    expect(codes(found)).toEqual(['sshd_unknown']);
  });

  it('holds real conversations for a test', async () => {
    expect((await lab.drive(['test', 'alice'])).value).toMatchObject({
      asked_for_code: true,
      let_in_without_code: false,
      code_after_wrong_password: false,
    });
    expect((await lab.drive(['test', 'bob'])).value).toMatchObject({
      asked_for_code: false,
      let_in_without_code: true,
    });
    expect(await lab.drive(['test', 'nobody-here'])).toMatchObject({ status: 1, code: 'not_found.account' });
  });

  it('stays taken out while something else is changed, which is told', async () => {
    await lab.drive(['remove']);
    const other = { ...settingsOn, two_factor: { ...settingsOn.two_factor, window: 9 } };
    expect(await lab.drive(['change'], other)).toMatchObject({
      status: 0,
      value: { warnings: [expect.stringContaining('removed from sshd and PAM')] },
    });
    expect(await fingerprint(lab.machine)).toBe(untouched);
    expect((await lab.drive(['settings'])).value).toEqual(other);

    const ssh = { ...other, ssh: { ...other.ssh, passwordauth: true } };
    const { value } = await lab.drive(['change'], ssh);
    expect(value).toMatchObject({
      warnings: expect.arrayContaining([expect.stringContaining('codes are required')]),
    });
    expect((await status()).enforced).toBe(true);
    await lab.drive(['apply'], settingsOn);
  });

  it('is taken out without a trace', async () => {
    await lab.drive(['save'], settingsOff);
    expect(await lab.drive(['remove'])).toMatchObject({
      status: 0,
      value: { sshd: 'reloaded', warnings: [] },
    });
    expect(await fingerprint(lab.machine)).toBe(untouched);
    expect(await lab.machine.sh('ls /run/postern /var/lib/postern/enforcement 2>/dev/null || :')).toBe('');
    expect(await lab.signIn('alice', ["alice's password"])).toMatchObject({ entered: true });
    expect(await lab.signIn('alice', [], ['-i', '/root/key'])).toMatchObject({ entered: true, prompts: [] });
  });
});
