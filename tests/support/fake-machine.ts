import type { Files, Runner } from '../../src/ports/machine.ts';
import type { Places, SystemPorts } from '../../src/system/types.ts';

/** Postern as a package installs it. */
export const places: Places = {
  stateDirectory: '/var/lib/postern',
  program: ['/usr/bin/postern'],
  helper: '/usr/bin/postern',
  programDirectory: '/usr/lib/postern',
  uid: 0,
  moduleDirectories: [],
};

const listening = 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups';

/** A machine that systemd runs, as far as `system/` looks at it: files in memory, and what was run. */
export function systemdMachine() {
  const contents = new Map<string, string>([
    ['/run/systemd/system', ''],
    ['/usr/sbin/sshd', ''],
    ['/etc/ssh/sshd_config', 'Include /etc/ssh/sshd_config.d/*.conf\n'],
    ['/etc/pam.d/sshd', '@include common-auth\n'],
    ['/run/sshd.pid', '77\n'],
    ['/proc/77/cmdline', listening],
    ['/proc/77/stat', `77 (sshd) S ${'1 '.repeat(18)}100 0`],
    ['/proc/stat', 'btime 1000\n'],
  ]);
  const times = new Map<string, number>([['/run/sshd.pid', 5_000_000]]);
  const ran: string[] = [];
  const signalled: number[] = [];
  const started: (readonly string[])[] = [];
  const state = { nowMs: 6_000_000, active: true, enabled: true, reloads: true, readOnly: '' };
  const files: Files = {
    read: (path) => contents.get(path),
    writeAtomic: (path, content) => {
      if (state.readOnly !== '' && path.startsWith(state.readOnly))
        throw new Error(`EROFS: read-only, '${path}'`);
      contents.set(path, content);
      times.set(path, state.nowMs);
    },
    remove: (path) => void contents.delete(path),
    list: (directory) => [
      ...new Set(
        [...contents.keys()]
          .filter((path) => path.startsWith(`${directory}/`))
          .map((path) => path.slice(directory.length + 1).split('/')[0] ?? ''),
      ),
    ],
    stat: (path) =>
      contents.has(path)
        ? { uid: 0, gid: 0, mode: 0o644, size: 0, mtimeMs: times.get(path) ?? 0, isFile: true }
        : undefined,
    realPath: (path) => (contents.has(path) ? path : undefined),
    link: () => undefined,
    changedMs: (path) => (contents.has(path) ? (times.get(path) ?? 0) : undefined),
  };
  const removeBelow = (folder: string) => {
    for (const path of contents.keys()) if (path.startsWith(folder)) contents.delete(path);
    return '';
  };
  const answers: Readonly<Record<string, () => string>> = {
    'systemctl show -p LoadState,MainPID ssh.service': () =>
      `LoadState=loaded\nMainPID=${state.active ? 77 : 0}\n`,
    'systemctl show -p LoadState,MainPID sshd.service': () => 'LoadState=not-found\nMainPID=0\n',
    'systemctl is-enabled ssh.service': () => (state.enabled ? 'enabled\n' : 'disabled\n'),
    'systemctl reload ssh.service': () => {
      if (!state.reloads) {
        state.active = false;
        contents.delete('/proc/77/cmdline');
        return '';
      }
      times.set('/run/sshd.pid', ++state.nowMs);
      return '';
    },
    'mktemp -d /run/postern-staging.XXXXXX': () => '/run/postern-staging.1',
    'rm -rf -- /run/postern-staging.1': () => removeBelow('/run/postern-staging.1'),
    'systemctl stop ssh.service': () => {
      state.active = false;
      contents.delete('/proc/77/cmdline');
      return '';
    },
    'systemctl start ssh.service': () => {
      state.active = true;
      contents.set('/proc/77/cmdline', listening);
      return '';
    },
  };
  const runner: Runner = {
    run: (argv) => {
      const line = argv.join(' ');
      if (!/^(mktemp|rm -|systemctl show|systemctl is-enabled|\/usr\/sbin\/sshd|sleep)/.test(line))
        ran.push(line);
      state.nowMs += 10;
      return { status: 0, signal: null, stdout: answers[line]?.() ?? '', stderr: '' };
    },
  };
  const ports: SystemPorts = {
    files,
    runner,
    processes: {
      ownPid: 4321,
      signal: (pid) => signalled.push(pid) > 0,
      startDetached: (argv) => started.push(argv),
    },
    clock: { nowMs: () => state.nowMs },
  };
  return { ports, contents, ran, signalled, started, state };
}
