import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NetworkLab, startNetworkLab } from '../support/network-lab.ts';

const main = '/etc/ssh/sshd_config';

/** Who is not asked, and may not notice that somebody else is. */
const undisturbed = ['plain', 'sftponly', 'staffer', 'job', 'nobody-here'];
const asked = ['anna', 'root'];
/** Address and port. */
const ways = [
  ['127.0.0.1', 22],
  ['10.1.2.3', 22],
  ['2001:db8:7::7', 22],
  ['10.1.2.3', 2222],
] as const;

/** Administrators' own lines, each at the end of Debian's file. */
const configurations: readonly (readonly [string, string])[] = [
  ['Debian’s file', ''],
  ['no passwords', 'PasswordAuthentication no'],
  ['keyboard-interactive for everybody', 'KbdInteractiveAuthentication yes'],
  ['no keys', 'PubkeyAuthentication no'],
  ['root by key alone', 'PermitRootLogin prohibit-password'],
  ['root not at all', 'PermitRootLogin no'],
  ['a list of users', 'AllowUsers anna plain staffer root\nDenyUsers job'],
  ['a list of groups', 'AllowGroups staff root anna'],
  ['methods for everybody', 'AuthenticationMethods publickey'],
  ['a user without a password', 'Match User plain\n  PasswordAuthentication no'],
  ['a group without a password', 'Match Group staff\n  PasswordAuthentication no'],
  ['a group by key alone', 'Match Group staff\n  AuthenticationMethods publickey'],
  [
    'passwords from one network alone',
    'PasswordAuthentication no\nMatch Address 10.0.0.0/8\n  PasswordAuthentication yes',
  ],
  [
    'a chroot for a group',
    'Match Group sftp\n  ChrootDirectory %h\n  ForceCommand internal-sftp\n  AllowTcpForwarding no\n  X11Forwarding no',
  ],
  ['another port without passwords', 'Match LocalPort 2222\n  PasswordAuthentication no'],
  ['everybody but one', 'Match User *,!plain\n  PasswordAuthentication no\n  PermitTTY no'],
  [
    'blocks that overlap',
    `Match User staffer
  AuthenticationMethods publickey
Match Group staff
  PasswordAuthentication no
  Banner /etc/issue
Match Address 10.0.0.0/8
  PasswordAuthentication yes
  MaxAuthTries 3
Match all
  X11Forwarding no`,
  ],
  [
    'a user from one address',
    'Match User job Address 10.1.2.3\n  AuthenticationMethods publickey\n  ForceCommand /bin/true\nMatch User job\n  PubkeyAuthentication no',
  ],
];

describe('what sshd would do with whoever is not asked for a code', () => {
  let lab: NetworkLab;
  let stock: string;

  beforeAll(async () => {
    lab = await startNetworkLab(['Port 22', 'Port 2222']);
    await lab.ask('auth two_factor update window=10');
    await lab.addAccounts([
      { name: 'plain' },
      { name: 'sftponly', groups: ['sftp'] },
      { name: 'staffer', groups: ['staff'] },
      { name: 'job', groups: ['backup'] },
      { name: 'anna', enrolled: true, groups: ['staff', 'sftp'] },
    ]);
    await lab.enrol('root');
    stock = await lab.machine.read(main);
  });

  afterAll(() => lab?.stop());

  /** All that sshd answers about these users from everywhere, a line each. */
  const askSshd = async (users: readonly string[]) => {
    const out = await lab.machine.sh(
      users
        .flatMap((user) => ways.map(([place, port]) => [user, place, port] as const))
        .map(
          ([user, place, port]) =>
            `sshd -T -C user=${user},host=${place},addr=${place},laddr=10.0.0.1,lport=${port} | sed 's/^/${user} ${place} ${port}: /'`,
        )
        .join('\n'),
    );
    return out.split('\n');
  };
  const differences = (before: readonly string[], after: readonly string[]) =>
    before.flatMap((line, index) => (line === after[index] ? [] : `${line} -> ${after[index]}`));
  const methods = (lines: readonly string[]) => lines.filter((line) => / authenticationmethods /.test(line));

  it.each(configurations)('is what it was, beside %s', async (_, lines) => {
    await lab.ask('auth two_factor update enabled=false');
    await lab.machine.write(main, `${stock}\n${lines}\n`);
    await lab.ask('service reload ssh');
    const [before, askedBefore] = [await askSshd(undisturbed), await askSshd(asked)];
    const { status, stderr } = await lab.postern(
      '--yes auth two_factor update enabled=true services.ssh=true'.split(' '),
    );
    expect(status, stderr).toBe(0);
    expect(differences(before, await askSshd(undisturbed))).toEqual([]);
    // And whoever is asked has other methods, or nothing here would have been tried.
    expect(methods(await askSshd(asked))).not.toEqual(methods(askedBefore));
  });

  it('is refused by file and line, with nothing changed, where codes cannot be asked for beside it', async () => {
    await lab.ask('auth two_factor update enabled=false');
    await lab.machine.write(main, `${stock}\nAuthenticationMethods publickey,password\n`);
    await lab.ask('service reload ssh');
    const before = await askSshd([...undisturbed, ...asked]);
    const { status, stderr } = await lab.postern('--yes auth two_factor update enabled=true'.split(' '));
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: expect.stringMatching(/AuthenticationMethods publickey,password.*\/etc\/ssh\/sshd_config:\d+/),
    });
    expect(await askSshd([...undisturbed, ...asked])).toEqual(before);
  });
});
