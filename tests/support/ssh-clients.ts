/*
 * What people and programs sign in with: each a real client, run with one account's key or password, and what came of it.
 * Nothing here knows of Postern.
 */
import { addresses, type NetworkLab, type Place, password } from './network-lab.ts';

/** What came of a run. Two are the same sign-in when all of it is equal. */
export type Outcome = {
  readonly status: number | null;
  /** Standard output, then standard error, without what differs from run to run. */
  readonly said: string;
};

type Job = {
  readonly user: string;
  /** Of the machine, as seen from where the client is. */
  readonly host: string;
  /** The same as a URL has it. */
  readonly url: string;
  /** Where the client comes from. */
  readonly address: string;
  /** A word of its own, with which the names of the files that it leaves in the account's home begin. */
  readonly id: string;
};

export type Client = {
  readonly name: string;
  /** Bash, run in an empty folder that has a config of ssh's in BatchMode: the host `box` with the key, `bare` without. */
  readonly script: (job: Job) => string;
  /** A line that it prints when all went well; absent: the account's name. */
  readonly proof?: string;
  /** True: takes a second, so that it need not be run from everywhere. */
  readonly slow?: true;
};

const ssh = (options: string, command = 'id -un', host = 'box') =>
  `ssh -F config ${options} ${host} '${command}' </dev/null`;
const people = 'SSH_ASKPASS=/root/keys/askpass SSH_ASKPASS_REQUIRE=force ssh -F config -o BatchMode=no';
const typePassword = (options: string) =>
  `touch prompts; ${people} ${options} bare id -un </dev/null; echo $?; cat prompts`;
const plink = ({ user, host, address }: Job, how: string) => {
  const family = host.includes(':')
    ? `TCP6:[${host}]:22,bind=[${address}]`
    : `TCP4:${host}:22,bind=${address}`;
  return `plink -batch -proxycmd 'socat - ${family}' -hostkey "$(cat /root/keys/fingerprint)" ${how} ${user}@${host} id -un </dev/null`;
};
const curl = ({ user, url, address }: Job, how: string) =>
  `{ printf 'user = "${user}:'; ${how}; printf '"\n'; } | curl -sS --interface ${address} --insecure -K - sftp://${url}/srv/file`;

/** Programs that ask nobody: jobs, backups, configuration management. */
const jobs: readonly Client[] = [
  { name: 'ssh BatchMode', script: () => ssh('') },
  { name: 'ssh without a terminal', script: () => `setsid ${ssh('-o BatchMode=no')}` },
  {
    name: 'ssh with nothing but publickey',
    script: () =>
      ssh('-o BatchMode=no -o KbdInteractiveAuthentication=no -o PreferredAuthentications=publickey'),
  },
  {
    name: 'ssh on a terminal',
    script: () => `script -qec "${ssh('-tt', 'id -un; tty')}" /dev/null | grep -v pts`,
  },
  { name: 'ssh with a shell', script: () => "echo 'id -un; exit 3' | ssh -F config -T box" },
  {
    name: 'ssh -W',
    proof: 'SSH-2.0-',
    script: () => 'ssh -F config -W 127.0.0.1:22 box </dev/null | head -c 8',
  },
  {
    name: 'ssh with a master',
    script: () =>
      `ssh -F config -fNM -S socket box; ${ssh('-S socket')}; ssh -q -F config -S socket -O exit box`,
  },
  { name: 'ssh -J', proof: 'jumper', script: () => 'ssh -F config jump id -un </dev/null' },
  {
    name: 'sftp -b',
    proof: 'content',
    script: ({ id }) => `printf 'put file ${id}\\nget ${id} down\\n' | sftp -q -F config -b - box; cat down`,
  },
  {
    name: 'scp',
    proof: 'content',
    script: ({ id }) => `scp -qB -F config file box:${id}; scp -qB -F config box:${id} down; cat down`,
  },
  {
    name: 'scp of old',
    proof: 'content',
    script: ({ id }) => `scp -OqB -F config file box:${id}; scp -OqB -F config box:${id} down; cat down`,
  },
  {
    name: 'rsync',
    proof: 'content',
    script: ({ id }) =>
      `export RSYNC_RSH='ssh -F config'; rsync -a file box:${id}/; rsync -a box:${id}/ back; cat back/file`,
  },
  {
    name: 'git',
    proof: 'content',
    script: () =>
      'export GIT_SSH_COMMAND="ssh -F $PWD/config"; git clone -q ssh://box/srv/store.git clone; cat clone/file',
  },
  { name: 'a FIDO key', script: () => ssh('-i /root/keys/security_key', 'id -un', 'bare') },
  { name: "PuTTY's plink, key", script: (job) => plink(job, '-i /root/keys/key.ppk') },
  {
    name: "libssh2's curl, key",
    proof: 'content',
    script: (job) => `${curl(job, ':')} --key /root/keys/key --pubkey /root/keys/key.pub`,
  },
  { name: 'paramiko, key', slow: true, script: (job) => paramiko(job, "key_filename='/root/keys/key'") },
  {
    name: 'ansible',
    slow: true,
    script: ({ user }) =>
      `export ANSIBLE_SSH_ARGS="-F $PWD/config" ANSIBLE_LOCAL_TEMP=$PWD HOME=$PWD
ansible all -i box, -u ${user} -e ansible_python_interpreter=/usr/bin/python3 -m command -a 'id -un' </dev/null`,
  },
];

