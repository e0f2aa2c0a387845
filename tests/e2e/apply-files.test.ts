import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Settings } from '../../src/domain/settings.ts';
import { makeAccount, settingsOn } from '../support/accounts.ts';
import { freshCode } from '../support/pam.ts';
import {
  buildSystemDriver,
  fingerprint,
  removeBuilt,
  type SystemLab,
  settingsOff,
  startSystemLab,
} from '../support/system.ts';

const passwordPrompt = 'Password: ';
const codePrompt = 'Verification code: ';
const withKey = ['-i', '/root/key'];

/** Who is asked, and whose keys programs may be using: said where codes are turned on. */
const announced = [
  expect.stringMatching(/^asked for a code at SSH sign-in: .*root; not asked: accounts without a device$/),
  expect.stringMatching(/^programs that sign in with a key of .* update username=alice exempt=true$/),
];

describe('putting settings in force on a real machine', () => {
  let built: Awaited<ReturnType<typeof buildSystemDriver>>;
  let lab: SystemLab;
  let before: string;

  beforeAll(async () => {
    built = await buildSystemDriver();
    lab = await startSystemLab(built);
    before = await fingerprint(lab.machine);
  }, 120_000);

  afterAll(() => {
    lab?.stop();
    removeBuilt(built);
  });

  beforeEach(async () => {
    expect(await lab.drive(['apply'], settingsOff)).toMatchObject({ status: 0 });
    expect(await fingerprint(lab.machine)).toBe(before);
  });

  const withSsh = (ssh: Partial<Settings['ssh']>): Settings => ({
    ...settingsOn,
    ssh: { ...settingsOn.ssh, ...ssh },
  });
  const settingsOfStore = async () => (await lab.drive(['settings'])).value;

  it('asks for a code from the moment it is on, and no more once it is off', async () => {
    expect(await lab.drive(['apply'], settingsOn)).toMatchObject({
      status: 0,
      value: { warnings: announced },
    });
    expect(await lab.signIn('alice', ["alice's password", freshCode])).toMatchObject({
      entered: true,
      prompts: [passwordPrompt, codePrompt],
    });
    expect((await lab.signIn('alice', ['wrong', freshCode])).prompts).not.toContain(codePrompt);
    expect(await lab.drive(['off'], settingsOff)).toMatchObject({ status: 0, value: { warnings: [] } });
    expect(await lab.signIn('alice', ["alice's password"])).toMatchObject({ entered: true });
    expect(await fingerprint(lab.machine)).toBe(before);
  });

  it('asks key holders for the code, and root, whose password Debian refuses, for a key and the code', async () => {
    await lab.drive(
      ['accounts'],
      [makeAccount('alice', { admin: true }), makeAccount('root', { admin: true })],
    );
    expect(await lab.drive(['apply'], settingsOn)).toMatchObject({ status: 0 });
    expect(await lab.signIn('alice', [freshCode], withKey)).toMatchObject({
      entered: true,
      prompts: [codePrompt],
    });
    expect(await lab.signIn('root', [freshCode], withKey)).toMatchObject({
      entered: true,
      prompts: [codePrompt],
    });
    const byPassword = await lab.signIn('root', ["root's password", freshCode]);
    expect(byPassword).toMatchObject({ entered: false, prompts: [] });
  });

  it('lets root in by password and code where rootlogin says so', async () => {
    await lab.drive(
      ['accounts'],
      [makeAccount('alice', { admin: true }), makeAccount('root', { admin: true })],
    );
    expect(await lab.drive(['apply'], withSsh({ rootlogin: true }))).toMatchObject({ status: 0 });
    expect(await lab.signIn('root', ["root's password", freshCode])).toMatchObject({
      entered: true,
      prompts: [passwordPrompt, codePrompt],
    });
  });

  it('asks nobody for a password where passwordauth says so, and warns whom that locks out', async () => {
    await lab.drive(
      ['accounts'],
      [makeAccount('alice', { admin: true }), makeAccount('bob', { admin: true })],
    );
    const applied = await lab.drive(['apply'], withSsh({ passwordauth: false }));
    expect(applied).toMatchObject({
      status: 0,
      value: {
        warnings: [...announced, 'bob has no public key here, and without one cannot sign in over SSH'],
      },
    });
    await lab.drive(['accounts'], [makeAccount('bob')]);
    expect(await lab.signIn('alice', ["alice's password", freshCode])).toMatchObject({
      entered: false,
      prompts: [],
    });
    expect(await lab.signIn('alice', [freshCode], withKey)).toMatchObject({
      entered: true,
      prompts: [codePrompt],
    });
  });

  it('stops at an unrelated line that sshd refuses, with nothing changed', async () => {
    await lab.machine.write('/etc/ssh/sshd_config.d/lab.conf', 'NoSuchKeyword yes\n');
    const broken = await fingerprint(lab.machine);
    const answer = await lab.drive(['apply'], settingsOn);
    expect(answer).toMatchObject({ status: 3, code: 'apply.sshd_config' });
    expect(answer.message).toContain('/etc/ssh/sshd_config.d/lab.conf');
    expect(await fingerprint(lab.machine)).toBe(broken);
    expect(await settingsOfStore()).toEqual(settingsOff);
    expect(await lab.signIn('alice', ["alice's password"])).toMatchObject({ entered: true });
    await lab.machine.write('/etc/ssh/sshd_config.d/lab.conf', '\n');
  });

  const outranking = [
    {
      because: 'sshd_config includes no drop-ins',
      main: (stock: string) => stock.replace(/^Include.*$/m, ''),
      says: 'no line `Include /etc/ssh/sshd_config.d/*.conf`',
    },
    {
      because: 'a Match block before the Include lets somebody in by key alone',
      main: (stock: string) => `Match User bob\n  AuthenticationMethods publickey\nMatch all\n${stock}`,
      says: 'no line `Include /etc/ssh/sshd_config.d/*.conf` outside its Match blocks',
    },
    {
      because: 'a file that comes first lets somebody in by key alone',
      main: (stock: string) => `Include /etc/ssh/first.conf\n${stock}`,
      says: "'authenticationmethods publickey' in a Match block (/etc/ssh/first.conf:2)",
    },
    {
      because: 'a line before the Include does without PAM',
      main: (stock: string) => `UsePAM no\n${stock}`,
      says: "'UsePAM no', /etc/ssh/sshd_config:1",
    },
    {
      because: 'a key is not enough, and a password is asked for as well',
      main: (stock: string) => `${stock}\nAuthenticationMethods publickey,password\n`,
      says: "'AuthenticationMethods publickey,password' (/etc/ssh/sshd_config:",
    },
  ];
  it.each(outranking)('refuses where $because', async ({ main, says }) => {
    const stock = await lab.machine.read('/etc/ssh/sshd_config');
    await lab.machine.write('/etc/ssh/first.conf', 'Match User bob\n  AuthenticationMethods publickey\n');
    await lab.machine.write('/etc/ssh/sshd_config', main(stock));
    const changed = await fingerprint(lab.machine);
    const answer = await lab.drive(['apply'], settingsOn);
    expect(answer).toMatchObject({ status: 3, code: 'apply.sshd_values' });
    expect(answer.message).toContain(says);
    expect(await fingerprint(lab.machine)).toBe(changed);
    expect(await settingsOfStore()).toEqual(settingsOff);
    await lab.machine.write('/etc/ssh/sshd_config', stock);
    await lab.machine.sh('rm /etc/ssh/first.conf');
  });

  const badStacks = [
    {
      because: 'names a module that is not there',
      stack: (stock: string) => `auth required pam_kwallet.so\n${stock}`,
      code: 'apply.pam_check',
    },
  ];
  it.each(badStacks)('refuses a stack that $because, with nothing changed', async ({ stack, code }) => {
    const stock = await lab.machine.read('/etc/pam.d/sshd');
    await lab.machine.write('/etc/pam.d/sshd', stack(stock));
    const changed = await fingerprint(lab.machine);
    expect(await lab.drive(['apply'], settingsOn)).toMatchObject({ status: 3, code });
    expect(await fingerprint(lab.machine)).toBe(changed);
    await lab.machine.write('/etc/pam.d/sshd', stock);
  });

  const loose = [
    {
      because: 'lets people in before the code',
      stack: (stock: string) => `auth sufficient pam_succeed_if.so quiet user = bob\n${stock}`,
    },
    {
      because: 'asks for the code after a wrong password',
      stack: (stock: string) => stock.replace(/^@include common-auth$/m, 'auth required pam_unix.so'),
    },
  ];
  it.each(loose)('asks in the account phase beside a stack that $because', async ({ stack }) => {
    const stock = await lab.machine.read('/etc/pam.d/sshd');
    await lab.machine.write('/etc/pam.d/sshd', stack(stock));
    expect(await lab.drive(['apply'], settingsOn)).toMatchObject({
      status: 0,
      value: { warnings: announced },
    });
    expect(await lab.machine.read('/etc/pam.d/sshd')).toMatch(/^account .*pam_postern\.so state=/m);
    expect((await lab.drive(['status'])).value).toMatchObject({ enforced: true, findings: [] });
    const { prompts } = await lab.signIn('alice', ['wrong', 'wrong', 'wrong']);
    expect(prompts).not.toContain(codePrompt);
    expect((await lab.signIn('alice', ["alice's password", freshCode])).prompts).toContain(codePrompt);
    expect(await lab.drive(['off'], settingsOff)).toMatchObject({ status: 0, value: { warnings: [] } });
    expect(await lab.machine.read('/etc/pam.d/sshd')).toBe(stack(stock));
    await lab.machine.write('/etc/pam.d/sshd', stock);
  });

  describe('with the PAM file of sshd behind a link', () => {
    const look = () =>
      lab.machine.sh(`
        readlink /etc/pam.d/sshd; ls -A /etc/vendor /etc/pam.d
        stat -c '%a %U:%G' /etc/vendor/sshd; sha256sum /etc/vendor/sshd
        find /etc/pam.d /etc/vendor /etc/ssh -type f -perm /022`);
    let linked: string;

    beforeEach(async () => {
      await lab.machine.sh(`
        mkdir /etc/vendor; cp -a /etc/pam.d/sshd /root/sshd.stock
        mv /etc/pam.d/sshd /etc/vendor/sshd; ln -s ../vendor/sshd /etc/pam.d/sshd
        chgrp adm /etc/vendor/sshd; chmod 640 /etc/vendor/sshd`);
      linked = await look();
    });
    afterEach(() => lab.machine.sh('rm -r /etc/vendor /etc/pam.d/sshd; mv /root/sshd.stock /etc/pam.d/sshd'));

    it('writes where it leads, with mode, owner and link as they were', async () => {
      expect(await lab.drive(['apply'], settingsOn)).toMatchObject({
        status: 0,
        value: { warnings: announced },
      });
      expect((await lab.signIn('alice', ["alice's password", freshCode])).prompts).toContain(codePrompt);
      const kept = (text: string) => text.replace(/^[0-9a-f]{64}/m, '');
      expect(kept(await look())).toBe(kept(linked));
      expect(await lab.drive(['off'], settingsOff)).toMatchObject({ status: 0, value: { warnings: [] } });
      expect(await look()).toBe(linked);
    });

    it('leaves it as it was where a change fails', async () => {
      await lab.machine.sh(`mv ${built.helper} ${built.helper}.away`);
      const answer = await lab.drive(['apply'], settingsOn);
      await lab.machine.sh(`mv ${built.helper}.away ${built.helper}`);
      expect(answer).toMatchObject({ status: 3, code: 'apply.no_code_prompt' });
      expect(await look()).toBe(linked);
    });

    const unsafe = [
      { because: 'others can write it', damage: 'chmod 666 /etc/vendor/sshd', says: '(mode 0666)' },
      { because: 'it is of another user', damage: 'chown bob /etc/vendor/sshd', says: 'belongs to user' },
      {
        because: 'others can write its folder',
        damage: 'chmod 777 /etc/vendor',
        says: 'and /etc/vendor can be',
      },
    ];
    it.each(unsafe)('refuses where $because, with nothing changed', async ({ damage, says }) => {
      await lab.machine.sh(damage);
      const damaged = await look();
      const answer = await lab.drive(['apply'], settingsOn);
      expect(answer).toMatchObject({ status: 1, code: 'rule.file_unsafe' });
      expect(answer.message).toContain(says);
      expect(await look()).toBe(damaged);
      expect(await settingsOfStore()).toEqual(settingsOff);
    });
  });

  it.each(['off', 'remove'])('keeps bytes that are no UTF-8, owner and group (%s)', async (verb) => {
    await lab.machine.sh(`
      cp -a /etc/pam.d/sshd /root/sshd.stock; printf '# f\\374r alle, f\\303\\274r alle' >> /etc/pam.d/sshd
      chgrp adm /etc/pam.d/sshd; chmod 640 /etc/pam.d/sshd`);
    const latin = await fingerprint(lab.machine);
    expect(await lab.drive(['apply'], settingsOn)).toMatchObject({ status: 0 });
    expect((await lab.signIn('alice', ["alice's password", freshCode])).prompts).toContain(codePrompt);
    expect(await lab.drive([verb], settingsOff)).toMatchObject({ status: 0, value: { warnings: [] } });
    expect(await fingerprint(lab.machine)).toBe(latin);
    await lab.machine.sh('mv /root/sshd.stock /etc/pam.d/sshd');
  });

  it("overwrites no drop-in of somebody else's, and does not take it away", async () => {
    const dropIn = '/etc/ssh/sshd_config.d/00-postern.conf';
    await lab.machine.write(dropIn, 'X11Forwarding no\n');
    const foreign = await fingerprint(lab.machine);
    const answer = await lab.drive(['apply'], settingsOn);
    expect(answer).toMatchObject({ status: 1, code: 'rule.sshd_file_foreign' });
    expect(answer.message).toContain(dropIn);
    expect(await lab.drive(['remove'])).toMatchObject({ status: 0 });
    expect(await fingerprint(lab.machine)).toBe(foreign);
    await lab.machine.sh(`rm ${dropIn}`);
  });

  const stacks = [
    { because: 'ends at a stranger’s name', rules: 'auth requisite pam_unix.so' },
    { because: 'has rules of access', rules: 'auth required pam_access.so\n@include common-auth' },
    {
      because: 'asks strangers for nothing',
      rules: 'auth requisite pam_succeed_if.so quiet user ingroup alice\n@include common-auth',
    },
    {
      because: 'asks two sources',
      rules: `auth [success=2 default=ignore] pam_unix.so
auth [success=1 default=ignore] pam_unix.so
auth requisite pam_deny.so
auth required pam_permit.so`,
    },
    {
      because: 'counts failures',
      rules: `auth required pam_faillock.so preauth silent
auth [success=1 default=bad] pam_unix.so
auth [default=die] pam_faillock.so authfail
auth required pam_faillock.so authsucc`,
    },
  ];
  it.each(stacks)('asks for the code in a stack that $because', async ({ rules }) => {
    const stock = await lab.machine.read('/etc/pam.d/sshd');
    await lab.machine.write('/etc/pam.d/sshd', stock.replace(/^@include common-auth$/m, rules));
    const changed = await fingerprint(lab.machine);
    expect(await lab.drive(['apply'], settingsOn)).toMatchObject({ status: 0 });
    const wrong = await lab.signIn('alice', ['wrong']);
    expect(wrong).toMatchObject({ entered: false });
    expect(wrong.prompts).not.toContain('Verification code: ');
    expect((await lab.signIn('alice', ["alice's password", freshCode])).prompts).toContain(
      'Verification code: ',
    );
    expect(await lab.drive(['apply'], settingsOff)).toMatchObject({ status: 0 });
    expect(await fingerprint(lab.machine)).toBe(changed);
    await lab.machine.write('/etc/pam.d/sshd', stock);
  });

  it('charges nobody with a failed try where it looks again and changes nothing', async () => {
    const stock = await lab.machine.read('/etc/pam.d/sshd');
    const rules = `auth requisite pam_succeed_if.so quiet user ingroup alice
auth required pam_faillock.so preauth silent
auth [success=1 default=bad] pam_unix.so
auth [default=die] pam_faillock.so authfail`;
    await lab.machine.write('/etc/pam.d/sshd', stock.replace(/^@include common-auth$/m, rules));
    expect(await lab.drive(['apply'], settingsOn)).toMatchObject({ status: 0 });
    await lab.machine.sh('faillock --user alice --reset');
    expect(await lab.drive(['install'])).toMatchObject({ status: 0 });
    expect(await lab.machine.sh('faillock --user alice')).not.toMatch(/^\d{4}-/m);
    expect(await lab.drive(['apply'], settingsOff)).toMatchObject({ status: 0 });
    await lab.machine.write('/etc/pam.d/sshd', stock);
  });

  it('turns no codes on where nobody it knows is asked for a password', async () => {
    const stock = await lab.machine.read('/etc/pam.d/sshd');
    const closed = 'auth requisite pam_succeed_if.so quiet user ingroup mail';
    await lab.machine.write('/etc/pam.d/sshd', `${closed}\n${stock}`);
    const answer = await lab.drive(['apply'], settingsOn);
    await lab.machine.write('/etc/pam.d/sshd', stock);
    expect(answer).toMatchObject({ status: 3, code: 'apply.pam_check' });
    expect(answer.message).toContain('as postern-nobody, alice, root ended before the password prompt');
  });

  it('puts files and settings back where the trial sign-in finds no prompt for the code', async () => {
    await lab.machine.sh(`mv ${built.helper} ${built.helper}.away`);
    const answer = await lab.drive(['apply'], settingsOn);
    await lab.machine.sh(`mv ${built.helper}.away ${built.helper}`);
    expect(answer).toMatchObject({ status: 3, code: 'apply.no_code_prompt' });
    expect(answer.message).toContain('everything was rolled back');
    expect(await fingerprint(lab.machine)).toBe(before);
    expect(await settingsOfStore()).toEqual(settingsOff);
    expect(await lab.signIn('alice', ["alice's password"])).toMatchObject({ entered: true });
  });

  it('shows beforehand what it will do, as a diff that patch understands', async () => {
    const { value } = await lab.drive(['diff'], settingsOn);
    await lab.drive(['apply'], settingsOn);
    const after = await fingerprint(lab.machine);
    await lab.drive(['apply'], settingsOff);
    await lab.machine.sh('patch -s -p0 -d /', { input: (value as { diff: string }).diff });
    await lab.machine.sh('chmod 644 /etc/ssh/sshd_config.d/00-postern.conf; rm -f /etc/pam.d/sshd.orig');
    expect(await fingerprint(lab.machine)).toBe(after);
    await lab.drive(['install']);
  });
});
