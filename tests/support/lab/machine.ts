/*
 * A throw-away machine for end-to-end tests: private /etc /run /home /root /dev /var/cache /var/log /var/lib, a network of
 * its own (loopback only, every port free), its own process ids, real useradd, PAM, sshd and ssh. Works as root,
 * and as a plain user with a range in /etc/subuid (package uidmap). Starting one costs about 0.1 s.
 *
 *   const machine = await startMachine();                  // beforeAll
 *   await addUser(machine, 'alice', 'correct horse');
 *   await startSshd(machine, ['PermitRootLogin yes']);     // Debian's sshd_config and /etc/pam.d/sshd, plus these
 *   await machine.write('/etc/pam.d/sshd', '…');           // PAM files are read at each sign-in
 *   const result = await logIn(machine, { user: 'alice', answers: ['correct horse', '123456'] });   // login.ts
 *   expect(result.entered).toBe(true);
 *   await machine.read('/var/log/auth.log');               // syslog, facilities auth and authpriv
 *   machine.stop();                                        // afterAll; a dying test process stops it as well
 *
 * The folder of the project is visible inside at its own path (so is /tmp, which is the real one); HOME is /root.
 * Inside, everything runs as the machine's root: `runuser -u alice -- …` to be somebody else.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** The checkout's root folder. */
export const projectRoot = join(here, '../../..');

export type Finished = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly input?: string;
  /** Added to PATH, HOME, LANG=C.UTF-8 and nothing else. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default 60,000; the process is then killed and `status` null. */
  readonly timeoutMs?: number;
};

export type Machine = {
  /** Process id, seen from outside, of the machine's first process. */
  readonly pid: number;
  /** Runs a program as the machine's root; never throws for a failing one. */
  run(argv: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Runs a bash script (`set -eu -o pipefail`) as root and answers its standard output; throws when it fails. */
  sh(script: string, options?: RunOptions): Promise<string>;
  /** Writes a whole file, root's, mode 0644 unless told otherwise; makes its folder. */
  write(path: string, content: string, mode?: string): Promise<void>;
  /** The content of a file, or '' where there is none. */
  read(path: string): Promise<string>;
  /** Ends every process in it and forgets all it held. */
  stop(): void;
};

/** Starts a machine; throws, with what it said, when this system cannot make one. */
export async function startMachine(): Promise<Machine> {
  const directory = mkdtempSync(join(tmpdir(), 'lab-'));
  const plainUser = process.getuid?.() !== 0;
  const namespaces = [
    '--mount',
    '--net',
    '--pid',
    '--ipc',
    '--uts',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const keep = [projectRoot, dirname(dirname(process.execPath))].filter((path) =>
    /^\/(root|home)\//.test(path),
  );
  const child = spawn(
    'unshare',
    [
      ...(plainUser ? ['--user', '--map-root-user', '--map-auto'] : []),
      ...[...namespaces, '--propagation', 'private', 'bash', join(here, 'machine.sh'), directory, ...keep],
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const fail = () => reject(new Error(`the lab machine did not start: ${said}`));
    child.once('error', (error) => reject(error));
    child.once('exit', fail);
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.stdout.on('data', (chunk) => {
      if (String(chunk).includes('ready')) resolve();
    });
  });
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim());
  const enter = [
    'nsenter',
    ...(plainUser ? ['--user', '--preserve-credentials'] : []),
    ...['--mount', '--net', '--pid', '--ipc', '--uts', `--target=${pid}`, '--'],
  ];
  return {
    pid,
    ...operateIn(() => enter),
    stop: () => {
      child.removeAllListeners('exit');
      child.kill('SIGKILL');
      rmdirSync(directory);
    },
  };
}

/** What can be done in a machine; `enter` answers the words that put a command into it. */
export function operateIn(enter: () => readonly string[]): Pick<Machine, 'run' | 'sh' | 'write' | 'read'> {
  const run = (argv: readonly string[], options: RunOptions = {}) =>
    runProcess([...enter(), ...argv], {
      ...options,
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        LANG: 'C.UTF-8',
        ...options.env,
      },
    });
  const sh = async (script: string, options?: RunOptions) => {
    const { status, stdout, stderr } = await run(
      ['bash', '--norc', '-euo', 'pipefail', '-c', script],
      options,
    );
    if (status !== 0) throw new Error(`exit ${status} of: ${script}\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    run,
    sh,
    write: async (path, content, mode = '0644') => {
      await sh(
        `mkdir -p '${dirname(path)}'; umask 077; cat > '${path}.new'; chmod ${mode} '${path}.new'; mv '${path}.new' '${path}'`,
        {
          input: content,
        },
      );
    },
    read: (path) => sh(`cat '${path}' 2>/dev/null || :`),
  };
}

/** Makes a login account with a home directory. The hash is a cheap one: many sign-ins at once shall not wait for it. */
export async function addUser(machine: Machine, name: string, password: string): Promise<void> {
  await machine.sh(`id -u '${name}' >/dev/null 2>&1 || useradd -m -s /bin/bash '${name}'`);
  await setPassword(machine, name, password);
}

/** Gives an account (root, too) a password. */
export async function setPassword(machine: Machine, name: string, password: string): Promise<void> {
  await machine.sh(`usermod -p "$(openssl passwd -6 -salt lab -stdin)" '${name}'`, { input: password });
}

/** Starts sshd on port 22 with Debian's configuration; `lines` go before it, so that they win. */
export async function startSshd(machine: Machine, lines: readonly string[] = []): Promise<void> {
  await machine.write('/etc/ssh/sshd_config.d/lab.conf', `${lines.join('\n')}\n`);
  await machine.sh(`
    [ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
    /usr/sbin/sshd -t
    /usr/sbin/sshd
    for i in $(seq 200); do ! (exec 3<>/dev/tcp/127.0.0.1/22) 2>/dev/null || exit 0; sleep 0.02; done
    echo 'sshd does not listen' >&2; exit 1`);
}

/** Ends the listening sshd; sessions in progress go on. */
export async function stopSshd(machine: Machine): Promise<void> {
  await machine.sh('kill "$(cat /run/sshd.pid)"; while [ -e /run/sshd.pid ]; do sleep 0.02; done');
}

function runProcess(argv: readonly string[], options: RunOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      env: options.env,
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.once('error', reject);
    // 'exit' and not 'close' would lose output; a daemon that keeps the pipes is the test's mistake.
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}
