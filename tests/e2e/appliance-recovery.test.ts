import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answered, type Appliance, passwordOf, program, startAppliance } from '../support/appliance.ts';
import { fingerprint, requirePrograms } from '../support/system.ts';

const off = ['auth', 'two_factor', 'update', 'enabled=false'];
const store = '/var/lib/postern';

/** Ways in which a machine that asks for codes breaks, and what the line of recovery says there. */
type Fault = {
  readonly because: string;
  readonly damage: string;
  /** What must be undone by hand afterwards; the store is put back after each test. */
  readonly mend?: string;
  /** Standard output. */
  readonly answer?: string;
  /** What the warnings tell. */
  readonly says: RegExp;
  /** What the settings are afterwards; null: they could not be saved. */
  readonly settings: Readonly<Record<string, unknown>> | null;
};

const faults: readonly Fault[] = [
  {
    because: 'nothing else is wrong',
    damage: ':',
    says: /^$/,
    settings: { enabled: false, window: 10 },
  },
  {
    because: 'config.json is damaged and its last good copy is there',
    damage: `echo '{"two_factor": tru' > ${store}/config.json`,
    says: /last good copy/,
    settings: { enabled: false, window: 10, services: { ssh: true } },
  },
  {
    because: 'config.json is lost with its last good copy',
    damage: `for f in config.json config.json.last-good; do head -c 300 /dev/urandom > ${store}/$f; done`,
    answer: 'enforcement: on -> off\n',
    says: /the settings start again from their defaults/,
    settings: { enabled: false, window: 1, services: { ssh: false } },
  },
  {
    because: 'account files are damaged',
    damage: `for f in ${store}/accounts/root.json*; do echo '[]' > $f; done; : > ${store}/accounts/alice.json`,
    // Switching off looks at no account; `status` names both.
    says: /^$/,
    settings: { enabled: false, window: 10 },
  },
  {
    because: 'the folder of the accounts is gone',
    damage: `rm -r ${store}/accounts`,
    mend: `cp -a /root/good/accounts ${store}`,
    says: /^$/,
    settings: { enabled: false, window: 10 },
  },
  {
    because: 'the folder of the accounts is a file',
    damage: `rm -r ${store}/accounts; : > ${store}/accounts`,
    mend: `rm ${store}/accounts; cp -a /root/good/accounts ${store}`,
    says: /^$/,
    settings: { enabled: false, window: 10 },
  },
  {
    because: 'the settings are nested too deeply',
    damage: `node -e 'console.log("[".repeat(20000) + "]".repeat(20000))' > ${store}/config.json`,
    says: /last good copy/,
    settings: { enabled: false, window: 10 },
  },
  {
    because: 'a newer version wrote the settings',
    damage: `for f in config.json config.json.last-good; do echo '{"version": 99}' > ${store}/$f; done`,
    answer: 'enforcement: on -> off\n',
    says: /the settings could not be saved: .*newer version.*until the settings change/s,
    settings: null,
  },
  {
    because: 'the whole store was deleted',
    damage: `rm -rf ${store}`,
    answer: 'enforcement: on -> off\n',
    says: /^$/,
    settings: { enabled: false, window: 1 },
  },
  {
    because: 'the disk is full',
    damage: `
      mount -t tmpfs -o size=512k,mode=700 tmpfs ${store}; cp -a /root/good/. ${store}
      ! cat /dev/zero > ${store}/filler`,
    says: /^$/,
    settings: { enabled: false, window: 10 },
  },
  {
    because: 'the disk is full and the reserve is used up',
    damage: `
      mount -t tmpfs -o size=512k,mode=700 tmpfs ${store}; cp -a /root/good/. ${store}; rm ${store}/reserve*
      ! cat /dev/zero > ${store}/filler`,
    answer: 'enforcement: on -> off until the next boot\n',
    says: /the settings could not be saved: .*its file system is full.*next boot/s,
    settings: null,
  },
  {
    because: 'the store and /etc are on a read-only file system',
    damage: `for d in ${store} /etc; do mount --bind $d $d; mount -o remount,bind,ro $d; done`,
    mend: 'umount /etc',
    answer: 'enforcement: on -> off until the next boot\n',
    says: /the settings could not be saved: .*read-only.*next boot/s,
    settings: null,
  },
  {
    because: 'a file is in the place of the folder in /run, too',
    damage: `
      for d in ${store} /etc; do mount --bind $d $d; mount -o remount,bind,ro $d; done
      rm -rf /run/postern; echo off > /run/postern`,
    mend: 'umount /etc',
    answer: 'enforcement: on -> off until the next boot\n',
    says: /next boot/,
    settings: null,
  },
  {
    because: 'sshd refuses an unrelated line',
    damage: 'echo NoSuchKeyword yes >> /etc/ssh/sshd_config',
    mend: 'sed -i /NoSuchKeyword/d /etc/ssh/sshd_config',
    says: /NoSuchKeyword/,
    settings: { enabled: false, window: 10 },
  },
  {
    because: 'a process that held the lock is dead',
    damage: `hold < /dev/null &> /dev/null & stopped; kill -KILL $(holder); wait; [ -L ${store}/lock ]`,
    says: /process \d+ died during a change/,
    settings: { enabled: false, window: 10 },
  },
  {
    because: 'the module and the program that tries stacks out are gone',
    damage: 'mkdir /root/away; mv /opt/security/*postern* /root/away',
    mend: 'mv /root/away/* /opt/security; rmdir /root/away',
    says: /^$/,
    settings: { enabled: false, window: 10 },
  },
];

