import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TwoFactorSettings } from '../../src/domain/settings.ts';
import { makeAccount, settingsOn } from '../support/accounts.ts';
import { addUser } from '../support/lab/machine.ts';
import { type BuiltPam, buildPam, freshCode, type PamLab, startPamLab } from '../support/pam.ts';

const password = "alice's password";
const elsewhere = '203.0.113.7';
const fido = 'sk-ssh-ed25519@openssh.com';

describe('the policy through the real module and helper', () => {
  let built: BuiltPam;
  let lab: PamLab;

  beforeAll(async () => {
    built = await buildPam();
    lab = await startPamLab(built);
    await addUser(lab.machine, 'alice', password);
    await lab.machine.sh(
      'groupadd -g 5000 jobs; groupadd -g 5001 Jobs; groupadd -g 50 more; usermod -aG Jobs alice',
    );
  }, 120_000);

  afterAll(() => {
    lab?.stop();
    rmSync(built.directory, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await lab.save({ accounts: new Map([['alice', makeAccount('alice')]]) });
    await lab.machine.sh(': > /var/log/auth.log; gpasswd -d alice jobs >/dev/null 2>&1 || :');
  });

  const set = (more: Partial<TwoFactorSettings>) =>
    lab.save({ settings: { ...settingsOn, two_factor: { ...settingsOn.two_factor, ...more } } });

  /** What is asked of alice behind the password; `env`: what the process that calls PAM has in its environment. */
  async function meet(words: readonly string[], env: Readonly<Record<string, string>> = {}, code = '') {
    const spoofed = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    const argv = ['env', ...spoofed, built.checker, ...words, 'sshd', 'alice'] as const;
    const input = [...(words.includes('-a') ? [] : [password]), ...(code === '' ? [] : [code])];
    const { status, stdout } = await lab.machine.run(argv, {
      input: input.map((line) => `${line}\n`).join(''),
    });
    const log = (await lab.machine.read('/var/log/auth.log')).match(/verification .*/g) ?? [];
    return { entered: status === 0, isAsked: stdout.includes('prompt Verification code'), log: log.at(-1) };
  }

  it('lets an exempt network in, and nobody who only says that he comes from there', async () => {
    await set({ exempt_networks: ['203.0.113.0/24'] });
    expect(await meet(['-r', elsewhere])).toEqual({
      entered: true,
      isAsked: false,
      log: 'verification skipped for alice from 203.0.113.7: exempt network 203.0.113.0/24',
    });
    expect(await meet(['-r', `::ffff:${elsewhere}`])).toMatchObject({ entered: true, isAsked: false });
    const spoofed = { PAM_RHOST: elsewhere, RHOST: elsewhere, SSH_CONNECTION: `${elsewhere} 1 10.0.0.1 22` };
    for (const address of ['198.51.100.1', 'UNKNOWN', '', '203.0.113.7.example', `${elsewhere} `])
      expect(await meet(['-r', address], spoofed), address).toMatchObject({ entered: false, isAsked: true });
  });

  it('asks whoever comes from the machine itself', async () => {
    await set({ exempt_networks: ['127.0.0.0/8', '::1/128'], remember: 3600 });
    const result = await lab.signIn('alice', [password, freshCode]);
    expect(result).toMatchObject({ entered: true, prompts: ['Password: ', 'Verification code: '] });
    expect(lab.store.account('alice')?.remembered_addresses).toBeUndefined();
  });

  it('takes a FIDO key for both factors, and no other, and none that the environment names', async () => {
    await set({ security_keys: true });
    expect(await meet(['-a', fido])).toMatchObject({ entered: true, isAsked: false });
    const spoofed = { SSH_AUTH_INFO_0: `publickey ${fido} AAAA`, SSH_USER_AUTH: `publickey ${fido} AAAA` };
    expect(await meet([], spoofed)).toMatchObject({ entered: false, isAsked: true });
    const others = [
      'ssh-ed25519',
      'SK-ssh-ed25519@openssh.com',
      `${fido}x`,
      `x${fido}`,
      `ssh-rsa ${fido}`,
      'k'.repeat(200),
      `${fido}\u0001`,
      `${fido}%n`,
    ];
    for (const algorithm of others)
      expect(await meet(['-a', algorithm], spoofed), algorithm).toMatchObject({
        entered: false,
        isAsked: true,
      });
    await set({ security_keys: false });
    expect(await meet(['-a', fido])).toMatchObject({ entered: false, isAsked: true });
  });

  it('exempts the members of a group, and of none that looks alike', async () => {
    await set({ exempt_groups: ['jobs', '5001', 'more'] });
    expect(await meet(['-r', elsewhere])).toMatchObject({ entered: false, isAsked: true });
    await lab.machine.sh('usermod -aG jobs alice');
    expect(await meet(['-r', elsewhere])).toMatchObject({
      entered: true,
      log: expect.stringMatching(/exempt group jobs$/),
    });
  });

  it('remembers where a code came from', async () => {
    await set({ remember: 3600 });
    expect(await meet(['-r', '2001:db8::1'], {}, freshCode())).toMatchObject({
      entered: true,
      isAsked: true,
    });
    expect(await meet(['-r', '2001:0DB8:0::0:1'])).toMatchObject({ entered: true, isAsked: false });
    expect(await meet(['-r', '2001:db8::2'])).toMatchObject({ entered: false, isAsked: true });
  });
});
