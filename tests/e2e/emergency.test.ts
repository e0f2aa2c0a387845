import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Appliance, passwordOf, startAppliance } from '../support/appliance.ts';
import { projectRoot } from '../support/lab/machine.ts';
import { fingerprint, requirePrograms } from '../support/system.ts';
import { waitFor } from '../support/wait.ts';

/** What the README prints for a machine without a working Postern, in its order. */
const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
const section = /^\*\*With no working Postern at all\*\*[\s\S]*?(?=^## )/m.exec(readme)?.[0] ?? '';
const [switchOff = '', stateOff = '', takeOut = '', ...more] = Array.from(
  section.matchAll(/^```sh\n(.*)\n```$/gm),
  ([, line = '']) => line,
);

const module = '"/usr/lib/$(gcc -print-multiarch)/security/pam_postern.so"';
const noNode = 'mount --bind /dev/null "$(readlink -f "$(command -v node)")"';
const noNodeMended = 'umount "$(readlink -f "$(command -v node)")"';
/** sshd needs its own folder in /run, and its pid. */
const runFull = `
  mkdir /opt/run; mount -t tmpfs -o size=128k,mode=755 tmpfs /opt/run
  mkdir /opt/run/sshd; cp /run/sshd.pid /opt/run
  mount --rbind /opt/run /run
  ! cat /dev/zero > /run/filler`;
const runFullMended = 'umount -R /run /opt/run; rmdir /opt/run';

const faults: readonly { because: string; damage: string; mend: string; line: string }[] = [
  { because: 'Node is gone', damage: noNode, mend: noNodeMended, line: switchOff },
  {
    because: 'the program is gone, and a dangling link is in the way',
    damage: 'mv /opt/postern /opt/away; rm -rf /run/postern; ln -s /nonexistent /run/postern',
    mend: 'mv /opt/away /opt/postern',
    line: switchOff,
  },
  {
    because: 'the program is gone, and a switch for everybody to write is in the way',
    damage: `
      mv /opt/postern /opt/away; umask 000
      rm -rf /run/postern; mkdir /run/postern; echo off > /run/postern/enforcement`,
    mend: 'mv /opt/away /opt/postern',
    line: switchOff,
  },
  {
    because: '/run is full, and Node is gone',
    damage: `${runFull}; ${noNode}`,
    mend: `${noNodeMended}; ${runFullMended}`,
    line: stateOff,
  },
  {
    because: 'the PAM module is gone',
    damage: `mv ${module} /root/module`,
    mend: `mv /root/module ${module}`,
    line: takeOut,
  },
  {
    because: 'the PAM module cannot be loaded, Node is gone, and /run is full',
    damage: `cp ${module} /root/module; head -c 1000 /dev/urandom > ${module}; ${runFull}; ${noNode}`,
    mend: `${noNodeMended}; ${runFullMended}; cp /root/module ${module}; rm /root/module`,
    line: takeOut,
  },
];

/** Shells of rescue systems, with no program in reach but their own; the umask is the worst there is. */
const shells = [
  { name: 'dash', argv: ['dash'], path: '/usr/bin:/bin' },
  { name: 'busybox sh', argv: ['/opt/rescue/busybox', 'sh'], path: '/opt/rescue' },
];

describe('with no working Postern at all', () => {
  let appliance: Appliance;
  let enforced: string;
  let mend = '';

  beforeAll(async () => {
    requirePrograms('busybox', 'dash', 'oathtool');
    appliance = await startAppliance();
    await appliance.machine.sh(`
      mkdir /opt/rescue; cp "$(command -v busybox)" /opt/rescue/busybox
      /opt/rescue/busybox --install -s /opt/rescue`);
    await appliance.ask('auth two_factor update window=10');
    await appliance.enrol('root');
    await appliance.ask('auth two_factor update enabled=true services.ssh=true');
    enforced = await fingerprint(appliance.machine);
  }, 180_000);

  afterAll(() => appliance?.stop());

  afterEach(async () => {
    await appliance.machine.sh(mend);
    mend = '';
    await appliance.machine.sh('rm -f /etc/ssh/00-postern.conf');
    await appliance.ask('system enforcement install');
    expect(await fingerprint(appliance.machine)).toBe(enforced);
    expect(await appliance.ask('system enforcement status')).toMatchObject({ enforced: true, findings: [] });
  }, 60_000);

  const signIn = (...codes: string[]) => appliance.signIn('root', [passwordOf('root'), ...codes]);

  it('the README prints three lines', () => {
    expect([switchOff, stateOff, takeOut]).not.toContain('');
    expect(more).toEqual([]);
  });

  it('the program prints two of them where it cannot go on', async () => {
    const { machine, program } = appliance;
    await machine.sh(`mkdir -p /opt/half; cp -r ${program}/bin /opt/half`);
    const { status, stderr } = await machine.run(['node', '/opt/half/bin/postern.js', 'auth', 'two_factor']);
    expect(status).toBe(70);
    const printed = stderr.split('\n').map((line) => line.trim());
    expect(printed).toEqual(expect.arrayContaining([switchOff, takeOut]));
  });

  it('a program that cannot go on says so in the log of the sign-in', async () => {
    await appliance.machine.sh(`mv ${appliance.program}/dist /opt/dist; : > /var/log/auth.log`);
    mend = `mv /opt/dist ${appliance.program}/dist`;
    expect(await signIn(appliance.nextCode('root'))).toMatchObject({ entered: false });
    expect(await appliance.machine.read('/var/log/auth.log')).toMatch(
      /: denied: the program has not been built/,
    );
  });

  const rows = faults.flatMap((fault) => shells.map((shell) => ({ ...fault, shell })));
  it.each(rows)(
    'the line of the README lets in on the password where $because, in $shell.name',
    async ({ damage, mend: mended, line, shell }) => {
      await appliance.machine.sh(damage);
      mend = mended;
      expect(await signIn(appliance.nextCode('root'))).toMatchObject({ entered: false });
      const script = 'umask 000; PATH=$1; shift; exec "$@"';
      const argv = ['bash', '-c', script, '_', shell.path, ...shell.argv, '-c', line];
      const typed = await appliance.machine.run(argv);
      expect(typed).toMatchObject({ status: 0, stderr: '' });
      // An sshd that reads its configuration anew takes nobody for a moment.
      const signedIn = await waitFor('sshd to ask', async () => {
        const tried = await signIn();
        return tried.prompts.length > 0 ? tried : undefined;
      });
      expect(signedIn.entered).toBe(true);
      expect(signedIn.prompts).toHaveLength(1);
      const key = await appliance.signIn('root', [], ['-i', '/root/key']);
      expect(key).toMatchObject({ entered: true, prompts: [] });
    },
    60_000,
  );
});
