/*
 * A machine with the PAM module in sshd's stack, put there by hand, over a store that the test holds as well:
 *
 *   const lab = await startPamLab(await buildPam());
 *   await lab.save({ accounts: new Map([['alice', account]]) });
 *   await lab.signIn('alice', ['password', '123456']);
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import type { Store, StoreChange } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/store.ts';
import { secretA, settingsOn } from './accounts.ts';
import { type Answer, type LoggedIn, logIn } from './lab/login.ts';
import { type Machine, projectRoot, startMachine, startSshd } from './lab/machine.ts';

export type BuiltPam = {
  /** Folder of all of it. */
  readonly directory: string;
  readonly module: string;
  /** Holds a conversation with a PAM stack, answers from standard input: see src/pam/check.c. */
  readonly checker: string;
  /** An executable that is `postern pam`. */
  readonly helper: string;
  /** What runs it; absent: it runs by itself, as in the lines of an older Postern. */
  readonly node?: string;
};

/** Compiles the module and bundles the helper into a new folder that root inside and outside a machine can read. */
export async function buildPam(compilerFlags?: string): Promise<BuiltPam> {
  const directory = mkdtempSync(join(tmpdir(), 'pam-'));
  chmodSync(directory, 0o755);
  const flags = compilerFlags === undefined ? [] : [`CFLAGS=${compilerFlags}`];
  const argv = ['-s', '-C', join(projectRoot, 'src/pam'), `OUT=${directory}`, ...flags, 'all'];
  execFileSync('make', argv, { stdio: 'pipe' });
  const helper = join(directory, 'helper');
  await build({
    entryPoints: [join(projectRoot, 'tests/support/pam-helper.ts')],
    outfile: helper,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
    banner: { js: `#!${process.execPath}` },
    logLevel: 'error',
  });
  chmodSync(helper, 0o755);
  return {
    directory,
    helper,
    module: join(directory, 'pam_postern.so'),
    checker: join(directory, 'postern-pam-check'),
  };
}

/** Lines of /etc/pam.d/sshd that stand in the place of `@include common-auth`. */
export function renderStack(
  { module, helper, node }: BuiltPam,
  state: string,
  password = '@include common-auth',
): string {
  const postern = `${module} state=${state} ${node === undefined ? '' : `node=${node} `}helper=${helper}`;
  return [
    `auth [success=done ignore=ignore default=die] ${postern} after=publickey`,
    password,
    `auth [success=ok ignore=ignore default=die] ${postern}`,
  ].join('\n');
}

/** What sshd has to be told so that nobody gets in without the stack. */
export const sshdLines = [
  'UsePAM yes',
  'KbdInteractiveAuthentication yes',
  'PasswordAuthentication no',
  'PermitRootLogin yes',
  'AuthenticationMethods publickey,keyboard-interactive:pam keyboard-interactive:pam',
  'MaxStartups 200',
];

export type PamLab = {
  readonly machine: Machine;
  /** The store's directory: below /tmp, and so the same inside and outside the machine. */
  readonly state: string;
  readonly store: Store;
  save(change: StoreChange): Promise<void>;
  signIn(user: string, answers: readonly Answer[], options?: readonly string[]): Promise<LoggedIn>;
  /** Holds a conversation with a service's stack, without sshd and without its delays. */
  check(
    service: string,
    user: string,
    answers: readonly string[],
    more?: { readonly key?: boolean },
  ): Promise<Checked>;
  stop(): void;
};

export type Checked = {
  readonly entered: boolean;
  readonly prompts: readonly string[];
  /** What the stack answered, in the words of pam_strerror(3). */
  readonly result: string;
};

/** Starts a machine whose sshd asks for codes, over a new store with everything switched on. */
export async function startPamLab(built: BuiltPam, moreSshdLines: readonly string[] = []): Promise<PamLab> {
  const machine = await startMachine();
  const state = mkdtempSync(join(tmpdir(), 'pam-state-'));
  const store = openStore({ directory: state, clock: systemClock, random: systemRandom, hostName: 'lab' });
  const save = (change: StoreChange) => store.withLock((transaction) => transaction.save(change));
  await save({ settings: settingsOn });
  const debian = await machine.read('/etc/pam.d/sshd');
  await machine.write('/etc/pam.d/sshd', debian.replace('@include common-auth', renderStack(built, state)));
  await startSshd(machine, [...sshdLines, ...moreSshdLines]);
  return {
    machine,
    state,
    store,
    save,
    signIn: (user, answers, options = []) => logIn(machine, { user, answers, options }),
    async check(service, user, answers, { key = false } = {}) {
      const argv = [built.checker, ...(key ? ['-k'] : []), service, user];
      const { status, stdout } = await machine.run(argv, {
        input: answers.map((answer) => `${answer}\n`).join(''),
      });
      return {
        entered: status === 0,
        prompts: Array.from(stdout.matchAll(/^prompt (.*)$/gm), ([, text = '']) => text),
        result: /^result \d+ (.*)$/m.exec(stdout)?.[1] ?? '',
      };
    },
    stop() {
      machine.stop();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** The present code of secretA, from oathtool. */
export function freshCode(): string {
  return execFileSync('oathtool', ['--totp', '--base32', secretA], { encoding: 'utf8' }).trim();
}

/** Six digits that are not a code of that secret now, nor in the steps around. */
export function wrongCode(): string {
  const argv = [
    '--totp',
    '--base32',
    '--now',
    `@${Math.floor(Date.now() / 1000) - 90}`,
    '--window',
    '6',
    secretA,
  ];
  const codes = execFileSync('oathtool', argv, { encoding: 'utf8' }).split('\n');
  return ['000000', '111111', '222222'].find((code) => !codes.includes(code)) ?? '333333';
}
