/*
 * A machine whose own store Postern manages: Debian's sshd and PAM files, the module and the helper beside the
 * driver, two accounts with passwords and keys, alice enrolled.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Settings } from '../../src/domain/settings.ts';
import { makeAccount, settingsOn } from './accounts.ts';
import { type Answer, type LoggedIn, logIn } from './lab/login.ts';
import { addUser, type Finished, type Machine, setPassword, startMachine, startSshd } from './lab/machine.ts';
import { type BuiltPam, buildPam } from './pam.ts';

/** What the driver answered: a value, or the error and the exit code it leads to. */
export type DriverAnswer = {
  readonly value?: unknown;
  readonly code?: string;
  readonly message?: string;
  readonly status: number | null;
};

export type SystemLab = {
  readonly machine: Machine;
  readonly built: BuiltPam;
  /** Path of the driver inside, where every folder above it is root's. */
  readonly driver: string;
  drive(
    words: readonly string[],
    input?: unknown,
    env?: Readonly<Record<string, string>>,
  ): Promise<DriverAnswer>;
  signIn(user: string, answers: readonly Answer[], options?: readonly string[]): Promise<LoggedIn>;
  stop(): void;
};

export const settingsOff: Settings = {
  ...settingsOn,
  two_factor: { ...settingsOn.two_factor, enabled: false },
};

/** Builds the driver beside the PAM parts. Remove `directory` afterwards. */
export async function buildSystemDriver(): Promise<BuiltPam & { readonly driver: string }> {
  const built = await buildPam();
  const driver = join(built.directory, 'driver.cjs');
  buildSync({
    entryPoints: [new URL('system-driver.ts', import.meta.url).pathname],
    outfile: driver,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  chmodSync(built.module, 0o644);
  return { ...built, driver };
}

/** Starts the machine, sshd included. */
export async function startSystemLab(built: BuiltPam & { readonly driver: string }): Promise<SystemLab> {
  const machine = await startMachine();
  for (const name of ['alice', 'bob']) await addUser(machine, name, `${name}'s password`);
  await setPassword(machine, 'root', "root's password");
  await machine.sh(`
    ssh-keygen -q -t ed25519 -N '' -f /root/key
    for home in /root /home/alice; do
      install -d -m 700 $home/.ssh; install -m 600 /root/key.pub $home/.ssh/authorized_keys
    done
    chown -R alice: /home/alice/.ssh
    install -d -m 700 /var/lib/postern
    mount -t tmpfs -o mode=755 tmpfs /opt
    mkdir /opt/driver
    mount --bind '${built.directory}' /opt/driver`);
  const driver = '/opt/driver/driver.cjs';
  await startSshd(machine);
  const lab: SystemLab = {
    machine,
    built,
    driver,
    drive: async (words, input, env) =>
      readAnswer(
        await machine.run([process.execPath, driver, ...words], {
          input: input === undefined ? '' : JSON.stringify(input),
          ...(env ? { env } : {}),
        }),
      ),
    signIn: (user, answers, options = []) => logIn(machine, { user, answers, options }),
    stop: () => machine.stop(),
  };
  await lab.drive(
    ['accounts'],
    [makeAccount('alice', { admin: true }), makeAccount('root', { admin: true })],
  );
  return lab;
}

/** Removes what `buildSystemDriver` made. */
export function removeBuilt(built: BuiltPam | undefined): void {
  if (built) rmSync(built.directory, { recursive: true, force: true });
}

/** SHA-256 and mode of every file that sshd and PAM read, a line each. */
export async function fingerprint(machine: Machine): Promise<string> {
  return machine.sh(
    'cd /etc; find pam.d ssh -type f | sort | xargs -d "\\n" sh -c \'sha256sum "$@"; stat -c "%a %U:%G %n" "$@"\' _',
  );
}

function readAnswer({ status, stdout, stderr }: Finished): DriverAnswer {
  try {
    return { ...JSON.parse(stdout), status };
  } catch {
    throw new Error(`the driver ended with ${status} and said: ${stdout}${stderr}`);
  }
}

/** Fails when a program that these tests need is missing, and says how to get it. */
export function requirePrograms(...names: readonly string[]): void {
  for (const name of names) {
    try {
      execFileSync('which', [name], { stdio: 'ignore' });
    } catch {
      throw new Error(`${name} is missing: tests/setup.sh installs what the tests need`);
    }
  }
}
