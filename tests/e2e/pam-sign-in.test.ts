import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import type { TwoFactorSettings } from '../../src/domain/settings.ts';
import { makeRecoveryCodes } from '../../src/domain/two-factor/recovery-codes.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { openAuditLog } from '../../src/store/audit.ts';
import { makeAccount, settingsOn } from '../support/accounts.ts';
import { logIn } from '../support/lab/login.ts';
import { addUser, setPassword } from '../support/lab/machine.ts';
import {
  type BuiltPam,
  buildPam,
  freshCode,
  type PamLab,
  renderStack,
  startPamLab,
  wrongCode,
} from '../support/pam.ts';

const passwordPrompt = 'Password: ';
const codePrompt = 'Verification code: ';

describe('a sign-in through the real sshd', () => {
  let built: BuiltPam;
  let lab: PamLab;

  beforeAll(async () => {
    built = await buildPam();
    lab = await startPamLab(built);
    for (const name of ['alice', 'bob', 'stranger']) await addUser(lab.machine, name, `${name}'s password`);
    await setPassword(lab.machine, 'root', "root's password");
    await lab.machine.sh(`
      ssh-keygen -q -t ed25519 -N '' -f /root/key
      for home in /root /home/alice /home/bob; do
        install -d -m 700 $home/.ssh; install -m 600 /root/key.pub $home/.ssh/authorized_keys
      done
      chown -R alice: /home/alice/.ssh; chown -R bob: /home/bob/.ssh`);
  }, 120_000);

  afterAll(() => {
    lab?.stop();
    rmSync(built.directory, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await save(makeAccount('alice'), makeAccount('root', { admin: true }));
    await set({});
    await lab.machine.sh('rm -rf /run/postern; : > /var/log/auth.log; : > /var/log/raw.log');
  });

  const save = (...accounts: Account[]) =>
    lab.save({ accounts: new Map(accounts.map((account) => [account.username, account])) });
  const set = (more: Partial<TwoFactorSettings>) =>
    lab.save({ settings: { ...settingsOn, two_factor: { ...settingsOn.two_factor, ...more } } });
  const log = async () =>
    (await lab.machine.read('/var/log/auth.log')).match(/pam_postern\(sshd:auth\): .*/g) ?? [];

  it('asks for the password, then for the code', async () => {
    const result = await lab.signIn('alice', ["alice's password", freshCode]);
    expect(result).toMatchObject({ entered: true, prompts: [passwordPrompt, codePrompt] });
    expect(await log()).toEqual([
      'pam_postern(sshd:auth): verification accepted for alice from 127.0.0.1: code of device default',
    ]);
    const facility = /^<(\d+)>/m.exec(
      (await lab.machine.read('/var/log/raw.log')).split('\n').find((line) => line.includes('pam_postern')) ??
        '',
    );
    // authpriv (10) and notice (5).
    expect(Number(facility?.[1])).toBe(10 * 8 + 5);
    expect(openAuditLog({ directory: lab.state, random: systemRandom }).read().at(-1)).toMatchObject({
      actor: 'alice',
      from: '127.0.0.1',
      line: 'sign-in sshd',
      outcome: 'done',
    });
  });

  it('never shows the code prompt after a wrong password', async () => {
    const result = await lab.signIn('alice', ['wrong', freshCode]);
    expect(result.entered).toBe(false);
    expect(result.prompts).not.toContain(codePrompt);
    expect(await log()).toEqual([]);
  });

  it('gives one retry, and takes a code typed with spaces', async () => {
    const spaced = () => freshCode().replace(/^(...)/, '$1 ');
    const result = await lab.signIn('alice', ["alice's password", wrongCode, spaced]);
    expect(result).toMatchObject({ entered: true, prompts: [passwordPrompt, codePrompt, codePrompt] });
  });

  it('lets nobody in with two wrong codes', async () => {
    const result = await lab.signIn('alice', ["alice's password", wrongCode, wrongCode]);
    expect(result.entered).toBe(false);
    expect(result.prompts.slice(0, 3)).toEqual([passwordPrompt, codePrompt, codePrompt]);
    expect(lab.store.account('alice')).toMatchObject({ failures: 2 });
    expect(await log()).toEqual(
      Array(2).fill('pam_postern(sshd:auth): verification failed for alice from 127.0.0.1: wrong code'),
    );
  });

  it('takes a code once', async () => {
    const code = freshCode();
    expect(await lab.signIn('alice', ["alice's password", code])).toMatchObject({ entered: true });
    expect(await lab.signIn('alice', ["alice's password", code, code])).toMatchObject({ entered: false });
    expect((await log()).at(-1)).toContain('code used already');
  });

  it('takes a recovery code once', async () => {
    const { codes, hashes } = makeRecoveryCodes(systemRandom);
    await save(makeAccount('alice', { recovery_codes: hashes }));
    const code = codes[3] as string;
    expect(await lab.signIn('alice', ["alice's password", code])).toMatchObject({ entered: true });
    expect(await lab.signIn('alice', ["alice's password", code, code])).toMatchObject({ entered: false });
    expect(lab.store.account('alice')?.recovery_codes).toHaveLength(9);
  });

  it('refuses the right code of an account that is locked', async () => {
    await save(makeAccount('alice', { lockouts: 1, locked_until_ms: Date.now() + 60_000 }));
    expect(await lab.signIn('alice', ["alice's password", freshCode, freshCode])).toMatchObject({
      entered: false,
    });
    await save(makeAccount('alice', { locked: true }));
    expect(await lab.signIn('alice', ["alice's password", freshCode, freshCode])).toMatchObject({
      entered: false,
    });
  });

  it.each<[string, 'allow' | 'deny', boolean, string[]]>([
    ['bob', 'allow', true, [passwordPrompt]],
    ['stranger', 'allow', true, [passwordPrompt]],
    ['bob', 'deny', false, [passwordPrompt, codePrompt, codePrompt]],
    ['stranger', 'deny', false, [passwordPrompt, codePrompt, codePrompt]],
  ])('%s, who has no device, under unenrolled=%s', async (user, unenrolled, entered, prompts) => {
    await set({ unenrolled });
    await save(makeAccount('bob', { devices: [] }));
    const result = await lab.signIn(user, [`${user}'s password`, freshCode, freshCode]);
    expect(result.entered).toBe(entered);
    expect(result.prompts.slice(0, 3)).toEqual(prompts);
  });

  it.each([
    ['is damaged', ': > $f'],
    ['is gone, with its last good copy', 'rm $f'],
  ])('asks an account whose file %s and denies it', async (_, damage) => {
    await lab.machine.sh(`for f in ${lab.state}/accounts/alice.json*; do ${damage}; done`);
    const result = await lab.signIn('alice', ["alice's password", freshCode, freshCode]);
    expect(result.entered).toBe(false);
    expect(result.prompts.slice(0, 3)).toEqual([passwordPrompt, codePrompt, codePrompt]);
    expect((await log())[0]).toContain('verification impossible for alice from 127.0.0.1: store.damaged');
    await lab.machine.sh(`rm -f ${lab.state}/accounts/alice.json*`);
  });

  it('meets a name that does not exist as a wrong password', async () => {
    const result = await lab.signIn('nobody-here', ['x', '123456']);
    expect(result).toMatchObject({ entered: false });
    expect(result.prompts).not.toContain(codePrompt);
  });

  describe('with a public key', () => {
    const key = ['-i', '/root/key'];

    it.each(['alice', 'root'])('%s is asked for the code, not for the password', async (user) => {
      expect(await lab.signIn(user, [freshCode], key)).toMatchObject({
        entered: true,
        prompts: [codePrompt],
      });
    });

    it('a wrong code keeps out, whoever holds the key', async () => {
      const result = await lab.signIn('root', [wrongCode, wrongCode], key);
      expect(result.entered).toBe(false);
      expect(result.prompts.slice(0, 2)).toEqual([codePrompt, codePrompt]);
    });

    it('an account without a device needs no more than its key, or nothing helps it', async () => {
      await save(makeAccount('bob', { devices: [] }));
      expect(await lab.signIn('bob', [], key)).toMatchObject({ entered: true, prompts: [] });
      await set({ unenrolled: 'deny' });
      expect(await lab.signIn('bob', [freshCode, freshCode], key)).toMatchObject({ entered: false });
    });

    it('what other modules set up for the session is set up all the same', async () => {
      await lab.machine.sh(`
        cp /etc/pam.d/common-auth /root/common-auth
        echo 'auth optional pam_group.so' >> /etc/pam.d/common-auth
        echo 'sshd;*;alice;Al0000-2400;adm' > /etc/security/group.conf`);
      for (const [answers, options] of [
        [[freshCode], key],
        [["alice's password", freshCode], []],
      ] as const) {
        await save(makeAccount('alice'));
        const result = await logIn(lab.machine, { user: 'alice', answers, options, command: 'id -Gn' });
        expect(result.output).toContain('alice adm');
      }
      await lab.machine.sh('mv /root/common-auth /etc/pam.d/common-auth');
    });

    it('the key is enough while the switch says off', async () => {
      await lab.machine.write('/run/postern/enforcement', 'off\n');
      expect(await lab.signIn('root', [], key)).toMatchObject({ entered: true, prompts: [] });
    });
  });

  it('root signs in with password and code where no key is at hand, and keeps a change that waits', async () => {
    const pending = {
      reason: 'confirm_within' as const,
      due_ms: Date.now() + 60_000,
      restore: settingsOn.two_factor,
    };
    await lab.save({ settings: { ...settingsOn, pending } });
    expect(await lab.signIn('root', ["root's password", freshCode])).toMatchObject({ entered: true });
    expect(lab.store.settings().pending).toBeNull();
  });

  it('follows a timer that is due, and starts the process that puts it in force', async () => {
    const restore = { ...settingsOn.two_factor, enabled: false };
    await lab.save({
      settings: { ...settingsOn, pending: { reason: 'confirm_within', due_ms: Date.now() - 1, restore } },
    });
    expect(await lab.signIn('alice', ["alice's password"])).toMatchObject({
      entered: true,
      prompts: [passwordPrompt],
    });
    const words = await lab.machine.sh(
      'until [ -s /run/postern-was-run.json ]; do sleep 0.02; done; cat /run/postern-was-run.json',
    );
    expect(JSON.parse(words)).toEqual(['--state-dir', lab.state, 'timers', 'run']);
  });

  it('takes the same time, within noise, to refuse enrolled, locked and unknown accounts', async () => {
    await set({ unenrolled: 'deny' });
    await save(makeAccount('bob', { lockouts: 1, locked_until_ms: Date.now() + 600_000 }));
    await lab.machine.write('/etc/pam.d/timed', renderStack(built, lab.state, 'auth required pam_permit.so'));
    const quickestMs = new Map<string, number>();
    // The program that asks waits for nothing afterwards, as sshd does, so this is the helper's own time.
    for (const user of ['alice', 'bob', 'stranger', 'nobody-here']) {
      const before = performance.now();
      const { prompts, entered } = await lab.check('timed', user, [wrongCode(), wrongCode()]);
      expect({ prompts, entered }).toEqual({ prompts: [codePrompt, codePrompt], entered: false });
      quickestMs.set(
        user,
        Math.min(performance.now() - before, quickestMs.get(user) ?? Number.POSITIVE_INFINITY),
      );
    }
    const times = [...quickestMs.values()];
    expect(Math.min(...times)).toBeGreaterThan(800);
  });
});
