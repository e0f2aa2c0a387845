/*
 * An appliance with a network: the clients live in a network namespace of their own, joined to the machine's by a cable,
 * so that a sign-in comes from an address that is not the machine's. Accounts are made by the hundred.
 *
 *   const lab = await startNetworkLab();
 *   await lab.addAccounts([{ name: 'job', groups: ['backup'] }, { name: 'alice', enrolled: true }]);
 *   await lab.signIn('alice', { from: 'office', by: 'key' });
 *   await lab.at('far', ['ssh', …]);            // any client, from any address
 *   lab.stop();
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Appliance, installAppliance } from './appliance.ts';
import { type Answer, type LoggedIn, logIn } from './lab/login.ts';
import { type Finished, type RunOptions, startMachine, startSshd } from './lab/machine.ts';
import { askOathtool } from './oathtool.ts';

/** Where sign-ins come from. Those of `machineSide` are the machine's own and come from itself. */
export const addresses = {
  far: '198.51.100.7',
  office: '10.1.2.3',
  'next to office': '11.1.2.3',
  partner: '192.0.2.7',
  far6: '2001:db8:7::7',
  office6: 'fd00:10::3',
  'next to office6': 'fd00:11::3',
  loopback: '127.0.0.1',
  'loopback 127.9': '127.9.9.9',
  loopback6: '::1',
  own: '10.0.0.1',
  own6: 'fd00:10::1',
} as const;
export type Place = keyof typeof addresses;

/** `touchless`: a FIDO key whose touch is waived by `no-touch-required`. */
export type By = 'password' | 'key' | 'security_key' | 'touchless';

export type NewAccount = {
  readonly name: string;
  /** Its first group, instead of one of its own name. */
  readonly primary?: string;
  readonly groups?: readonly string[];
  readonly enrolled?: boolean;
};

export type SignIn = {
  readonly from: Place;
  readonly by: By;
  /** A client that can ask nothing: BatchMode=yes. By key only. */
  readonly batch?: boolean;
  /** Typed where a code is asked for. Default: the account's next one. */
  readonly code?: Answer;
  readonly options?: readonly string[];
  readonly command?: string;
};

export type SignedIn = LoggedIn & {
  /** Whether a code was asked for. */
  readonly asked: boolean;
};

export type NetworkLab = Appliance & {
  /** Runs a client at a place, with the keys in /root/keys. */
  at(place: Place, argv: readonly string[], options?: RunOptions): Promise<Finished>;
  /** The address at which a client there reaches the machine. */
  host(place: Place): string;
  addAccounts(accounts: readonly NewAccount[]): Promise<void>;
  /** Runs lines in one Postern, `-o json`; the values, one a line. Fails unless it ends with 0. */
  // biome-ignore lint/suspicious/noExplicitAny: the shapes are what the tests assert.
  askAll(lines: readonly string[]): Promise<any[]>;
  signInFrom(user: string, signIn: SignIn): Promise<SignedIn>;
  /** A code of an account of `addAccounts` that was not used yet. */
  unusedCode(user: string): string;
};

export const password = 'the password of everyone';
export const codePrompt = 'Verification code: ';
const machineSide: readonly Place[] = ['loopback', 'loopback 127.9', 'loopback6', 'own', 'own6'];
const inClientNetwork = ['nsenter', '--net=/run/netns/client', '--'];

