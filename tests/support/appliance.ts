/*
 * A machine on which Postern is installed as its README says, and driven by its command line alone: bin/ and dist/
 * as `npm run build` left them, the module by `make install`, the store in /var/lib/postern.
 *
 *   const appliance = await startAppliance();
 *   await appliance.postern(['auth', 'two_factor', 'update', 'enabled=false']);
 *   await appliance.signIn('root', [passwordOf('root')]);
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, type LoggedIn, logIn } from './lab/login.ts';
import {
  addUser,
  type Finished,
  type Machine,
  projectRoot,
  type RunOptions,
  setPassword,
  startMachine,
  startSshd,
} from './lab/machine.ts';
import { askOathtool } from './oathtool.ts';

/** A run of the program. */
export type Answered = Finished & {
  /** What `-o json` printed; undefined: standard output is not one JSON value. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests assert.
  readonly data: any;
};

export type RunAs = RunOptions & { readonly as?: string };

export type Appliance = {
  readonly machine: Machine;
  /** Folder of the program inside the machine, the machine's own: what is done to it harms nobody. */
  readonly program: string;
  /** Runs `node bin/postern.js WORD...`. */
  postern(words: readonly string[], options?: RunAs): Promise<Answered>;
  /** The same with `-o json`; fails unless it ends with 0. */
  ask(line: string, options?: RunAs): Promise<Answered['data']>;
  signIn(user: string, answers: readonly Answer[], options?: readonly string[]): Promise<LoggedIn>;
  /** Gives an account a secret and confirms it, both by the command line. */
  enrol(user: string): Promise<void>;
  /** A code of the account's that was not used yet, from oathtool; the window must be 10. */
  nextCode(user: string): string;
  stop(): void;
};

export const program = '/opt/postern';

export function passwordOf(user: string): string {
  return `${user}'s password`;
}

/** A machine in which sshd runs; root is one of those whom it takes passwords from. */
export async function startAppliance(): Promise<Appliance> {
  const appliance = await installAppliance(await startMachine());
  await startSshd(appliance.machine, ['PermitRootLogin yes']);
  return appliance;
}

/** Installs; root, alice and bob have passwords, and root and alice a key. */
export async function installAppliance(machine: Machine): Promise<Appliance> {
  for (const built of ['dist/postern.cjs', 'dist/pam-main.cjs']) {
    if (!existsSync(join(projectRoot, built))) throw new Error(`${built} is missing: npm run build`);
  }
  // What is installed below /usr is the machine's own, too.
  await machine.sh(`
    mount -t tmpfs -o mode=755 tmpfs /opt
    mkdir /opt/postern /opt/security
    cp -r '${projectRoot}/bin' '${projectRoot}/dist' /opt/postern
    rm -rf /opt/postern/dist/pam_postern.so /opt/postern/dist/postern-pam-check
    security=/usr/lib/$(gcc -print-multiarch)/security
    cp -r $security/. /opt/security; mount --bind /opt/security $security
    make -s -C '${projectRoot}/src/pam' OUT=/opt/pam install`);
  for (const name of ['alice', 'bob']) await addUser(machine, name, passwordOf(name));
  await setPassword(machine, 'root', passwordOf('root'));
  await machine.sh(`
    ssh-keygen -q -t ed25519 -N '' -f /root/key
    for home in /root /home/alice; do
      install -d -m 700 $home/.ssh; install -m 600 /root/key.pub $home/.ssh/authorized_keys
    done
    chown -R alice: /home/alice/.ssh`);

  const secrets = new Map<string, { secret: string; step: number }>();
  const postern = async (words: readonly string[], { as, ...options }: RunAs = {}): Promise<Answered> => {
    const user = as === undefined ? [] : ['runuser', '-u', as, '--'];
    const ran = await machine.run([...user, 'node', `${program}/bin/postern.js`, ...words], options);
    return { ...ran, data: parseOrNone(ran.stdout) };
  };
  const ask = async (line: string, options?: RunAs) => {
    const answered = await postern(['--yes', '-o', 'json', '-c', line], options);
    if (answered.status === 0) return answered.data;
    throw new Error(`exit ${answered.status} of: ${line}\n${answered.stdout}${answered.stderr}`);
  };
  const nextCode = (user: string) => {
    const known = secrets.get(user);
    if (known === undefined) throw new Error(`${user} is not enrolled`);
    known.step = Math.max(known.step + 1, Math.floor(Date.now() / 30_000) - 8);
    return askOathtool(known.secret, { fromStep: known.step })[0] as string;
  };
  return {
    machine,
    program,
    postern,
    ask,
    signIn: (user, answers, options = []) => logIn(machine, { user, answers, options }),
    enrol: async (user) => {
      const { secret } = await ask(`account user renew_2fa_secret ${user}`);
      secrets.set(user, { secret, step: 0 });
      await ask(`account user confirm_2fa_secret ${user} token=-`, { input: `${nextCode(user)}\n` });
    },
    nextCode,
    stop: () => machine.stop(),
  };
}

function parseOrNone(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