/** Ways in which a machine breaks that Postern is to be taken out of. */
const removals: readonly (Pick<Fault, 'because' | 'damage' | 'mend' | 'says'> & {
  readonly stays?: boolean;
})[] = [
  {
    because: 'the disk is full',
    damage: `
      mount -t tmpfs -o size=512k,mode=700 tmpfs ${store}; cp -a /root/good/. ${store}; rm ${store}/reserve*
      ! cat /dev/zero > ${store}/filler`,
    says: /^$/,
  },
  {
    because: 'the store is on a read-only file system',
    damage: `mount --bind ${store} ${store}; mount -o remount,bind,ro ${store}`,
    says: /^[^\n]*enforcement could not be updated: EROFS[^\n]*\n[^\n]*the audit log could not be written[^\n]*\n$/,
  },
  {
    because: 'the folder of the accounts is a file',
    damage: `rm -r ${store}/accounts; : > ${store}/accounts`,
    says: /^$/,
  },
  {
    because: 'folders stand where the note of a change and the process that waits are written down',
    damage: `mkdir ${store}/apply-journal.json ${store}/timer.pid`,
    says: /apply-journal\.json is not a regular file, and was moved .*timer\.pid is not a regular file/s,
  },
  {
    because: 'sshd refuses an unrelated line',
    damage: 'echo NoSuchKeyword yes >> /etc/ssh/sshd_config',
    mend: 'sed -i /NoSuchKeyword/d /etc/ssh/sshd_config',
    says: /NoSuchKeyword/,
    stays: true,
  },
  {
    because: 'sshd_config is missing',
    damage: 'mv /etc/ssh/sshd_config /etc/ssh/gone',
    mend: 'mv /etc/ssh/gone /etc/ssh/sshd_config',
    says: /sshd_config: No such file/,
    stays: true,
  },
];

/** A run of the program that takes the lock and is stopped there, as by Ctrl-Z or a debugger. */
const holding = `
  hold() { strace -f -qq -o /dev/null -e trace=symlink,symlinkat -e inject=symlink,symlinkat:signal=SIGSTOP:when=1 \
    node ${program}/bin/postern.js auth two_factor update window=9; }
  holder() { pgrep -f '^node .*window=9$'; }
  stopped() { until [ -L ${store}/lock ] && grep -q '^State:.[tT]' /proc/$(holder)/status; do sleep 0.02; done; }`;

