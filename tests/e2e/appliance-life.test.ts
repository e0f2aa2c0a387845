import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Appliance, passwordOf, program, startAppliance } from '../support/appliance.ts';
import { fingerprint, requirePrograms } from '../support/system.ts';
import { waitFor } from '../support/wait.ts';

const codePrompt = 'Verification code: ';
const bothPrompts = ['Password: ', codePrompt];
const on = 'auth two_factor update enabled=true';
const off = 'auth two_factor update enabled=false';

describe('an appliance, by its command line alone', () => {
  let appliance: Appliance;
  let before: string;

  beforeAll(async () => {
    requirePrograms('oathtool', 'make', 'gcc', 'patch');
    appliance = await startAppliance();
    before = await fingerprint(appliance.machine);
    await appliance.ask('auth two_factor update window=10');
    await appliance.ask('account user create alice admin=true');
    await appliance.ask('account user create bob');
  }, 180_000);

  afterAll(() => appliance?.stop());

  const signInRoot = () => appliance.signIn('root', [passwordOf('root'), () => appliance.nextCode('root')]);
  const passwordIsEnough = async () => (await appliance.signIn('root', [passwordOf('root')])).entered;
  const config = () => appliance.ask('auth two_factor config');
  const waiting = async () => (await appliance.machine.sh("pgrep -f '[t]imers wait' || :")).trim();
  /** To so many seconds from now, wherever it is written down. */
  const moveDeadline = (seconds: number) =>
    appliance.machine.sh(`
      cd /var/lib/postern; grep -q '"due_uptime_ms"' config.json
      up=$(($(cut -d. -f1 /proc/uptime) + ${seconds})); time=$(($(date +%s) + ${seconds}))
      sed -i -E -e '/"checksum":/d' -e 's/("due_ms": *)[0-9]+/\\1'$time'000/' \
        -e 's/("due_uptime_ms": *)[0-9]+/\\1'$up'000/' config.json
      sed -i -E 's/until (\\S+) \\S+ \\S+/until \\1 '$up' '$time/ enforcement
      grep -q "$up" config.json; grep -q "$up" enforcement`);

  it('stays off until an administrator is enrolled', async () => {
    const refused = await appliance.postern([...on.split(' '), 'services.ssh=true']);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('error[rule.no_administrator_enrolled]');
    expect(await fingerprint(appliance.machine)).toBe(before);
    for (const user of ['root', 'alice']) await appliance.enrol(user);
  });

  it('asks for password and code once it is on, takes a code once, and asks no more once it is off', async () => {
    const update = await appliance.ask(`${on} services.ssh=true`);
    expect(update).toMatchObject({
      changed: true,
      changes: [
        { key: 'enabled', from: false, to: true },
        { key: 'services.ssh', from: false, to: true },
      ],
    });
    const code = appliance.nextCode('root');
    await appliance.machine.sh('cp -a /var/lib/postern /root/copy');
    const first = await appliance.signIn('root', [passwordOf('root'), code]);
    expect(first).toMatchObject({ entered: true, prompts: bothPrompts });
    expect(await appliance.signIn('root', [passwordOf('root'), code])).toMatchObject({ entered: false });
    // Nor does a copy of the state directory that is put back make it good again.
    await appliance.machine.sh('rm -r /var/lib/postern; mv /root/copy /var/lib/postern');
    expect(await appliance.signIn('root', [passwordOf('root'), code])).toMatchObject({ entered: false });
    const files = '/run/postern-used-codes /var/cache/postern/used-codes';
    expect(await appliance.machine.sh(`stat -c %a ${files}`)).toBe('600\n600\n');
    const stranger = await appliance.signIn('root', ['wrong', () => appliance.nextCode('root')]);
    expect(stranger).toMatchObject({ entered: false });
    expect(stranger.prompts).not.toContain(codePrompt);
    // bob has no device, and `unenrolled=allow` is how it comes.
    expect(await appliance.signIn('bob', [passwordOf('bob')])).toMatchObject({ entered: true });

    expect(await appliance.postern(off.split(' '))).toMatchObject({
      status: 0,
      stdout: 'enabled: true -> false\n',
      stderr: '',
    });
    expect(await passwordIsEnough()).toBe(true);
    expect(await fingerprint(appliance.machine)).toBe(before);

    expect((await appliance.ask(on)).changes).toEqual([{ key: 'enabled', from: false, to: true }]);
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
  });

  describe('a change with a deadline', () => {
    beforeEach(async () => void (await appliance.ask(off)));

    it("is kept by an administrator's sign-in with a code", async () => {
      await appliance.ask(`${on} confirm_within=1m`);
      expect(await config()).toMatchObject({ enabled: true, pending: { reason: 'confirm_within' } });
      expect(await appliance.signIn('bob', [passwordOf('bob')])).toMatchObject({ entered: true });
      expect(await config()).toHaveProperty('pending');
      expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
      const kept = await config();
      expect(kept).toMatchObject({ enabled: true });
      expect(kept).not.toHaveProperty('pending');
    });

    it('is put back when nobody confirms it, with no Postern running but the one that waits', async () => {
      await appliance.ask(`${on} confirm_within=1m`);
      const pid = await waiting();
      expect(pid).toMatch(/^\d+$/);
      await moveDeadline(0);
      await waitFor('the process to end', async () => ((await waiting()) === '' ? true : undefined), 50_000);
      expect(await fingerprint(appliance.machine)).toBe(before);
      expect(await passwordIsEnough()).toBe(true);
      const audited = await appliance.ask('system audit query order_by=-time limit=5');
      expect(audited).toContainEqual(
        expect.objectContaining({ line: '(timer: confirm_within)', outcome: 'done' }),
      );
    }, 90_000);

    it('is put back by the next sign-in, should the process that waits have been killed', async () => {
      await appliance.ask(`${on} confirm_within=1m`);
      await appliance.machine.sh(`kill -KILL ${await waiting()}`);
      await moveDeadline(-1);
      // The switch ends it though Postern cannot be run.
      await appliance.machine.sh(`mv ${program}/dist ${program}/away`);
      expect(await passwordIsEnough()).toBe(true);
      await appliance.machine.sh(`mv ${program}/away ${program}/dist`);
      expect(await passwordIsEnough()).toBe(true);
      // The file of PAM is the last to be as before.
      const isDone = () => appliance.machine.sh('grep -c postern /etc/pam.d/sshd || :');
      await waitFor('the files', async () => ((await isDone()) === '0\n' ? true : undefined));
      expect(await fingerprint(appliance.machine)).toBe(before);
    });

    it('is waited for after a boot, too, where init is System V', async () => {
      const { machine } = appliance;
      const script = () => machine.sh('ls /etc/init.d/postern-due /etc/rc2.d/S*postern-due 2>/dev/null || :');
      await machine.sh('mkdir -p /etc/init.d /etc/rc{0,1,2,3,4,5,6,S}.d');
      await appliance.ask(on);
      await appliance.ask(`${off} for=1m`);
      await machine.sh(`kill -KILL ${await waiting()}`);
      expect(await passwordIsEnough()).toBe(true);
      await moveDeadline(2);
      await machine.sh('/etc/rc2.d/S*postern-due start');
      await waitFor('the script to go', async () => ((await script()) === '' ? true : undefined), 20_000);
      expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
      await machine.sh('rm -r /etc/rc?.d');
    }, 60_000);

    it('that lets people in for a while is over at its time', async () => {
      await appliance.ask(on);
      await appliance.ask(`${off} for=1m`);
      expect(await passwordIsEnough()).toBe(true);
      await moveDeadline(-1);
      // Nobody runs Postern meanwhile, and nobody could.
      await appliance.machine.sh(`pkill -KILL -f '[t]imers wait'; mv ${program}/dist ${program}/away`);
      expect(await signInRoot()).toMatchObject({ entered: false });
      await appliance.machine.sh(`mv ${program}/away ${program}/dist`);
      expect(await config()).toMatchObject({ enabled: true });
      expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
    });
  });

  it('shows beforehand what a change would do to the system, as patch(1) reads it', async () => {
    await appliance.ask(on);
    const enforced = await fingerprint(appliance.machine);
    await appliance.ask(off);
    const { stdout } = await appliance.postern(['--dry-run', '-o', 'json', ...on.split(' ')]);
    const { diff, dry_run } = JSON.parse(stdout);
    expect(dry_run).toBe(true);
    expect(await config()).toMatchObject({ enabled: false });
    expect(await fingerprint(appliance.machine)).toBe(before);
    await appliance.machine.sh('umask 022; patch -s -p0 -d /; rm -f /etc/pam.d/sshd.orig', { input: diff });
    expect(await fingerprint(appliance.machine)).toBe(enforced);
    await appliance.ask(off);
    expect(await fingerprint(appliance.machine)).toBe(before);
  });

  it('says in a dry run what each act would do, and does none of it, at its start neither', async () => {
    await appliance.ask(on);
    await appliance.ask(`${off} for=1m`);
    await appliance.machine.sh(`kill -KILL ${await waiting()}`);
    await moveDeadline(Date.now() - 1);
    const photograph = () =>
      appliance.machine.sh(
        'cd /; find var/lib/postern run/postern etc/shadow etc/pam.d etc/ssh -type f -exec sha256sum {} + | sort; pgrep -o sshd; ls -la --time-style=full-iso /var/lib/postern',
      );
    const dry = (line: string) => appliance.postern(['--dry-run', '-o', 'json', ...line.split(' ')]);
    const present = await photograph();
    const acts: readonly (readonly [line: string, would: string])[] = [
      ['system reboot', 'restart the machine'],
      ['system shell', 'open a Linux shell'],
      ['service stop ssh', 'stop the SSH service'],
      ['account user set_password root password=new', 'change the system password of root'],
      ['system enforcement install', 'reload sshd'],
    ];
    for (const [line, would] of acts) {
      expect(await dry(line), line).toMatchObject({
        status: 0,
        data: { would: expect.stringContaining(would), dry_run: true },
      });
    }
    expect(await dry('service start ssh')).toMatchObject({
      status: 0,
      data: { changed: false, would: null },
    });
    expect(await dry('account user set_password nobody-here password=new')).toMatchObject({ status: 1 });
    expect((await dry('timers run')).data).toMatchObject({
      changed: true,
      changes: [{ key: 'enabled', from: false, to: true }],
    });
    expect((await dry('auth two_factor config')).data).toMatchObject({ enabled: true });
    expect(await photograph()).toBe(present);

    // The deadline is over at the next real start, and what a removal said beforehand is what it does.
    expect(await config()).toMatchObject({ enabled: true });
    const { changes } = (await dry('system enforcement remove')).data;
    expect(changes.length).toBeGreaterThan(1);
    expect((await appliance.ask('system enforcement remove')).changes).toEqual(changes);
    expect((await dry('system enforcement remove')).data).toMatchObject({ changed: false, would: null });
    await appliance.ask(off);
    expect(await fingerprint(appliance.machine)).toBe(before);
  });

  it('keeps a damaged account out and lets the others in, until it is enrolled anew', async () => {
    await appliance.ask(on);
    const file = '/var/lib/postern/accounts/alice.json';
    await appliance.machine.sh(`echo '{' > ${file}; rm ${file}.last-good`);
    const signInAlice = () =>
      appliance.signIn('alice', [passwordOf('alice'), () => appliance.nextCode('alice')]);
    expect(await signInAlice()).toMatchObject({ entered: false });
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
    await appliance.enrol('alice');
    expect(await signInAlice()).toMatchObject({ entered: true, prompts: bothPrompts });
    await appliance.ask('account user update alice admin=true');
    await appliance.machine.sh(`rm ${file}.damaged-*`);
    await appliance.ask(off);
  });

  it('shows beforehand what becomes of a switch that was thrown by hand', async () => {
    await appliance.ask(on);
    await appliance.machine.sh('mkdir -p /run/postern; echo off > /run/postern/enforcement');
    const diffOf = async (line: string) =>
      JSON.parse((await appliance.postern(['--dry-run', '-o', 'json', ...line.split(' ')])).stdout).diff;
    expect(await diffOf('auth two_factor update window=9')).toBe('');
    expect(await diffOf(on)).toContain('--- /run/postern/enforcement');
    await appliance.ask(off);
    expect(await fingerprint(appliance.machine)).toBe(before);
  });

  it('tells whether codes are really asked for, repairs what an upgrade undid, and leaves no trace', async () => {
    await appliance.ask(on);
    const status = () => appliance.postern(['-o', 'json', 'system', 'enforcement', 'status']);
    expect(await status()).toMatchObject({ status: 0, data: { enforced: true, findings: [] } });
    expect(await appliance.ask('system enforcement test username=alice')).toMatchObject({
      asked_for_code: true,
      let_in_without_code: false,
      code_after_wrong_password: false,
    });
    await appliance.machine.sh("sed -i '/postern/d' /etc/pam.d/sshd");
    expect(await status()).toMatchObject({
      status: 1,
      data: { expected: true, enforced: false, findings: [{ code: 'pam_missing' }] },
    });
    expect(await appliance.ask('system enforcement install')).toMatchObject({
      changed: true,
      changes: [{ key: '/etc/pam.d/sshd' }],
    });
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });

    expect(await appliance.postern(['system', 'enforcement', 'remove'])).toMatchObject({ status: 1 });
    const removed = await appliance.ask('system enforcement remove');
    expect(removed.changes).toContainEqual({ key: '/etc/pam.d/sshd', from: null, to: 'as before' });
    expect(await fingerprint(appliance.machine)).toBe(before);
    expect(
      await appliance.machine.sh('ls -d /run/postern /var/lib/postern/enforcement 2>&1 || :'),
    ).not.toMatch(/^\//m);
    expect(await passwordIsEnough()).toBe(true);
    expect(await status()).toMatchObject({ status: 1, data: { expected: true, enforced: false } });
  });

  it('is looked at by cron where there is no systemd, which alerts once', async () => {
    await appliance.machine.sh('mkdir -p /etc/init.d /etc/rc2.d');
    await appliance.ask(on);
    const cron = () =>
      appliance.machine.sh(
        "sed -n 's/^[*]\\/5 [*] [*] [*] [*] root //p' /etc/cron.d/postern | sed 's/[\\]%/%/g' | sh",
      );
    const alerts = async () =>
      (await appliance.machine.read('/var/log/auth.log')).match(/postern: .*does not run pam_postern.so/g) ??
      [];
    const watch = async () =>
      (await appliance.postern(['-o', 'json', 'system', 'enforcement', 'status'])).data.watch;
    await cron();
    expect(await watch()).toEqual({ by: 'cron', alert: null });
    await appliance.machine.sh("sed -i '/postern/d' /etc/pam.d/sshd");
    await cron();
    await cron();
    await waitFor('the alert', async () => ((await alerts()).length > 0 ? true : undefined));
    expect(await alerts()).toHaveLength(1);
    expect(await appliance.machine.read('/etc/pam.d/sshd')).not.toContain('postern');
    expect(await watch()).toEqual({ by: 'cron', alert: expect.stringContaining('pam_postern.so') });
    // Again, after it was put back, is another alert.
    await appliance.ask('system enforcement install');
    expect(await watch()).toEqual({ by: 'cron', alert: null });
    await appliance.machine.sh("sed -i '/postern/d' /etc/pam.d/sshd");
    await cron();
    await waitFor('another alert', async () => ((await alerts()).length > 1 ? true : undefined));
    await appliance.ask('system enforcement remove');
    expect(await fingerprint(appliance.machine)).toBe(before);
    await appliance.machine.sh('rm -rf /etc/rc2.d');
    expect(await appliance.machine.sh('ls -d /run/postern /etc/cron.d/postern 2>/dev/null || :')).toBe('');
  });

  it('runs no program as root that a user can write', async () => {
    await appliance.ask(on);
    await appliance.machine.sh(`chown -R bob ${appliance.program}`);
    const found = await appliance.postern(['-o', 'json', 'system', 'enforcement', 'status']);
    expect(found).toMatchObject({ status: 1, data: { findings: [{ code: 'program_untrusted' }] } });
    await appliance.ask(off);
    const refused = await appliance.postern(['-o', 'json', ...on.split(' ')]);
    expect(refused.status).toBe(1);
    const { error } = JSON.parse(refused.stderr);
    expect(error).toMatchObject({
      code: 'rule.program_untrusted',
      message: expect.stringContaining(`can change ${appliance.program}`),
    });
    expect(await fingerprint(appliance.machine)).toBe(before);
    await appliance.machine.sh(error.hint);
    await appliance.ask(on);
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
  });

  it('rules the SSH service, and who signs in how', async () => {
    await appliance.ask(on);
    expect(await appliance.ask('service query')).toMatchObject([{ service: 'ssh', running: true }]);
    expect((await appliance.ask('service ssh config')).meaning).toBe(
      'everyone, including root, signs in with a password or a public key, and a code',
    );
    await appliance.ask('service ssh update passwordauth=false');
    expect(await appliance.signIn('alice', [passwordOf('alice')])).toMatchObject({
      entered: false,
      prompts: [],
    });
    const byKey = await appliance.signIn('alice', [() => appliance.nextCode('alice')], ['-i', '/root/key']);
    expect(byKey).toMatchObject({ entered: true, prompts: [codePrompt] });
    await appliance.ask('service ssh update passwordauth=null');
    await appliance.ask('service stop ssh');
    expect(await appliance.ask('service query')).toMatchObject([{ running: false }]);
    expect(await passwordIsEnough()).toBe(false);
    await appliance.ask('service start ssh');
    await appliance.ask('service reload ssh');
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
  });

  it('changes a password and leaves the second factor as it is', async () => {
    await appliance.ask(on);
    const accounts = await appliance.ask('account user query');
    await appliance.ask('account user set_password alice password=-', { input: 'another one\n' });
    expect(await appliance.ask('account user query')).toEqual(accounts);
    const code = () => appliance.nextCode('alice');
    expect(await appliance.signIn('alice', [passwordOf('alice')])).toMatchObject({ entered: false });
    expect(await appliance.signIn('alice', ['another one', code])).toMatchObject({
      entered: true,
      prompts: bothPrompts,
    });
    expect(await appliance.machine.sh('cat /var/lib/postern/audit.jsonl')).not.toContain('another one');
  });

  it('tells what it knows of the clock', async () => {
    const clock = await appliance.ask('system clock');
    expect(Object.keys(clock)).toEqual(
      expect.arrayContaining(['time', 'synchronised', 'by', 'offset_seconds', 'detail']),
    );
    expect(Math.abs(Date.parse(clock.time) - Date.now())).toBeLessThan(60_000);
  });

  it('refuses an ordinary user, who elsewhere has a store that nothing reads', async () => {
    await appliance.ask(on);
    const enforced = await fingerprint(appliance.machine);
    const asBob = (...words: string[]) => appliance.postern(words, { as: 'bob' });
    for (const place of [[], ['--state-dir', '/var/lib/postern']]) {
      for (const command of [
        'auth two_factor config',
        off,
        'account user query',
        'system enforcement remove',
      ]) {
        const refused = await asBob(...place, '--yes', ...command.split(' '));
        expect(refused, `${place} ${command}`).toMatchObject({ status: 5, stdout: '' });
        expect(refused.stderr).toContain('error[permission.');
      }
    }
    const trial = ['--state-dir', '/home/bob/trial'];
    const enrolled = await asBob(...trial, '-o', 'json', 'account', 'user', 'renew_2fa_secret', 'root');
    expect(enrolled.data).toMatchObject({ username: 'root', device: 'default' });
    expect(await asBob(...trial, ...on.split(' '), 'force=true')).toMatchObject({ status: 0 });
    expect(await asBob(...trial, ...off.split(' '))).toMatchObject({
      status: 0,
      stdout: 'enabled: true -> false\n',
    });
    for (const command of ['service stop ssh', 'system enforcement install', 'system reboot']) {
      expect(await asBob(...trial, '--yes', ...command.split(' ')), command).toMatchObject({ status: 5 });
    }
    expect(await appliance.machine.sh('stat -c "%U %a" /home/bob/trial /home/bob/trial/config.json')).toBe(
      'bob 700\nbob 600\n',
    );
    expect(await fingerprint(appliance.machine)).toBe(enforced);
    expect(await config()).toMatchObject({ enabled: true });
    expect(await signInRoot()).toMatchObject({ entered: true, prompts: bothPrompts });
  });
});