/** People with a password, and programs that were given one. */
const passwords: readonly Client[] = [
  { name: 'ssh, password', script: () => typePassword('') },
  {
    name: 'ssh, nothing but the method password',
    script: () => typePassword('-o PreferredAuthentications=password'),
  },
  { name: "PuTTY's plink, password", script: (job) => plink(job, '-pwfile /root/keys/password') },
  {
    name: "libssh2's curl, password",
    proof: 'content',
    script: (job) => curl(job, 'cat /root/keys/password'),
  },
  {
    name: 'paramiko, password',
    slow: true,
    script: (job) => paramiko(job, "password=open('/root/keys/password').read()"),
  },
];

/** What is refused before is refused afterwards, and in the same words: ssh names the methods that are left. */
const shut: readonly Client[] = [
  {
    name: 'a strange key',
    proof: '255',
    script: () => `${ssh('-i /root/keys/stranger', 'id -un', 'bare')}; echo $?`,
  },
  { name: 'a wrong password', proof: '255', script: () => `export WRONG=yes; ${typePassword('')}` },
  {
    name: 'nothing but keyboard-interactive',
    proof: '255',
    script: () => typePassword('-o PreferredAuthentications=keyboard-interactive'),
  },
  {
    name: 'no method at all',
    proof: '255',
    script: () => `${ssh('-o PreferredAuthentications=none')}; echo $?`,
  },
];

export const clients: readonly Client[] = [...jobs, ...passwords, ...shut];

/** Whether a run did what its client is for. */
export function isDone({ proof }: Client, user: string, { said }: Outcome): boolean {
  return said.split('\n').includes(proof ?? user);
}

/** What the clients find on the machine: a file, a repository, an account behind a jump. Once, after the accounts. */
export async function prepareClients(lab: NetworkLab): Promise<void> {
  await lab.addAccounts([{ name: 'jumper' }]);
  await lab.machine.sh(`
    cd /root/keys
    printf '%s' '${password}' > password
    printf '%s\n' '#!/bin/sh' 'echo "\${1#*@}" | sed "s/.*'"'"'s //" >> prompts' 'cat /root/keys/password; echo $WRONG' > askpass
    chmod 755 askpass
    ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | awk '{print $2}' > fingerprint
    puttygen key -O private -o key.ppk
    mkdir /root/srv; mount --bind /root/srv /srv; chmod 755 /srv
    cd /srv
    echo content > file
    git init -q -b main work; cp file work
    git -C work add file; git -C work -c user.name=a -c user.email=a@b commit -q -m one
    git clone -q --bare work store.git
    printf '[safe]\n\tdirectory = *\n' > /etc/gitconfig`);
}

let runs = 0;

/** Runs one client as one account from a place. */
export async function runClient(
  lab: NetworkLab,
  client: Client,
  user: string,
  from: Place,
): Promise<Outcome> {
  const host = lab.host(from);
  runs += 1;
  const id = `job-${runs}`;
  const url = host.includes(':') ? `[${host}]` : host;
  const script = client.script({ user, host, url, address: addresses[from], id });
  const config = `
IdentitiesOnly yes
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
BatchMode yes
NumberOfPasswordPrompts 1
SecurityKeyProvider /root/keys/fido.so
Host box
  IdentityFile /root/keys/key
Host box bare
  HostName ${host}
  BindAddress ${addresses[from]}
  User ${user}
Host jump
  IdentityFile /root/keys/key
  HostName ${host}
  User jumper
  ProxyCommand ssh -F config -W ${url}:22 box
`;
  const whole = `
mkdir /root/${id}; cd /root/${id}; cat > config; echo content > file
( ${script}
); ended=$?
cd /; rm -rf /root/${id} /home/${user}/${id}*
exit $ended`;
  const argv = ['bash', '--norc', '-c', whole];
  const { status, stdout, stderr } = await lab.at(from, argv, {
    input: config,
    env: { WRONG: '' },
    timeoutMs: 90_000,
  });
  return { status, said: `${stdout}${stderr}`.replaceAll(id, 'JOB').replaceAll('\r', '').trim() };
}

function paramiko({ user, host, address }: Job, how: string): string {
  return `python3 -W ignore - <<'END'
import logging, paramiko, socket
logging.disable(logging.CRITICAL)
sock = socket.create_connection(('${host}', 22), source_address=('${address}', 0))
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
try:
    client.connect('${host}', username='${user}', sock=sock, allow_agent=False, look_for_keys=False, ${how})
    print(client.exec_command('id -un')[1].read().decode(), end='')
except paramiko.SSHException as error:
    print(type(error).__name__, error)
finally:
    client.close()
END`;
}