describe('getting back in, by the command line alone', () => {
  let appliance: Appliance;
  let before: string;
  let enforced: string;

  beforeAll(async () => {
    requirePrograms('oathtool', 'make', 'gcc', 'strace');
    appliance = await startAppliance();
    before = await fingerprint(appliance.machine);
    await appliance.ask('auth two_factor update window=10');
    for (const user of ['alice', 'bob']) await appliance.ask(`account user create ${user}`);
    for (const user of ['root', 'alice', 'bob']) await appliance.enrol(user);
    await appliance.ask('auth two_factor update enabled=true services.ssh=true');
    enforced = await fingerprint(appliance.machine);
    await appliance.machine.sh(`cp -a ${store} /root/good`);
  }, 180_000);

  afterAll(() => appliance?.stop());

  const signIn = (...answers: string[]) => appliance.signIn('root', [passwordOf('root'), ...answers]);
  const passwordIsEnough = async () => (await signIn()).entered;
  const damage = (script: string) => appliance.machine.sh(`${holding}\n${script}`);

  /** The machine as it was set up, asking for codes. */
  beforeEach(async () => {
    await appliance.machine.sh(`
      mountpoint -q ${store} && umount ${store}
      rm -rf ${store} /run/postern; cp -a /root/good ${store}`);
    await appliance.ask('system enforcement install');
    expect(await fingerprint(appliance.machine)).toBe(enforced);
    expect(await appliance.ask('system enforcement status')).toMatchObject({ enforced: true, findings: [] });
  });

  let mend = '';
  afterEach(async () => {
    if (mend !== '') await appliance.machine.sh(mend);
    mend = '';
  });

  it.each(faults)(
    'works where $because',
    async (fault) => {
      await damage(fault.damage);
      mend = fault.mend ?? '';
      const answered: Answered = await appliance.postern(off);
      expect(answered).toMatchObject({ status: 0, stdout: fault.answer ?? 'enabled: true -> false\n' });
      expect(answered.stderr).toMatch(fault.says);
      expect(await signIn()).toMatchObject({ entered: true });
      const byKey = await appliance.signIn('alice', [], ['-i', '/root/key']);
      expect(byKey).toMatchObject({ entered: true, prompts: [] });
      if (fault.settings !== null) {
        expect(await appliance.ask('auth two_factor config')).toMatchObject(fault.settings);
      }
      if (mend !== '') await appliance.machine.sh(mend);
      mend = '';
      if (fault.settings === null) return;
      await appliance.ask('system enforcement install');
      expect(await fingerprint(appliance.machine)).toBe(before);
    },
    90_000,
  );

  it.each(removals)(
    'and everything comes out, or is without effect, where $because',
    async (fault) => {
      await damage(fault.damage);
      mend = fault.mend ?? '';
      const remove = ['--yes', 'system', 'enforcement', 'remove'];
      const answered = await appliance.postern(remove);
      expect(answered.stderr).toMatch(fault.says);
      expect(answered.status).toBe(fault.stays ? 3 : 0);
      expect(await signIn()).toMatchObject({ entered: true });
      const byKey = await appliance.signIn('alice', [], ['-i', '/root/key']);
      expect(byKey).toMatchObject({ entered: true, prompts: [] });
      if (mend !== '') await appliance.machine.sh(mend);
      mend = '';
      // What had to stay goes once the machine is mended.
      if (fault.stays) expect(await appliance.postern(remove)).toMatchObject({ status: 0, stderr: '' });
      expect(await fingerprint(appliance.machine)).toBe(before);
      expect(await signIn()).toMatchObject({ entered: true });
    },
    90_000,
  );

  it('works where a process that holds the lock is stopped, and holds when that goes on with its change', async () => {
    await damage('hold < /dev/null &> /root/held & stopped; holder > /root/holder');
    const answered = await appliance.postern(off);
    expect(answered).toMatchObject({ status: 0, stdout: 'enforcement: on -> off\n' });
    const pid = (await appliance.machine.read('/root/holder')).trim();
    expect(answered.stderr).toContain(`could not be saved: the store is in use by process ${pid}\n`);
    expect(await passwordIsEnough()).toBe(true);
    await damage('kill -CONT $(cat /root/holder); while holder > /dev/null; do sleep 0.02; done');
    expect(await appliance.machine.read('/root/held')).toMatch(/^window: 10 -> 9\n.*the switch is off/s);
    expect(await passwordIsEnough()).toBe(true);
    // Until somebody asks for codes.
    await appliance.ask('auth two_factor update enabled=true');
    expect(await passwordIsEnough()).toBe(false);
  }, 60_000);

  it.each([
    [
      'symlink',
      'enforcement: on -> off\n',
      /could not be saved: [^\n]*lock: [^\n]*read-only; nothing was changed/,
    ],
    ['readlink', 'enabled: true -> false\n', /^postern: note: cannot remove [^\n]*lock: [^\n]*read-only/],
    ['unlink', 'enabled: true -> false\n', /^postern: note: cannot remove [^\n]*lock: [^\n]*read-only/],
  ])(
    'works where the file system turns read-only in the middle, %s of the lock',
    async (call, answer, says) => {
      const from = `inject=${call}:error=EROFS`;
      const run = `strace -f -qq -o /dev/null -P ${store}/lock -e trace=${call} -e ${from}`;
      const line = `node ${program}/bin/postern.js ${off.join(' ')}`;
      await damage(`${run} ${line} > /root/out 2> /root/err || [ $? = 1 ] && cat /root/err >&2`);
      expect(await appliance.machine.read('/root/out')).toBe(answer);
      expect(await appliance.machine.read('/root/err')).toMatch(says);
      expect(await passwordIsEnough()).toBe(true);
    },
  );

  it('is done though nothing can be said of it', async () => {
    const line = `node ${program}/bin/postern.js ${off.join(' ')}`;
    await damage(`echo x > ${store}/config.json; ${line} > /dev/full 2>&1 && exit 1 || [ $? = 4 ]`);
    expect(await passwordIsEnough()).toBe(true);
    expect(await appliance.ask('auth two_factor config')).toMatchObject({ enabled: false, window: 10 });
  });

  const broken = [
    {
      because: 'Node was removed',
      // As if it were not there: nothing may run it.
      damage: 'mount --bind /dev/null "$(readlink -f "$(command -v node)")"',
      mended: 'umount "$(readlink -f "$(command -v node)")"',
    },
    {
      because: 'all of the program is gone',
      damage: `mv ${program} /opt/away`,
      mended: `mv /opt/away ${program}`,
    },
  ];
  it.each(broken)('is one word in a file where $because', async ({ damage: breaking, mended }) => {
    await damage(breaking);
    mend = mended;
    expect((await appliance.postern(off)).status).not.toBe(0);
    expect(await signIn(appliance.nextCode('root'))).toMatchObject({ entered: false });
    await appliance.machine.sh('echo off > /run/postern/enforcement');
    expect(await passwordIsEnough()).toBe(true);
    // A boot later the file is gone, its folder too, and comes back with the first sign-in.
    await appliance.machine.sh('rm -r /run/postern');
    expect(await passwordIsEnough()).toBe(false);
    await appliance.machine.sh('echo off > /run/postern/enforcement');
    expect(await passwordIsEnough()).toBe(true);
  });

  const denying = [
    {
      because: 'config.json is lost with its last good copy',
      damage: `for f in config.json config.json.last-good; do : > ${store}/$f; done`,
    },
    {
      because: 'the account file is lost with its last good copy',
      damage: `for f in root.json root.json.last-good; do echo '{}' > ${store}/accounts/$f; done`,
    },
    { because: 'the store and its switch are gone', damage: `rm -r ${store}` },
  ];
  it.each(denying)(
    'nobody gets in over SSH where $because and nobody types it; the console asks for the password alone',
    async ({ damage: breaking }) => {
      await damage(breaking);
      const tries = [signIn(''), signIn(appliance.nextCode('root'))];
      for (const tried of await Promise.all(tries)) expect(tried).toMatchObject({ entered: false });
      const input = `${passwordOf('root')}\n`;
      const checker = '"/usr/lib/$(gcc -print-multiarch)/security/postern-pam-check"';
      expect(await appliance.machine.sh(`${checker} login root`, { input })).toBe(
        'prompt Password: \nresult 0 Success\n',
      );
      const su = ['runuser', '-u', 'bob', '--', 'su', 'root', '-c', 'id -un'];
      expect(await appliance.machine.run(su, { input })).toMatchObject({
        stdout: 'root\n',
        stderr: 'Password: ',
      });
    },
  );
});
