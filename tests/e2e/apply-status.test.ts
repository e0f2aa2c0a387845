import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EnforcementStatus } from '../../src/system/types.ts';
import { settingsOn } from '../pam/fakes.ts';
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
      damage: `sed -i 's/success=ok ignore=ignore default=die/success=ok ignore=ignore default=ignore/' ${pam}`,
      finding: 'pam_edited',
      enforced: true,
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
    await startSshd(lab.machine);
    expect(codes(await status())).toEqual([]);
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
      value: { warnings: [expect.stringContaining('taken out of sshd and PAM')] },
    });
    expect(await fingerprint(lab.machine)).toBe(untouched);
    expect((await lab.drive(['settings'])).value).toEqual(other);

    const ssh = { ...other, ssh: { ...other.ssh, passwordauth: true } };
    const { value } = await lab.drive(['change'], ssh);
    expect(value).toMatchObject({ warnings: [expect.stringContaining('codes are asked for again')] });
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
