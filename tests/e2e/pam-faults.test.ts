import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeAccount } from '../support/accounts.ts';
import { addUser } from '../support/lab/machine.ts';
import {
  type BuiltPam,
  buildPam,
  freshCode,
  type PamLab,
  renderStack,
  sshdLines,
  startPamLab,
} from '../support/pam.ts';

const codePrompt = 'Verification code: ';
const otherBoot = '00000000-0000-4000-8000-000000000000';
const nobody = '/nonexistent/postern';

describe('the PAM module, when things are not as they should be', () => {
  let built: BuiltPam;
  let lab: PamLab;

  beforeAll(async () => {
    built = await buildPam();
    lab = await startPamLab(built);
    await addUser(lab.machine, 'alice', 'a');
    await lab.save({ accounts: new Map([['alice', makeAccount('alice')]]) });
  }, 120_000);

  afterAll(() => {
    lab?.stop();
    rmSync(built.directory, { recursive: true, force: true });
  });

  beforeEach(() => lab.machine.sh(`rm -rf /run/postern ${lab.state}/enforcement; : > /var/log/auth.log`));

  /** Puts a stack without a password in the place of the service `bare`. */
  const useHelper = (helper = built.helper, node?: string) =>
    lab.machine.write(
      '/etc/pam.d/bare',
      renderStack(
        { ...built, helper, ...(node === undefined ? {} : { node }) },
        lab.state,
        'auth required pam_permit.so',
      ),
    );
  /** Makes a helper of a shell script that has heard the opening; `say LINE` sends a packet, `hear` waits for one. */
  const useScript = async (script: string, interpreter = '/bin/bash') => {
    const path = `${lab.state}/script`;
    const head = [
      `#!${interpreter}`,
      'say() { printf "$@"; }',
      'hear() { dd bs=1000 count=1 status=none > /dev/null; }',
      'for line in STATE USER KNOWN SERVICE RHOST KEY; do hear; done',
    ];
    await lab.machine.write(path, `${[...head, script].join('\n')}\n`, '0755');
    await useHelper(path);
  };
  const log = async () => (await lab.machine.read('/var/log/auth.log')).match(/pam_postern\(.*/g) ?? [];

  describe('the switch', () => {
    const run = '/run/postern/enforcement';
    // The helper is missing in all of them: who gets in did so without Node.
    it.each<[string, string, boolean]>([
      ['none', ':', false],
      ['off in /run', `umask 022; echo off > ${run}`, true],
      ['off without a newline', `printf off > ${run}`, true],
      ['off with a carriage return', `printf 'off\\r\\n' > ${run}`, true],
      ['off in the state folder', 'umask 077; echo off > STATE', true],
      ['on in the state folder', 'echo on > STATE', false],
      ['/run goes before the state folder: on', `echo on > ${run}; echo off > STATE`, false],
      ['/run goes before the state folder: off', `echo off > ${run}; echo on > STATE`, true],
      ['a word that is neither counts as none', `echo offf > ${run}`, false],
      ['a word and more counts as none', `echo off, please > ${run}`, false],
      ['two lines count as none', `printf 'off\\non\\n' > ${run}`, false],
      ['a word and a zero byte count as none', `printf 'off\\0' > ${run}`, false],
      // An end: the id of the boot, how long it will have lasted, Unix time, and the length, in seconds.
      ['off for a time', `echo off until BOOT $((UP + 60)) $((NOW + 60)) 60 > ${run}`, true],
      ['off for a time that is over', `echo off until BOOT $((UP - 1)) $((NOW - 1)) 60 > ${run}`, false],
      ['on for a time', `echo on until BOOT $((UP + 60)) $((NOW + 60)) 60 > ${run}`, false],
      ['on for a time that is over', `echo on until BOOT $((UP - 1)) $((NOW - 1)) 60 > ${run}`, true],
      [
        'off for a time, over by a clock that was set forward',
        `echo off until BOOT $((UP + 60)) $((NOW - 3600)) 60 > ${run}`,
        true,
      ],
      [
        'off for a time that is over, but not by a clock that was set back',
        `echo off until BOOT $((UP - 1)) $((NOW + 3600)) 60 > ${run}`,
        false,
      ],
      [
        'off for a time, after another boot',
        `echo off until ${otherBoot} 1 $((NOW + 60)) $((UP + 90)) > ${run}`,
        true,
      ],
      [
        'off for a time that is over, after another boot',
        `echo off until ${otherBoot} 1 $((NOW - 1)) $((UP + 90)) > ${run}`,
        false,
      ],
      [
        'on for a time that is over, after another boot',
        `echo on until ${otherBoot} 1 $((NOW - 1)) $((UP + 90)) > ${run}`,
        true,
      ],
      [
        'off for a time, after another boot whose clock is far behind',
        `echo off until ${otherBoot} 1 $((NOW + UP + 3600)) $((UP + 90)) > ${run}`,
        false,
      ],
      [
        'off for a time, after a boot that has lasted longer than that',
        `echo off until ${otherBoot} 1 $((NOW + 1)) $((UP - 10)) > ${run}`,
        false,
      ],
      ['an end without a length', `echo off until BOOT $((UP + 60)) $((NOW + 60)) > ${run}`, false],
      ['an end with a sign', `echo off until BOOT +$((UP + 60)) $((NOW + 60)) 60 > ${run}`, false],
      ['an end and more', `echo off until BOOT $((UP + 60)) $((NOW + 60)) 60 60 > ${run}`, false],
      ['an end beyond all numbers', `echo off until BOOT ${'9'.repeat(30)} $((NOW + 60)) 60 > ${run}`, false],
      ['two blanks before an end', `echo "off  until BOOT $((UP + 60)) $((NOW + 60)) 60" > ${run}`, false],
      ['a folder that the group may write', `echo off > ${run}; chmod 775 /run/postern`, false],
      ['a word that is neither, then off', `echo perhaps > ${run}; echo off > STATE`, true],
      ['an empty file counts as none', `: > ${run}; echo off > STATE`, true],
      ['writable by the group', `echo off > ${run}; chmod 664 ${run}`, false],
      ['writable by all', `echo off > ${run}; chmod 646 ${run}`, false],
      ["a user's file", `echo off > ${run}; chown alice ${run}`, false],
      [
        "a user's file, then off in the state folder",
        `echo on > ${run}; chown alice ${run}; echo off > STATE`,
        true,
      ],
      ['a symbolic link to a good one', `echo off > /run/postern/real; ln -s real ${run}`, false],
      ['a hard link is the file itself', `echo off > /run/postern/real; ln /run/postern/real ${run}`, true],
      ['a folder', `mkdir ${run}`, false],
      ['a pipe that nobody writes to', `mkfifo ${run}`, false],
      ['a device', `ln /dev/null ${run} 2>/dev/null || mknod ${run} c 1 3 || mkfifo ${run}`, false],
    ])('%s', async (_, script, entered) => {
      await useHelper(nobody);
      await lab.machine.sh(
        `mkdir -p /run/postern
        BOOT=$(cat /proc/sys/kernel/random/boot_id); UP=$(cut -d. -f1 /proc/uptime); NOW=$(date +%s)
        ${script.replaceAll('STATE', `${lab.state}/enforcement`).replaceAll('BOOT', '$BOOT')}`,
      );
      expect(await lab.check('bare', 'alice', [], {})).toMatchObject({ entered, prompts: [] });
      // A key is the first factor: enough while it is off, and not when it is on.
      expect(await lab.check('bare', 'alice', [], { key: true })).toMatchObject({ entered, prompts: [] });
    });

    it.each([
      ['users other than root can write it', `umask 000; echo off > ${run}`],
      ['users other than root can write it', `umask 002; echo off > ${run}`],
      ['it does not belong to root', `echo off > ${run}; chown alice ${run}`],
      ['it is not a regular file', `mkdir ${run}`],
      ['it says neither on nor off', `echo of > ${run}`],
      ['it says neither on nor off', `: > ${run}`],
    ])('says in the log that a file is ignored: %s', async (fault, script) => {
      await useHelper(nobody);
      await lab.machine.sh(`mkdir -p /run/postern; ${script}`);
      await lab.check('bare', 'alice', []);
      expect((await log())[0]).toMatch(new RegExp(`: ${run} is ignored: ${fault}$`));
    });

    it('off: ssh lets in on the password, with no helper at all', async () => {
      await lab.machine.sh('cp /etc/pam.d/sshd /etc/pam.d/sshd.kept');
      await lab.machine.sh(`sed -i 's#helper=[^ ]*#helper=${nobody}#' /etc/pam.d/sshd`);
      expect(await lab.signIn('alice', ['a', freshCode])).toMatchObject({ entered: false });
      await lab.machine.sh('mkdir -p /run/postern; echo off > /run/postern/enforcement');
      expect(await lab.signIn('alice', ['a'])).toMatchObject({ entered: true, prompts: ['Password: '] });
      await lab.machine.sh('mv /etc/pam.d/sshd.kept /etc/pam.d/sshd');
    });
  });

  describe('a helper that cannot be trusted', () => {
    it('is told from one that can: this one says OK, and is believed', async () => {
      await useScript('say OK');
      expect(await lab.check('bare', 'alice', [])).toMatchObject({ entered: true, prompts: [] });
    });

    const cannot = (path: string, why: string) => `denied: the helper cannot be run: ${path}: ${why}`;
    const ended = (command: string, how: string) =>
      `denied: no verdict from the helper: ${command} pam ${how}`;
    it.each<[string, { helper: string; node?: string }, string]>([
      ['is missing', { helper: nobody }, cannot(nobody, 'No such file or directory')],
      ['is a folder', { helper: '/tmp' }, cannot('/tmp', 'Permission denied')],
      ['is not executable', { helper: '/etc/passwd' }, cannot('/etc/passwd', 'Permission denied')],
      ['is no program', { helper: '/run/garbage' }, cannot('/run/garbage', 'Exec format error')],
      ['has no Node', { helper: '', node: nobody }, cannot(nobody, 'No such file or directory')],
      [
        'has a Node that is not executable',
        { helper: '', node: '/etc/passwd' },
        cannot('/etc/passwd', 'Permission denied'),
      ],
      ['ends without a word', { helper: '/bin/true' }, ended('/bin/true', 'ended with exit status 0')],
      [
        'is not what its Node can run',
        { helper: nobody, node: process.execPath },
        ended(`${process.execPath} ${nobody}`, 'ended with exit status 1'),
      ],
      [
        'is killed',
        { helper: '/run/killed', node: '/bin/sh' },
        ended('/bin/sh /run/killed', 'was ended by signal 9 (Killed)'),
      ],
    ])('%s', async (_, { helper, node }, logged) => {
      await lab.machine.sh(`
        head -c 64 /dev/zero > /run/garbage; chmod 755 /run/garbage
        echo 'kill -KILL $$' > /run/killed`);
      await useHelper(helper || built.helper, node);
      expect(await lab.check('bare', 'alice', ['123456'])).toMatchObject({ entered: false, prompts: [] });
      expect((await log()).map((line) => line.replace(/^.*?: /, ''))).toEqual([logged]);
    });

    it('whose Node was removed, in a line of before Node was named there', async () => {
      await useScript('', '/usr/bin/no-node');
      expect(await lab.check('bare', 'alice', ['123456'])).toMatchObject({ entered: false, prompts: [] });
      expect((await log()).at(-1)).toContain(
        `denied: the helper cannot be run: ${lab.state}/script: No such file`,
      );
    });

    it('says its last words though it has read nothing of what it was told', async () => {
      await lab.machine.write('/run/last', 'printf "LOG too old"\nprintf FAIL\n');
      await useHelper('/run/last', '/bin/sh');
      expect(await lab.check('bare', 'alice', ['123456'])).toMatchObject({ entered: false, prompts: [] });
      expect((await log()).at(-1)).toMatch(/: too old$/);
    });

    it.each([
      ['another word', 'say YES'],
      ['the verdict in small letters', 'say ok'],
      ['a verdict and a newline', "say 'OK\\n'"],
      ['a verdict and a blank', "say 'OK '"],
      ['a verdict and more', 'say OKAY'],
      ['a verdict and a NUL', "say 'OK\\0'"],
      ['two verdicts in one', 'say OKOK'],
      ['a prompt with an escape sequence', "say 'PROMPT \\033[2Jcode: '"],
      ['a log line with a newline', "say 'LOG a\\nb'"],
      ['a line that is too long', "say 'LOG %0600d' 0"],
      ['a line that is too long and would end well', "say '%0600dOK' 0"],
      ['talk without end', 'for i in $(seq 40); do say "LOG $i"; done; say OK'],
      ['questions without end', 'for i in $(seq 40); do say "PROMPT $i: "; done; say OK'],
      ['garbage before the verdict', 'say x; say OK'],
    ])('says %s', async (_, script) => {
      await useScript(`${script}\nsleep 1`);
      expect(await lab.check('bare', 'alice', Array(40).fill('123456'))).toMatchObject({ entered: false });
    });

    it('is understood when it keeps to the rules, to the limit', async () => {
      await useScript("say 'PROMPT %0504d' 0\nhear\nsay OK");
      expect(await lab.check('bare', 'alice', ['123456'])).toMatchObject({
        entered: true,
        prompts: ['0'.repeat(504)],
      });
    });

    it('hangs: denied after its time', async () => {
      await useScript('exec sleep 300');
      const before = performance.now();
      expect(await lab.check('bare', 'alice', [])).toMatchObject({ entered: false });
      expect(performance.now() - before).toBeGreaterThan(29_000);
      // It is killed, not left behind.
      expect((await lab.machine.run(['pgrep', '-x', 'sleep'])).stdout).toBe('');
    }, 90_000);

    it('is killed while the person types', async () => {
      await useHelper(built.helper);
      const result = await lab.signIn('alice', ['a', kill, freshCode]);
      expect(result.entered).toBe(false);
      expect((await log()).join()).toMatch(/no verdict from the helper: .* was ended by signal 9/);
    });

    async function kill() {
      await lab.machine.sh("pkill -KILL -f '^.*node .*helper pam$'");
      return freshCode();
    }
  });

  it('the helper dies with the program that asked, even if it does not listen', async () => {
    await useScript("say 'PROMPT code: '\nexec sleep 300");
    await lab.machine.sh(`
      mkfifo /run/typed; exec 3<> /run/typed
      ${built.checker} bare alice < /run/typed > /run/said & checker=$!
      until grep -q prompt /run/said && pgrep -x sleep > /run/helper; do /bin/true; done
      kill -KILL $checker
      for i in $(seq 1000); do kill -0 $(cat /run/helper) 2> /dev/null || exit 0; done
      exit 1`);
  });

  it('the helper has nothing of the sign-in in argv or environment, and no file of its parent', async () => {
    await useScript(`
      tr '\\0' ' ' < /proc/$$/cmdline > ${lab.state}/seen.argv
      tr '\\0' '\\n' < /proc/$$/environ > ${lab.state}/seen.environment
      for f in 0 1 2; do readlink /proc/$$/fd/$f; done | sed 's/[0-9]*//g' > ${lab.state}/seen.files
      ls /proc/$$/fd > ${lab.state}/seen.open
      grep -vx 255 ${lab.state}/seen.open | xargs >> ${lab.state}/seen.files
      { ps -o sid= -p $$ | tr -d ' '; echo $$; umask; pwd; } | xargs > ${lab.state}/seen.session
      say OK`);
    const script = `exec 7< /etc/passwd 8> /run/eight; export SECRET=123456; printf '123456\\n' | ${built.checker} bare alice`;
    await lab.machine.sh(script);
    const seen = async (name: string) => (await lab.machine.read(`${lab.state}/seen.${name}`)).trim();
    expect(await seen('argv')).toBe(`/bin/bash ${lab.state}/script pam`);
    const before = await seen('environment');
    expect(before).toContain('PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n');
    await useHelper(`${lab.state}/script`, '/bin/bash');
    await lab.machine.sh(script);
    expect(await seen('argv')).toBe(`/bin/bash ${lab.state}/script pam`);
    const own = ['PWD', 'SHLVL', '_', 'OLDPWD'];
    const environment = (await seen('environment'))
      .split('\n')
      .filter((line) => !own.includes(line.split('=')[0] ?? ''));
    expect(environment).toEqual(['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'TZ=UTC']);
    expect((await seen('files')).split('\n')).toEqual(['socket:[]', 'socket:[]', '/dev/null', '0 1 2']);
    const [sid, pid, umask, folder] = (await seen('session')).split(' ');
    expect([sid, umask, folder]).toEqual([pid, '0077', '/']);
  });

  it.each([
    ['a wrong password that a careless stack forgives', 'auth sufficient pam_unix.so'],
    ['a stack that asks for no password at all', '# nothing'],
  ])('a right code does not make up for %s', async (_, line) => {
    await lab.machine.write('/etc/pam.d/bare', renderStack(built, lab.state, line));
    await lab.save({ accounts: new Map([['alice', makeAccount('alice')]]) });
    const answers = line.startsWith('#') ? [freshCode()] : ['wrong', freshCode()];
    const { entered, prompts } = await lab.check('bare', 'alice', answers);
    expect(prompts.at(-1)).toBe(codePrompt);
    expect(entered).toBe(false);
    expect((await log()).at(-1)).toContain('verification accepted');
  });

  it('an argument it does not know lets nobody in', async () => {
    const stack = renderStack({ ...built, helper: '/bin/true' }, lab.state, 'auth required pam_permit.so');
    await lab.machine.write('/etc/pam.d/bare', stack.replaceAll('helper=', 'helpers='));
    expect(await lab.check('bare', 'alice', ['123456'])).toMatchObject({ entered: false, prompts: [] });
    expect((await log()).at(-1)).toContain('denied: unknown argument helpers=/bin/true');
    // The way back in outlives the mistake.
    await lab.machine.sh('mkdir -p /run/postern; echo off > /run/postern/enforcement');
    expect(await lab.check('bare', 'alice', [])).toMatchObject({ entered: true });
  });

  it('a full disk: the right code is not taken, and the log says why', async () => {
    await lab.save({ accounts: new Map([['alice', makeAccount('alice')]]) });
    await lab.machine.sh(`
      mkdir -p /var/lib/postern; mount -t tmpfs -o size=300k,mode=700 tmpfs /var/lib/postern
      cp -a ${lab.state}/. /var/lib/postern; rm -f /var/lib/postern/reserve*
      head -c 1M /dev/zero > /var/lib/postern/filler || :`);
    await lab.machine.write(
      '/etc/pam.d/bare',
      renderStack(built, '/var/lib/postern', 'auth required pam_permit.so'),
    );
    const code = freshCode();
    expect(await lab.check('bare', 'alice', [code, code])).toMatchObject({
      entered: false,
      prompts: [codePrompt, codePrompt],
    });
    expect((await log()).join('\n')).toMatch(
      /verification impossible for alice from 127\.0\.0\.1: store\.full/,
    );
    await lab.machine.sh('rm /var/lib/postern/filler');
    expect(await lab.check('bare', 'alice', [code])).toMatchObject({ entered: true });
    await lab.machine.sh('umount /var/lib/postern');
  });

  it('a store that is gone denies, and no new one is made', async () => {
    await lab.machine.write(
      '/etc/pam.d/bare',
      renderStack(built, '/var/lib/none', 'auth required pam_permit.so'),
    );
    expect(await lab.check('bare', 'alice', [freshCode(), freshCode()])).toMatchObject({ entered: false });
    expect((await lab.machine.run(['ls', '/var/lib/none'])).status).not.toBe(0);
  });

  it('the password method, should sshd offer it, gets nobody in', async () => {
    const [first = '', ...rest] = sshdLines.filter((line) => !/^(Password|AuthenticationMethods)/.test(line));
    await lab.machine.write(
      '/etc/ssh/sshd_config.d/lab.conf',
      `${[first, ...rest, 'PasswordAuthentication yes'].join('\n')}\n`,
    );
    await lab.machine.sh('kill -HUP "$(cat /run/sshd.pid)"; sleep 0.5');
    const result = await lab.signIn('alice', ['a'], ['-o', 'PreferredAuthentications=password']);
    expect(result.entered).toBe(false);
    expect(lab.store.account('alice')?.failures).toBe(0);
  });
});
