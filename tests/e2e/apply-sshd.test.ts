import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EnforcementStatus } from '../../src/domain/enforcement.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { makeAccount, settingsOn } from '../support/accounts.ts';
import type { Answer } from '../support/lab/login.ts';
import { setPassword, stopSshd } from '../support/lab/machine.ts';
import { freshCode } from '../support/pam.ts';
import {
  buildSystemDriver,
  removeBuilt,
  type SystemLab,
  settingsOff,
  startSystemLab,
} from '../support/system.ts';

const main = '/etc/ssh/sshd_config';
const lan = ['-b', '127.0.0.2'];
const withKey = ['-i', '/root/key'];
const noKey = ['-o', 'PubkeyAuthentication=no'];

/** Alice is enrolled; bob and root have no device, so that nothing but sshd stands between them and the machine. */
describe('codes beside an sshd_config of one’s own', () => {
  let built: Awaited<ReturnType<typeof buildSystemDriver>>;
  let lab: SystemLab;
  let stock: string;

  beforeAll(async () => {
    built = await buildSystemDriver();
    lab = await startSystemLab(built);
    await lab.machine.sh('useradd -o -u 0 -m -d /home/toor -s /bin/bash toor');
    await setPassword(lab.machine, 'toor', "toor's password");
    stock = await lab.machine.read(main);
    await lab.machine.sh('cp -a /etc/ssh /root/ssh');
  }, 120_000);

  afterAll(() => {
    lab?.stop();
    removeBuilt(built);
  });

  beforeEach(async () => {
    await lab.machine.sh('rm -rf /etc/ssh /etc/vendor; cp -a /root/ssh /etc/ssh');
    await lab.drive(
      ['accounts'],
      [makeAccount('alice', { admin: true }), makeAccount('root', { devices: [] })],
    );
    await lab.drive(['apply'], settingsOff);
    await hup();
  });

  const hup = () => lab.drive(['reload']);
  const on = (settings: Settings = settingsOn) => lab.drive(['apply'], settings);
  const append = async (lines: string) => {
    await lab.machine.write(main, `${stock}\n${lines}\n`);
    await hup();
  };
  const status = async () => (await lab.drive(['status'])).value as EnforcementStatus;
  const enter = async (user: string, answers: readonly Answer[], options: readonly string[] = noKey) =>
    // Whatever name uid 0 has on the other side.
    /^LOGIN_OK$/m.test((await lab.signIn(user, answers, options)).output);

  const shut: readonly { because: string; config: string; user: string; from?: readonly string[] }[] = [
    {
      because: 'a Match block takes his password away',
      config: 'Match User bob\n  PasswordAuthentication no',
      user: 'bob',
    },
    {
      because: 'AuthenticationMethods asks everyone for a key',
      config: 'AuthenticationMethods publickey',
      user: 'bob',
    },
    {
      because: 'passwords are taken from one address alone',
      config: 'PasswordAuthentication no\nMatch Address 127.0.0.1\n  PasswordAuthentication yes',
      user: 'bob',
      from: lan,
    },
    {
      because: 'PAM asks from one address alone',
      config: 'PasswordAuthentication no\nMatch Address 127.0.0.1\n  KbdInteractiveAuthentication yes',
      user: 'bob',
      from: lan,
    },
    {
      because: 'root may come from one address alone',
      config: 'PermitRootLogin no\nMatch Address 127.0.0.1\n  PermitRootLogin yes',
      user: 'root',
      from: lan,
    },
    {
      because: 'uid 0 by another name is to have a key',
      config: 'PermitRootLogin prohibit-password',
      user: 'toor',
    },
  ];
  it.each(shut)('opens nothing to a password where $because', async ({ config, user, from = [] }) => {
    await append(config);
    const password = [`${user}'s password`];
    expect(await enter(user, password, [...noKey, ...from])).toBe(false);
    expect(await on()).toMatchObject({ status: 0 });
    expect(await enter(user, password, [...noKey, ...from])).toBe(false);
    expect(await status()).toMatchObject({ enforced: true, findings: [] });
  });

  const kept: readonly { because: string; config: string; user: string; from?: readonly string[] }[] = [
    {
      because: 'passwords are taken from his address',
      config: 'PasswordAuthentication no\nMatch Address 127.0.0.2\n  PasswordAuthentication yes',
      user: 'bob',
      from: lan,
    },
    {
      because: 'another is the one without',
      config: 'Match User alice\n  PasswordAuthentication no',
      user: 'bob',
    },
    {
      because: 'root may come from his address',
      config: 'PermitRootLogin no\nMatch Address 127.0.0.2\n  PermitRootLogin yes',
      user: 'root',
      from: lan,
    },
    {
      because: 'a later block is about another',
      config:
        'PasswordAuthentication no\nMatch Address 127.0.0.0/8\n  PasswordAuthentication yes\nMatch User git\n  AuthenticationMethods publickey',
      user: 'bob',
      from: lan,
    },
    {
      because: 'root may come, and a later block is about another',
      config:
        'PermitRootLogin prohibit-password\nMatch Address 127.0.0.0/8\n  PermitRootLogin yes\nMatch User git\n  PasswordAuthentication no',
      user: 'root',
      from: lan,
    },
    {
      because: 'a later block keeps root’s name in other groups out',
      config:
        'PermitRootLogin yes\nMatch Address 127.0.0.0/8\n  PasswordAuthentication yes\nMatch Group mail\n  PermitRootLogin no',
      user: 'root',
      from: lan,
    },
  ];
  it.each(kept)('keeps a password enough where $because', async ({ config, user, from = [] }) => {
    await append(config);
    await lab.drive(['accounts'], [makeAccount('alice', { admin: true })]);
    const password = [`${user}'s password`];
    expect(await enter(user, password, [...noKey, ...from])).toBe(true);
    expect(await on()).toMatchObject({ status: 0 });
    expect(await enter(user, [...password, freshCode], [...noKey, ...from])).toBe(true);
  });

  const exempt: readonly { because: string; config: string; from?: readonly string[] }[] = [
    {
      because: 'a Match block names her',
      config: 'Match User alice\n  AuthenticationMethods publickey',
    },
    {
      because: 'a Match block names her address',
      config: 'Match Address 127.0.0.2\n  AuthenticationMethods publickey',
      from: lan,
    },
    {
      because: 'a Match block would have PAM ask nothing',
      config: 'Match User alice\n  KbdInteractiveAuthentication no',
    },
  ];
  it.each(exempt)('asks a key holder for her code where $because', async ({ config, from = [] }) => {
    await append(config);
    await lab.drive(['accounts'], [makeAccount('alice'), makeAccount('root', { admin: true })]);
    expect(await on()).toMatchObject({ status: 0 });
    expect(await enter('alice', [], [...withKey, ...from])).toBe(false);
    expect(await enter('alice', [freshCode], [...withKey, ...from])).toBe(true);
    expect(await status()).toMatchObject({ enforced: true, findings: [] });
  });

  it('asks for the code whatever the options of the running sshd say', async () => {
    await restart('-o AuthenticationMethods=any -o KbdInteractiveAuthentication=no');
    expect(await on()).toMatchObject({ status: 0 });
    expect(await enter('alice', [], withKey)).toBe(false);
    expect(await enter('alice', [freshCode], withKey)).toBe(true);
    await restart('');
  });

  it('counts them as configuration of its own', async () => {
    await restart('-o PasswordAuthentication=no');
    expect(await on()).toMatchObject({ status: 0 });
    expect(await enter('bob', ["bob's password"])).toBe(false);
    await restart('-o UsePAM=no');
    expect((await status()).findings).toContainEqual(expect.objectContaining({ code: 'sshd_values' }));
    expect(await lab.drive(['install'])).toMatchObject({ status: 3, code: 'apply.sshd_values' });
    await restart('');
  });

  const restart = async (options: string) => {
    await stopSshd(lab.machine);
    await lab.machine.sh(`/usr/sbin/sshd ${options}; while [ ! -e /run/sshd.pid ]; do sleep 0.02; done`);
  };

  it('refuses an sshd without PAM, where nobody is an administrator too', async () => {
    await lab.machine.write(main, `UsePAM no\n${stock}`);
    await hup();
    await lab.drive(['accounts'], [makeAccount('alice'), makeAccount('root', { devices: [] })]);
    expect(await on()).toMatchObject({ status: 3, code: 'apply.sshd_values' });
  });

  it('warns that commands of root’s keys are locked out', async () => {
    await append('PermitRootLogin forced-commands-only');
    const { value } = await on();
    expect(value).toMatchObject({
      warnings: expect.arrayContaining([expect.stringContaining('forced-commands-only')]),
    });
  });

  const unseen: readonly { because: string; before: string; weaken: string; mend: string }[] = [
    {
      because: 'came from a file that is gone',
      before: ':',
      weaken: "echo 'UsePAM no' > /etc/ssh/sshd_config.d/00-aaa.conf",
      mend: 'rm /etc/ssh/sshd_config.d/00-aaa.conf',
    },
    {
      because: 'came from behind a link',
      before: `mkdir /etc/vendor; mv ${main} /etc/vendor; ln -s ../vendor/sshd_config ${main}`,
      weaken: "sed -i '1i UsePAM no' /etc/vendor/sshd_config",
      mend: 'sed -i 1d /etc/vendor/sshd_config',
    },
    {
      because: 'came from a file of another Include',
      before: `mkdir /etc/vendor; touch /etc/vendor/extra; sed -i '1i Include /etc/vendor/extra' ${main}`,
      weaken: "echo 'UsePAM no' > /etc/vendor/extra",
      mend: ': > /etc/vendor/extra',
    },
    {
      because: 'was moved away for an older file',
      before: `cp -p ${main} /root/older`,
      weaken: `sed -i '1i UsePAM no' ${main}`,
      mend: `mv /root/older ${main}`,
    },
  ];
  it.each(unseen)('sees that sshd runs with what $because', async ({ before, weaken, mend }) => {
    await lab.machine.sh(before);
    await hup();
    expect(await on()).toMatchObject({ status: 0 });
    await lab.machine.sh(weaken);
    await hup();
    await lab.machine.sh(`sleep 0.05; ${mend}`);
    expect(await status()).toMatchObject({ enforced: false, sshd: { configuration: 'older' } });
    expect(await lab.drive(['install'])).toMatchObject({ status: 0, value: { sshd: 'reloaded' } });
    expect(await status()).toMatchObject({ enforced: true, findings: [] });
    expect(await enter('alice', [], withKey)).toBe(false);
  });
});
