/*
 * A machine (machine.ts) that boots: systemd is its first process and runs sshd, D-Bus and the journal, and what lies
 * below /etc and /var outlives a reboot. Root only: control groups cannot be had otherwise.
 *
 *   const machine = await startSystemdMachine();   // off: commands run in it, as in a rescue system
 *   await machine.boot();                          // on: commands run beside systemd
 *   await machine.run(['systemctl', 'reboot']);
 *   await machine.off();                           // has ended; boot() again
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../wait.ts';
import { type Machine, operateIn, startMachine } from './machine.ts';

const bootScript = join(dirname(fileURLToPath(import.meta.url)), 'boot.sh');
const namespaces = ['--mount', '--net', '--pid', '--ipc', '--uts'];

/** Units that would work on what the machine shares with the real one: /tmp, devices, sysctl. */
const masked = [
  'systemd-tmpfiles-setup.service',
  'systemd-tmpfiles-setup-dev.service',
  'systemd-tmpfiles-clean.timer',
  'systemd-sysusers.service',
  'systemd-firstboot.service',
  'systemd-sysctl.service',
  'systemd-udevd.service',
  'systemd-timesyncd.service',
];

export type SystemdMachine = Machine & {
  /** Switches it on; resolves when it is up. */
  boot(): Promise<void>;
  /** Resolves when it has gone down, by its own doing. */
  off(): Promise<void>;
};

export async function startSystemdMachine(): Promise<SystemdMachine> {
  if (process.getuid?.() !== 0) throw new Error('a machine with systemd needs root');
  const machine = await startMachine();
  await machine.sh(`
    mkdir -p /etc/systemd/system /etc/dbus-1 /var/lib/systemd
    echo 0123456789abcdef0123456789abcdef > /etc/machine-id
    for unit in ${masked.join(' ')}; do ln -s /dev/null /etc/systemd/system/$unit; done
    id=200
    for name in messagebus systemd-timesync; do
      id=$((id + 1))
      echo "$name:x:$id:$id::/nonexistent:/usr/sbin/nologin" >> /etc/passwd
      echo "$name:x:$id:" >> /etc/group
    done
    ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
    systemctl enable -q ssh`);
  const groups = `postern-lab-${machine.pid}`;
  let running:
    | { readonly child: ChildProcess; readonly ended: Promise<void>; readonly init: number }
    | undefined;
  const enter = () =>
    running === undefined
      ? ['nsenter', ...namespaces, `--target=${machine.pid}`, '--']
      : ['nsenter', ...namespaces, '--cgroup', `--target=${running.init}`, '--'];
  const inside = operateIn(enter);
  return {
    ...machine,
    ...inside,
    async boot() {
      const child = spawn('nsenter', [...namespaces, `--target=${machine.pid}`, '--', bootScript, groups], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (chunk) => {
        said += chunk;
      });
      const ended = new Promise<void>((resolve) => {
        child.once('exit', () => {
          running = undefined;
          resolve();
        });
      });
      const init = await waitFor('systemd to start', () => {
        if (child.exitCode !== null) throw new Error(`the machine did not boot: ${said}`);
        return findInit(child.pid ?? 0);
      });
      running = { child, ended, init };
      await waitFor(
        'systemd to be up',
        async () => {
          const { stdout } = await inside.run(['systemctl', 'is-system-running']);
          return /running|degraded/.test(stdout) ? true : undefined;
        },
        60_000,
      );
    },
    off: () => running?.ended ?? Promise.resolve(),
    stop() {
      machine.stop();
      for (const tree of ['', '/unified', '/systemd']) removeGroups(`/sys/fs/cgroup${tree}/${groups}`);
    },
  };
}

/** The systemd below a process, as seen from here. */
function findInit(pid: number): number | undefined {
  let found: number | undefined;
  for (const child of readText(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean)) {
    const isInit = readText(`/proc/${child}/comm`) === 'systemd\n';
    found ??= isInit ? Number(child) : findInit(Number(child));
  }
  return found;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A control group can be removed once nothing is in it; the kernel may need a moment to see that. */
function removeGroups(path: string, attempts = 50): void {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroups(join(path, entry.name));
  }
  try {
    rmdirSync(path);
  } catch (error) {
    if (attempts === 0) throw new Error(`${basename(path)} is still in use`, { cause: error });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    removeGroups(path, attempts - 1);
  }
}
