import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Appliance, passwordOf, startAppliance } from '../support/appliance.ts';
import { fingerprint, requirePrograms } from '../support/system.ts';

const dropIn = '/etc/ssh/sshd_config.d/00-postern.conf';
const on = 'auth two_factor update enabled=true services.ssh=true';
const off = 'auth two_factor update enabled=false';

/** Root is an administrator with a device; alice and bob have a key each, and bob no device. */
describe('who is asked for a code', () => {
  let appliance: Appliance;
  let before: string;

  beforeAll(async () => {
    requirePrograms('oathtool', 'make', 'gcc');
    appliance = await startAppliance();
    const { machine } = appliance;
    await machine.sh('cp -a /home/alice/.ssh /home/bob; chown -R bob: /home/bob/.ssh');
    before = await fingerprint(machine);
    await appliance.ask('auth two_factor update window=10');
    for (const user of ['alice', 'bob']) await appliance.ask(`account user create ${user}`);
    await appliance.enrol('root');
  }, 180_000);

  afterAll(() => appliance?.stop());

  /** As a program signs in: by its key, with nobody to ask. */
  const batch = async (user: string, options = '') => {
    const { stdout } = await appliance.machine.run([
      'sh',
      '-c',
      `ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -i /root/key ${options} ${user}@127.0.0.1 id -un`,
    ]);
    return stdout.trim() === user;
  };
  const enter = (user: string) => appliance.signIn(user, [passwordOf(user), () => appliance.nextCode(user)]);

  it('is nobody without a device: programs sign in to such accounts as before', async () => {
    expect(await batch('bob')).toBe(true);
    const { warnings } = await appliance.ask(on);
    expect(warnings).toEqual(
      expect.arrayContaining([
        'asked for a code at SSH sign-in: root; not asked: accounts without a device',
        expect.stringMatching(/^programs that sign in with a key of root .* username=root exempt=true$/),
      ]),
    );
    // Said once: typed again, the line changes nothing.
    expect((await appliance.ask(on)).warnings).not.toContainEqual(expect.stringMatching(/^asked for a code/));
    expect(await batch('bob')).toBe(true);
    expect(await batch('alice')).toBe(true);
    expect(await batch('root')).toBe(false);
    expect(await enter('root')).toMatchObject({
      entered: true,
      prompts: ['Password: ', 'Verification code: '],
    });
    // By password too, and with the method of sshd's own that was good before.
    const password = await appliance.signIn(
      'bob',
      [passwordOf('bob')],
      ['-o', 'PubkeyAuthentication=no', '-o', 'PreferredAuthentications=password'],
    );
    expect(password).toMatchObject({ entered: true, prompts: ["bob@127.0.0.1's password: "] });
  });

  it('is whoever has one, from its enrolment on and until it is taken away', async () => {
    await appliance.enrol('alice');
    expect(await batch('alice')).toBe(false);
    expect(await enter('alice')).toMatchObject({ entered: true });
    expect(await batch('bob')).toBe(true);
    await appliance.ask('account user unset_2fa_secret alice');
    expect(await batch('alice')).toBe(true);
    await appliance.enrol('alice');
    expect(await batch('alice')).toBe(false);
    await appliance.ask('account user delete alice');
    expect(await batch('alice')).toBe(true);
    await appliance.ask('account user create alice locked=true');
    expect(await batch('alice')).toBe(false);
    await appliance.ask('account user update alice locked=false');
    expect(await batch('alice')).toBe(true);
  });

  it('changes nothing of the system where it stays the same', async () => {
    const photograph = () => appliance.machine.sh(`stat -c '%i %Z' ${dropIn} /run/sshd.pid`);
    await appliance.enrol('alice');
    const standing = await photograph();
    await appliance.enrol('alice');
    await appliance.ask('account user update bob full_name=Bob');
    expect(await photograph()).toBe(standing);
  });

  it('is in force with the enrolment or not at all: where sshd cannot follow, nothing is changed', async () => {
    const { machine } = appliance;
    await machine.sh("echo 'Nonsense yes' > /etc/ssh/sshd_config.d/50-broken.conf");
    const refused = await appliance.postern(['account', 'user', 'renew_2fa_secret', 'bob']);
    expect(refused).toMatchObject({ status: 3, stdout: '' });
    await machine.sh('rm /etc/ssh/sshd_config.d/50-broken.conf');
    const accounts = await appliance.ask('account user query username,devices');
    expect(accounts).toContainEqual({ username: 'bob', devices: [] });
    expect(await batch('bob')).toBe(true);
  });

  it('is no business of a Match block about somebody else, and refused by its line where it is', async () => {
    const ahead = '/etc/ssh/sshd_config.d/00-a.conf';
    await appliance.machine.write(ahead, 'Match User bob\n  AuthenticationMethods publickey\n');
    await appliance.machine.sh('kill -HUP $(cat /run/sshd.pid); sleep 0.3');
    expect(await batch('bob')).toBe(true);
    expect(await appliance.ask('system enforcement status')).toMatchObject({ enforced: true, findings: [] });
    expect(await appliance.ask('auth two_factor update window=9')).toMatchObject({ warnings: [] });
    const refused = await appliance.postern(['account', 'user', 'renew_2fa_secret', 'bob']);
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining(`${ahead}:2`) });
    // One about somebody who is asked opens the way in, which is told, and keeps nothing else from being changed.
    await appliance.machine.write(ahead, 'Match User root\n  AuthenticationMethods publickey\n');
    await appliance.machine.sh('kill -HUP $(cat /run/sshd.pid); sleep 0.3');
    const enrolled = await appliance.ask('account user renew_2fa_secret bob');
    expect(enrolled.warnings).toContainEqual(expect.stringContaining(`${ahead}:2`));
    await appliance.ask('account user unset_2fa_secret bob');
    await appliance.ask('auth two_factor update window=10');
    await appliance.machine.sh(`rm ${ahead}; kill -HUP $(cat /run/sshd.pid); sleep 0.3`);
  });

  it('is nobody who is exempt, and again once that ends', async () => {
    await appliance.enrol('alice');
    await appliance.ask('account user update alice exempt=true');
    expect(await batch('alice')).toBe(true);
    expect(await batch('root')).toBe(false);
    await appliance.ask('auth two_factor update unenrolled=deny');
    expect(await batch('alice')).toBe(true);
    expect(await batch('bob')).toBe(false);
    await appliance.ask('account user update alice locked=true');
    expect(await batch('alice')).toBe(false);
    await appliance.ask('account user update alice locked=false exempt=false');
    await appliance.ask('auth two_factor update unenrolled=allow');
    expect(await batch('alice')).toBe(false);
  });

  it('is nobody of an exempt group, but for accounts that are locked', async () => {
    const { machine } = appliance;
    await machine.sh('groupadd robots; groupadd robots2; usermod -aG robots alice');
    await appliance.ask('auth two_factor update exempt_groups=robots');
    expect(await batch('alice')).toBe(true);
    expect(await batch('root')).toBe(false);
    await appliance.ask('account user update alice locked=true');
    // sshd would let the key in; the account phase of PAM looks once more.
    expect(await batch('alice')).toBe(false);
    await appliance.ask('account user update alice locked=false');
    await machine.sh('gpasswd -d alice robots; usermod -aG robots2 alice');
    expect(await batch('alice')).toBe(false);
    await appliance.ask('auth two_factor update exempt_groups=[]');
  });

  it('is whoever comes from the machine itself, whatever network is exempt', async () => {
    const { machine } = appliance;
    await machine.sh('ip addr add 10.9.8.7/32 dev lo');
    await appliance.ask('auth two_factor update exempt_networks=10.9.8.0/24');
    expect(await batch('alice')).toBe(false);
    expect(await batch('alice', '-b 10.9.8.7')).toBe(false);
    expect(await batch('bob', '-b 10.9.8.7')).toBe(true);
    await appliance.ask('auth two_factor update exempt_networks=[]');
    await machine.sh('ip addr del 10.9.8.7/32 dev lo');
  });

  it('is everybody with unenrolled=deny', async () => {
    await appliance.ask('auth two_factor update unenrolled=deny');
    expect(await batch('bob')).toBe(false);
    await appliance.ask('auth two_factor update unenrolled=allow');
    expect(await batch('bob')).toBe(true);
  });

  it('is nobody any more once codes are off', async () => {
    await appliance.ask(off);
    for (const user of ['root', 'alice', 'bob']) expect(await batch(user)).toBe(true);
    expect(await fingerprint(appliance.machine)).toBe(before);
  });
});