/** Starts it; `lines` go into sshd_config before Debian's. */
export async function startNetworkLab(lines: readonly string[] = []): Promise<NetworkLab> {
  const software = softwareFido();
  const machine = await startMachine();
  const appliance = await installAppliance(machine);
  const { machineAddresses, clientAddresses } = splitAddresses();
  await machine.sh(`
    mkdir -p /run/netns; touch /run/netns/client
    unshare --net sleep infinity & holder=$!
    until [ "$(readlink /proc/$holder/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
    mount --bind /proc/$holder/ns/net /run/netns/client
    ip link add cable type veth peer name socket netns $holder
    kill $holder
    for a in ${machineAddresses.join(' ')}; do ip addr add $a dev cable nodad; done
    ip link set cable up
    ip route add default dev cable; ip -6 route add default dev cable
    ${inClientNetwork.join(' ')} sh -c '
      ip link set lo up
      for a in ${clientAddresses.join(' ')}; do ip addr add $a dev socket nodad; done
      ip link set socket up
      ip route add default dev socket; ip -6 route add default dev socket'
    mkdir /root/keys; cp ${software.path} /root/keys/fido.so
    ssh-keygen -q -t ed25519 -N '' -f /root/keys/key
    ssh-keygen -q -t ed25519 -N '' -f /root/keys/stranger
    ssh-keygen -q -t ed25519-sk -w /root/keys/fido.so -N '' -f /root/keys/security_key
    ssh-keygen -q -t ecdsa-sk -O no-touch-required -w /root/keys/fido.so -N '' -f /root/keys/touchless
    { cat /root/keys/key.pub /root/keys/security_key.pub
      printf 'no-touch-required '; cat /root/keys/touchless.pub; } > /root/keys/authorized_keys
    cp /root/keys/authorized_keys /root/.ssh/authorized_keys`);
  await startSshd(machine, ['PermitRootLogin yes', 'MaxStartups 500', 'PerSourceMaxStartups none', ...lines]);
  const secrets = new Map<string, { secret: string; step: number }>();

  const at: NetworkLab['at'] = (place, argv, options) =>
    machine.run([...(machineSide.includes(place) ? [] : inClientNetwork), ...argv], options);
  const host = (place: Place) => {
    if (place.startsWith('loopback')) return place === 'loopback6' ? '::1' : '127.0.0.1';
    return addresses[addresses[place].includes(':') ? 'own6' : 'own'];
  };
  const unusedCode = (user: string) => {
    const known = secrets.get(user);
    if (known === undefined) throw new Error(`${user} has no device`);
    known.step = Math.max(known.step + 1, Math.floor(Date.now() / 30_000) - 8);
    return askOathtool(known.secret, { fromStep: known.step })[0] as string;
  };
  const askAll: NetworkLab['askAll'] = async (asked) => {
    const argv = ['--yes', '-o', 'json', '-f', '-'];
    const { status, stdout, stderr } = await appliance.postern(argv, { input: `${asked.join('\n')}\n` });
    if (status !== 0) throw new Error(`exit ${status}\n${stdout.slice(-2000)}${stderr}`);
    return stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  };
  return {
    ...appliance,
    at,
    host,
    unusedCode,
    askAll,
    async addAccounts(accounts) {
      await machine.sh(accountScript(accounts));
      const enrolled = accounts.filter((account) => account.enrolled).map(({ name }) => name);
      for (const name of enrolled) secrets.set(name, { secret: base32(randomBytes(20)), step: 0 });
      const lines = enrolled.flatMap((name) => [
        `account user create ${name}`,
        `account user renew_2fa_secret ${name} secret=${secrets.get(name)?.secret}`,
        `account user confirm_2fa_secret ${name} token=${unusedCode(name)}`,
      ]);
      if (lines.length > 0) await askAll(lines);
    },
    async signInFrom(user, { from, by, batch = false, code, options = [], command = '' }) {
      const provider =
        by === 'password' || by === 'key' ? [] : ['-o', 'SecurityKeyProvider=/root/keys/fido.so'];
      const identity =
        by === 'password' ? ['-o', 'PubkeyAuthentication=no'] : ['-i', `/root/keys/${by}`, ...provider];
      const answers: Answer[] = [];
      const answer = (prompt: string) =>
        prompt === codePrompt ? (code ?? (() => unusedCode(user))) : password;
      for (let n = 0; n < 4; n += 1) {
        answers.push((prompt) => {
          const typed = answer(prompt);
          return typeof typed === 'string' ? typed : typed(prompt);
        });
      }
      const result = await logIn(
        { ...machine, run: (argv, runOptions) => at(from, argv, runOptions) },
        {
          user,
          answers,
          command,
          timeoutMs: 45_000,
          options: [
            ...['-b', addresses[from], '-o', `HostName=${host(from)}`, ...identity],
            ...(batch ? ['-o', 'BatchMode=yes'] : []),
            ...options,
          ],
        },
      );
      return { ...result, asked: result.prompts.includes(codePrompt) };
    },
    stop() {
      machine.stop();
      rmSync(software.folder, { recursive: true, force: true });
    },
  };
}

