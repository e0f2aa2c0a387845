import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  addresses,
  codePrompt,
  type NetworkLab,
  type Place,
  type SignIn,
  startNetworkLab,
} from '../support/network-lab.ts';

const everything = {
  enabled: 'true',
  'services.ssh': 'true',
  unenrolled: 'allow',
  exempt_groups: '[]',
  exempt_networks: '[]',
  security_keys: 'false',
  remember: '0',
};
const asked = { entered: true, asked: true };
const notAsked = { entered: true, asked: false };
/** Not by another of the account's names either: `entered` looks for the name that was typed. */
const refused = { entered: false, output: expect.not.stringContaining('LOGIN_OK') };

/** Each tries to come by an exemption to which it has no right. */
describe('nobody gets by without a code who is not exempt', () => {
  let lab: NetworkLab;
  let made = 0;

  beforeAll(async () => {
    lab = await startNetworkLab(['AcceptEnv *', 'PermitUserEnvironment yes']);
    await lab.ask('auth two_factor update window=10');
    await lab.enrol('root');
    await set({});
  });

  afterAll(() => lab?.stop());
  afterEach(() => set({}));

  const set = (settings: Partial<typeof everything>) =>
    lab.ask(
      `auth two_factor update ${Object.entries({ ...everything, ...settings })
        .map(([key, value]) => `${key}=${value}`)
        .join(' ')}`,
    );
  /** An account of its own for each test, enrolled unless told otherwise. */
  const addOne = async (more: { name?: string; enrolled?: boolean; groups?: readonly string[] } = {}) => {
    made += 1;
    const name = more.name ?? `user${made}`;
    await lab.addAccounts([{ enrolled: true, ...more, name }]);
    return name;
  };
  const enter = (user: string, from: Place, by: SignIn['by'] = 'key', more: Partial<SignIn> = {}) =>
    lab.signInFrom(user, { from, by, ...more });
  const explain = async (user: string, from: Place, by = 'key') =>
    (await lab.ask(`auth two_factor explain username=${user} from=${addresses[from]} service=ssh by=${by}`))
      .answer;
  const authorize = (user: string, lines: string) =>
    lab.machine.sh(`cat > ~${user}/.ssh/authorized_keys`, { input: `${lines}\n` });
  /** Has the system take `ANNA` and `anna@corp.example` for anna, as a directory service does. */
  const foldNames = async (on: boolean) => {
    if (on) {
      await lab.machine.write('/opt/nss/nss-fold.c', readFileSync('tests/support/lab/nss-fold.c', 'utf8'));
      await lab.machine.sh(`cd /opt/nss; gcc -shared -fPIC -o libnss_fold.so.2 nss-fold.c
        echo /opt/nss > /etc/ld.so.conf.d/nss.conf; ldconfig`);
    }
    const sources = on ? 'files fold' : 'files';
    await lab.machine.sh(`sed -i -E 's/^(passwd|shadow):.*/\\1: ${sources}/' /etc/nsswitch.conf`);
  };
  const publicKey = async (name: string) => (await lab.machine.read(`/root/keys/${name}.pub`)).trim();

  describe('by an address', () => {
    const spoofed = ['SSH_CONNECTION', 'SSH_CLIENT', 'PAM_RHOST', 'REMOTEHOST', 'LC_RHOST', 'RHOST'].map(
      (name) => `${name}=10.1.2.3 1 10.0.0.1 22`,
    );

    it('that the client sends in its environment', async () => {
      const user = await addOne();
      await set({ exempt_networks: '10.0.0.0/8' });
      const options = ['-o', `SetEnv ${spoofed.map((each) => `"${each}"`).join(' ')}`];
      const spoofing = await enter(user, 'far', 'key', { options, command: 'echo $LC_RHOST' });
      expect(spoofing).toMatchObject(asked);
      // sshd took the environment.
      expect(spoofing.output).toContain('10.1.2.3 1 10.0.0.1 22');
      expect(await enter(user, 'office', 'key', { batch: true })).toMatchObject(notAsked);
    });

    it('or has in the options of its key or in its ~/.ssh/environment', async () => {
      const user = await addOne();
      const options = [...spoofed, 'SSH_AUTH_INFO_0=publickey sk-ssh-ed25519@openssh.com AAAA']
        .map((each) => `environment="${each}"`)
        .join(',');
      await authorize(user, `${options} ${await publicKey('key')}`);
      await lab.machine.write(`/home/${user}/.ssh/environment`, `${spoofed.join('\n')}\n`);
      await set({ exempt_networks: '10.0.0.0/8', security_keys: 'true' });
      expect(await enter(user, 'far')).toMatchObject(asked);
    });

    it('through a tunnel or a jump from where it is exempt or remembered', async () => {
      const user = await addOne();
      const jumper = await addOne({ enrolled: false });
      await set({ exempt_networks: '10.0.0.0/8,127.0.0.0/8', remember: '12h' });
      const jump = (host: string) => [
        '-o',
        `ProxyCommand ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes -i /root/keys/key -b 10.1.2.3 -l ${jumper} -W ${host}:22 10.0.0.1`,
      ];
      for (const host of ['127.0.0.1', '[::1]']) {
        for (const _ of ['first', 'again']) {
          expect(await enter(user, 'office', 'key', { options: jump(host) }), host).toMatchObject(asked);
        }
      }
      // sshd takes the machine's own address for one of the network's; PAM, which knows better, has nobody to ask then.
      expect(await enter(user, 'office', 'key', { options: jump('10.0.0.1') })).toMatchObject(refused);
      expect(await enter(user, 'office', 'key', { batch: true })).toMatchObject(notAsked);
    });

    it('that cannot be read, or is a name', async () => {
      const user = await addOne();
      for (const network of ['office.example', '10.0.0.0/33', '10.1.2', '10.0.0.0/-1', '0x0a000000/8']) {
        const words = ['auth', 'two_factor', 'update', `exempt_networks="${network}"`];
        expect((await lab.postern(['--yes', '-c', words.join(' ')])).status, network).not.toBe(0);
      }
      await set({ exempt_networks: '10.0.0.0/8' });
      for (const from of ['office.example', '10.1.2.3.example', 'UNKNOWN', '10.1.2.3/8']) {
        const { status, data } = await lab.postern([
          '-o',
          'json',
          '-c',
          `auth two_factor explain username=${user} from=${from} service=ssh by=key`,
        ]);
        expect(status === 0 ? data.answer : 'asked', from).toBe('asked');
      }
      // The same address in another dress is the same address.
      expect(
        (await lab.ask(`auth two_factor explain username=${user} from=::ffff:10.1.2.3 service=ssh by=key`))
          .answer,
      ).toBe('not_asked');
    });
  });

  describe('by a name', () => {
    it('that looks like the exempt one', async () => {
      await addOne({ name: 'backup' });
      await addOne({ name: 'Backup' });
      await addOne({ name: 'backup2' });
      await addOne({ name: 'backu' });
      await lab.ask('account user update backup exempt=true');
      expect(await enter('backup', 'far', 'key', { batch: true })).toMatchObject(notAsked);
      for (const user of ['Backup', 'backup2', 'backu']) {
        expect(await enter(user, 'far'), user).toMatchObject(asked);
        expect(await explain(user, 'far')).toBe('asked');
      }
      expect(await enter('BACKUP', 'far', 'key', { code: '000000' })).toMatchObject(refused);
    });

    it('that a directory takes for an enrolled one, spelled in another way', async () => {
      const user = await addOne();
      const plain = await addOne({ enrolled: false });
      const spellings = [user.toUpperCase(), `${user}@corp.example`, `User${user.slice(4)}`];
      // `entered` wants the name as it was typed to come back; the system answers with its own.
      const isIn = async (name: string, more: Partial<SignIn> = {}) => {
        const how: SignIn = { from: 'far', by: 'key', batch: true, code: '000000', ...more };
        return (await lab.signInFrom(name, how)).output.includes('LOGIN_OK');
      };
      await foldNames(true);
      try {
        expect((await lab.machine.sh(`id -un ${spellings[0]}`)).trim()).toBe(user);
        await lab.ask('auth two_factor update enabled=false');
        for (const name of spellings) expect(await isIn(name), `${name}, codes off`).toBe(true);
        await set({});
        const ways = spellings.flatMap((name) => [
          isIn(name),
          isIn(name, { batch: false, code: '000000' }),
          isIn(name, { batch: false, by: 'password' }),
        ]);
        expect(await Promise.all(ways)).toEqual(ways.map(() => false));
        // Whoever has no device is let in by any spelling, as before.
        expect(await isIn(plain.toUpperCase())).toBe(true);
        // The same where PAM looks at everyone, for sshd cannot know the machine's own addresses.
        await set({ exempt_networks: '10.0.0.0/8' });
        expect(await isIn(user.toUpperCase())).toBe(false);
        expect(await isIn(plain.toUpperCase())).toBe(true);
        expect(await enter(user, 'far')).toMatchObject(asked);
      } finally {
        await foldNames(false);
      }
    });

    it('of an exempt group whose member it is not', async () => {
      await addOne({ name: 'jobs' });
      await addOne({ name: 'member', groups: ['jobsgroup'] });
      await lab.machine.sh("sed -i 's/^jobsgroup:/jobs2:/' /etc/group");
      await set({ exempt_groups: 'jobsgroup' }).catch(() => undefined);
      expect(await enter('member', 'far')).toMatchObject(asked);
      await lab.machine.sh("sed -i 's/^jobs2:/jobsgroup:/' /etc/group");
      await set({ exempt_groups: 'jobsgroup' });
      expect(await enter('member', 'far', 'key', { batch: true })).toMatchObject(notAsked);
      expect(await enter('jobs', 'far')).toMatchObject(asked);
      // A member no more, it is asked at its next sign-in.
      await lab.machine.sh("sed -i -E 's/^(jobsgroup:.*:)member$/\\1/' /etc/group");
      expect(await enter('member', 'far')).toMatchObject(asked);
      expect(await explain('member', 'far')).toBe('asked');
    });

    it('that an exempt account had before it was renamed', async () => {
      await addOne({ name: 'job', enrolled: false });
      await lab.ask('account user create job');
      await lab.ask('account user update job exempt=true');
      await set({ unenrolled: 'deny' });
      expect(await enter('job', 'far', 'key', { batch: true })).toMatchObject(notAsked);
      await lab.machine.sh('usermod -l renamed job');
      expect(await enter('renamed', 'far', 'key', { code: '000000' })).toMatchObject(refused);
      expect(await explain('renamed', 'far')).toBe('refused');
    });

    it('that shares its uid with an exempt one', async () => {
      await lab.machine.sh(
        "sed -n 's/^root:/toor:/p' /etc/passwd >> /etc/passwd; sed -n 's/^root:/toor:/p' /etc/shadow >> /etc/shadow",
      );
      await lab.ask('account user update root exempt=true');
      expect((await enter('toor', 'far', 'key', { batch: true })).output).toContain('LOGIN_OK');
      await set({ unenrolled: 'deny' });
      expect(await enter('toor', 'far', 'key', { code: '000000' })).toMatchObject(refused);
      expect(await enter('root', 'far', 'key', { batch: true })).toMatchObject(notAsked);
      await lab.ask('account user update root exempt=false');
    });
  });

  describe('by an address that is remembered', () => {
    const remembered = async () => {
      const user = await addOne();
      await set({ remember: '12h' });
      expect(await enter(user, 'far', 'password')).toMatchObject(asked);
      expect(await enter(user, 'far', 'password')).toMatchObject(notAsked);
      return user;
    };

    it('for another account', async () => {
      await remembered();
      const other = await addOne();
      expect(await enter(other, 'far', 'password')).toMatchObject(asked);
    });

    it('once it is forgotten, the account unlocked, or codes were off', async () => {
      const user = await remembered();
      for (const line of [
        `account user forget_addresses ${user}`,
        `account user unlock ${user}`,
        'auth two_factor update enabled=false',
        'auth two_factor update remember=0',
      ]) {
        await lab.ask(line);
        await set({ remember: '12h' });
        expect(await explain(user, 'far'), line).toBe('asked');
        expect(await enter(user, 'far', 'password'), line).toMatchObject(asked);
        expect(await enter(user, 'far', 'password'), line).toMatchObject(notAsked);
      }
    });

    it('once the secret is another, or the same was put in again', async () => {
      const user = await remembered();
      const same = (await lab.ask(`account user twofactor_config ${user}`)).secret;
      for (const line of [
        `account user renew_2fa_secret ${user}`,
        `account user renew_2fa_secret ${user} secret=${same}`,
      ]) {
        await lab.ask(line);
        expect(await explain(user, 'far'), line).toBe('asked');
        expect(await enter(user, 'far', 'password', { code: '000000' }), line).toMatchObject(refused);
      }
    });

    it('once the account was deleted and made again, with the same secret', async () => {
      const user = await remembered();
      const { secret } = await lab.ask(`account user twofactor_config ${user}`);
      await lab.ask(`account user delete ${user}`);
      await lab.askAll([
        `account user create ${user}`,
        `account user renew_2fa_secret ${user} secret=${secret}`,
      ]);
      expect(await explain(user, 'far')).toBe('asked');
      expect(await enter(user, 'far', 'password', { code: '000000' })).toMatchObject(refused);
    });

    it('once wrong codes have locked it', async () => {
      const user = await remembered();
      const wrong = [1, 2, 3, 4].map(() => enter(user, 'office', 'password', { code: '000000' }));
      for (const met of await Promise.all(wrong)) expect(met).toMatchObject(refused);
      expect(await explain(user, 'far')).not.toBe('not_asked');
      expect(await enter(user, 'far', 'password', { code: '000000' })).toMatchObject(refused);
    });

    it('while it is locked by an administrator, and by no way but its own afterwards', async () => {
      const user = await remembered();
      await lab.ask(`account user update ${user} locked=true`);
      expect(await enter(user, 'far', 'password', { code: '000000' })).toMatchObject(refused);
    });

    it('where it is written into its file from that of another', async () => {
      const user = await remembered();
      const other = await addOne();
      const { accounts } = { accounts: '/var/lib/postern/accounts' };
      const script = `
        const fs = require('fs');
        const read = (name) => JSON.parse(fs.readFileSync('${accounts}/' + name + '.json', 'utf8').replace(/^.*"checksum".*$/m, ''));
        const [from, to] = ['${user}', '${other}'].map(read);
        to.remembered_addresses = from.remembered_addresses;
        if (!to.remembered_addresses) throw new Error('nothing is remembered');
        fs.writeFileSync('${accounts}/${other}.json', JSON.stringify(to, null, 2) + '\\n');`;
      await lab.machine.sh('node -', { input: script });
      expect(await enter(other, 'far', 'password')).toMatchObject(asked);
    });
  });

  describe('by a FIDO key', () => {
    /*
     * What counts is the touch, not what the line allows: sshd itself asks for it (`touch-required`) whatever the line
     * waives, so a signature made without a touch is worth nothing, and one made with a touch is two factors.
     */
    it.each([
      ['whose line waives it', (key: string) => `no-touch-required ${key}`],
      ['whose line waives it in upper case', (key: string) => `NO-TOUCH-REQUIRED ${key}`],
      [
        'whose line waives it behind another option',
        (key: string) => `command="true; id -un; echo LOGIN_OK",no-touch-required ${key}`,
      ],
      ['whose second line waives it', (key: string) => `${key}\nno-touch-required ${key}`],
      ['whose first line waives it', (key: string) => `no-touch-required ${key}\n${key}`],
    ])('that is not touched, %s: not in by the key, asked by password', async (_, line) => {
      const user = await addOne();
      const keys = [await publicKey('touchless'), await publicKey('security_key')];
      await authorize(user, keys.map(line).join('\n'));
      await set({ security_keys: 'true' });
      expect(await enter(user, 'far', 'touchless', { batch: true })).toMatchObject(refused);
      const met = await enter(user, 'far', 'touchless');
      expect(met).toMatchObject(asked);
      expect(met.prompts).toEqual(['Password: ', codePrompt]);
      expect(await enter(user, 'far', 'security_key')).toMatchObject(notAsked);
    });

    it('that waives it in a file which sshd reads beside', async () => {
      const user = await addOne();
      await authorize(user, '');
      await lab.machine.write(
        `/home/${user}/.ssh/authorized_keys2`,
        `no-touch-required ${await publicKey('touchless')}\n`,
      );
      await set({ security_keys: 'true' });
      expect(await enter(user, 'far', 'touchless')).toMatchObject(asked);
    });

    it('that is touched, with a comment or option that only looks like a waiver: not asked', async () => {
      const user = await addOne();
      const key = await publicKey('security_key');
      await authorize(user, `environment="A=no-touch-required" ${key} no-touch-required`);
      await set({ security_keys: 'true' });
      expect(await enter(user, 'far', 'security_key')).toMatchObject(notAsked);
    });

    it('of an account without a device where those are refused', async () => {
      const user = await addOne({ enrolled: false });
      await set({ security_keys: 'true', unenrolled: 'deny' });
      expect(await enter(user, 'far', 'security_key', { code: '000000' })).toMatchObject(refused);
    });
  });

  describe('but everybody, as before,', () => {
    it('once codes are off', async () => {
      const user = await addOne();
      expect(await enter(user, 'far', 'key', { batch: true })).toMatchObject(refused);
      for (const line of ['enabled=false', 'services.ssh=false']) {
        await lab.ask(`auth two_factor update ${line}`);
        expect(await enter(user, 'far', 'key', { batch: true }), line).toMatchObject(notAsked);
        expect(await enter(user, 'far', 'password'), line).toMatchObject(notAsked);
        await set({});
        expect(await enter(user, 'far', 'key', { batch: true }), line).toMatchObject(refused);
      }
    });

    it('while the switch is off, by password and by key', async () => {
      const user = await addOne();
      await lab.machine.sh(
        'rm -rf /run/postern; umask 022; mkdir /run/postern; echo off > /run/postern/enforcement',
      );
      expect(await enter(user, 'far', 'password')).toMatchObject(notAsked);
      expect(await enter(user, 'far', 'key')).toMatchObject(notAsked);
      await lab.machine.sh('rm /run/postern/enforcement');
      expect(await enter(user, 'far', 'password')).toMatchObject(asked);
    });
  });

  describe('by its hour', () => {
    it('from the moment on in which it is enrolled', async () => {
      const user = await addOne({ enrolled: false });
      await lab.ask(`account user create ${user}`);
      expect(await enter(user, 'far', 'key', { batch: true })).toMatchObject(notAsked);
      let enrolled = false;
      const bad: string[] = [];
      const knocking = (async () => {
        for (let after = 0; after < 6; ) {
          const begunAfter = enrolled;
          const { entered } = await enter(user, 'far', 'key', { batch: true });
          if (begunAfter && entered) bad.push('in without a code after it was enrolled');
          if (begunAfter) after += 1;
        }
      })();
      const { secret } = await lab.ask(`account user renew_2fa_secret ${user}`);
      enrolled = true;
      await knocking;
      expect(secret).toBeTruthy();
      expect(bad).toEqual([]);
      await lab.ask(`account user unset_2fa_secret ${user}`);
      expect(await enter(user, 'far', 'key', { batch: true })).toMatchObject(notAsked);
    });

    it('from the moment on in which an exemption ends', async () => {
      const user = await addOne();
      await lab.ask(`account user update ${user} exempt=true`);
      expect(await enter(user, 'far', 'key', { batch: true })).toMatchObject(notAsked);
      await lab.ask(`account user update ${user} exempt=false`);
      expect(await enter(user, 'far', 'key', { batch: true })).toMatchObject(refused);
      expect(await enter(user, 'far')).toMatchObject(asked);
    });
  });
});
