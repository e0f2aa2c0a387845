import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Appliance, passwordOf, startAppliance } from '../support/appliance.ts';

const pam = '/etc/pam.d/sshd';
const codePrompt = 'Verification code: ';
const withKey = ['-i', '/root/key'];

/** common-auth as people have it: it can end before a line after it, or goes on after a wrong password. */
const stacks = [
  {
    because: 'pam_faillock stands as in its manual page',
    commonAuth: `auth required pam_faillock.so preauth
auth [success=1 default=bad] pam_unix.so
auth [default=die] pam_faillock.so authfail
auth sufficient pam_faillock.so authsucc
auth required pam_deny.so`,
  },
  {
    because: 'two sources of accounts are sufficient, as on Red Hat',
    commonAuth: `auth required pam_env.so
auth sufficient pam_unix.so
auth sufficient pam_unix.so use_first_pass
auth required pam_deny.so`,
  },
];

describe.each(stacks)('an appliance where $because', ({ commonAuth }) => {
  let appliance: Appliance;
  let before: string;

  beforeAll(async () => {
    appliance = await startAppliance();
    await appliance.machine.write('/etc/pam.d/common-auth', `${commonAuth}\n`);
    before = await appliance.machine.read(pam);
    await appliance.ask('auth two_factor update window=10 services.ssh=true');
    await appliance.enrol('root');
    await appliance.ask('account user create username=alice');
    await appliance.enrol('alice');
    await appliance.ask('auth two_factor update enabled=true');
  }, 120_000);

  afterAll(() => appliance?.stop());

  it('asks for the code after the password, once for each code', async () => {
    expect(await appliance.ask('system enforcement status')).toMatchObject({ enforced: true, findings: [] });
    const code = appliance.nextCode('alice');
    expect(await appliance.signIn('alice', [passwordOf('alice'), code])).toMatchObject({
      entered: true,
      prompts: ['Password: ', codePrompt],
    });
    expect((await appliance.signIn('alice', [passwordOf('alice'), code])).entered).toBe(false);
    expect((await appliance.signIn('alice', [passwordOf('alice')])).entered).toBe(false);
  });

  it('never asks for it after a wrong password', async () => {
    const { entered, prompts } = await appliance.signIn('alice', ['wrong', 'wrong', 'wrong']);
    expect({ entered, asked: prompts.includes(codePrompt) }).toEqual({ entered: false, asked: false });
    await appliance.machine.run(['faillock', '--user', 'alice', '--reset']);
  });

  it('asks key holders for the code alone, and those without a device for nothing more', async () => {
    const code = () => appliance.nextCode('alice');
    expect(await appliance.signIn('alice', [code], withKey)).toMatchObject({
      entered: true,
      prompts: [codePrompt],
    });
    expect((await appliance.signIn('alice', [], [...withKey, '-o', 'BatchMode=yes'])).entered).toBe(false);
    expect(await appliance.signIn('bob', [passwordOf('bob')])).toMatchObject({
      entered: true,
      // By sshd's own method, as before codes were on.
      prompts: ["bob@127.0.0.1's password: "],
    });
  });

  it('lets the password be enough where the switch says off, and leaves no trace', async () => {
    await appliance.machine.sh('echo off > /run/postern/enforcement; chmod 600 /run/postern/enforcement');
    expect((await appliance.signIn('alice', [passwordOf('alice')])).entered).toBe(true);
    await appliance.machine.sh('rm /run/postern/enforcement');
    await appliance.ask('auth two_factor update enabled=false');
    expect(await appliance.machine.read(pam)).toBe(before);
    expect((await appliance.signIn('alice', [passwordOf('alice')])).entered).toBe(true);
  });
});