function splitAddresses() {
  const own = (place: string) => place.startsWith('own');
  const all = Object.entries(addresses).filter(([place]) => !place.startsWith('loopback'));
  const withLength = (address: string) => `${address}/${address.includes(':') ? 128 : 32}`;
  return {
    machineAddresses: all.filter(([place]) => own(place)).map(([, address]) => withLength(address)),
    clientAddresses: all.filter(([place]) => !own(place)).map(([, address]) => withLength(address)),
  };
}

/** OpenSSH's own stand-in for a FIDO key, which needs no hand to touch it; from Debian's package of its tests. */
function softwareFido(): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'fido-'));
  chmodSync(folder, 0o755);
  execFileSync('apt-get', ['download', '-qq', 'openssh-tests'], { cwd: folder, stdio: 'pipe' });
  execFileSync(
    'sh',
    ['-c', 'dpkg-deb --fsys-tarfile ./*.deb | tar -x --strip-components=6 --wildcards "*/sk-dummy.so"'],
    {
      cwd: folder,
      stdio: 'pipe',
    },
  );
  return {
    folder,
    path: execFileSync('find', [folder, '-name', 'sk-dummy.so'], { encoding: 'utf8' }).trim(),
  };
}

/** useradd takes 30 ms for each; a table has hundreds. */
function accountScript(accounts: readonly NewAccount[]): string {
  const groups = [
    ...new Set(accounts.flatMap(({ primary, groups = [] }) => (primary ? [primary, ...groups] : groups))),
  ];
  const members = (group: string) =>
    accounts
      .filter((account) => account.groups?.includes(group))
      .map(({ name }) => name)
      .join(',');
  return `
    hash=$(printf '%s' '${password}' | openssl passwd -6 -salt lab -stdin)
    next=$(awk -F: '$3 < 60000 && $3 >= 5000 { if ($3 > n) n = $3 } END { print (n ? n : 4999) + 1 }' /etc/passwd)
    group() {
      if grep -q "^$1:" /etc/group; then
        [ -z "$2" ] || sed -i -E "s/^($1:x:[0-9]+:)(.+)$/\\1\\2,$2/; t; s/^($1:x:[0-9]+:)$/\\1$2/" /etc/group
      else
        gid=$(awk -F: '$3 < 60000 && $3 >= 40000 { if ($3 > n) n = $3 } END { print (n ? n : 39999) + 1 }' /etc/group)
        echo "$1:x:$gid:$2" >> /etc/group
      fi
    }
    ${groups.map((group) => `group '${group}' '${members(group)}'`).join('\n')}
    gid() { awk -F: -v g="$1" '$1 == g { print $3 }' /etc/group; }
    user() {
      ! grep -q "^$1:" /etc/passwd || { echo "$1 is there already" >&2; exit 1; }
      if [ -z "$2" ]; then echo "$1:x:$next:" >> /etc/group; gid=$next; else gid=$(gid "$2"); fi
      echo "$1:x:$next:$gid::/home/$1:/bin/bash" >> /etc/passwd
      echo "$1:$hash:19000:0:99999:7:::" >> /etc/shadow
      mkdir -p -m 700 "/home/$1/.ssh"
      cp /root/keys/authorized_keys "/home/$1/.ssh/"
      chown -R "$next:$gid" "/home/$1"
      next=$((next + 1))
    }
    ${accounts.map(({ name, primary = '' }) => `user '${name}' '${primary}'`).join('\n')}`;
}

function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join('');
}
