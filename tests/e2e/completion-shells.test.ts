import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTmux, type TmuxScreen } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

const program = new URL('../../bin/postern.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'postern-completion-'));
const store = join(folder, 'store');
const otherStore = join(folder, 'other');
/** Stands in the place of postern where it does not work. */
const broken = join(folder, 'broken');
const environment = {
  HOME: folder,
  LC_ALL: 'C.UTF-8',
  POSTERN_STATE_DIR: store,
};

/** How each shell is started without anybody's configuration, and what it is given to type before the tests. */
const shells = {
  bash: { argv: ['bash', '--norc', '--noprofile'], setUp: `PS1='> '; eval "$(postern completion bash)"` },
  'bash with bash-completion': {
    argv: ['bash', '--norc', '--noprofile'],
    setUp: `PS1='> '; . /usr/share/bash-completion/bash_completion; eval "$(postern completion bash)"`,
  },
  'bash that cuts no words at =': {
    argv: ['bash', '--norc', '--noprofile'],
    setUp: `PS1='> '; COMP_WORDBREAKS=' ' ; eval "$(postern completion bash)"`,
  },
  zsh: {
    argv: ['zsh', '-f'],
    setUp: `PS1='> '; autoload -Uz compinit; compinit -u; eval "$(postern completion zsh)"`,
  },
  fish: {
    argv: ['fish', '--no-config'],
    setUp: `function fish_prompt; echo -n '> '; end; function fish_right_prompt; end; postern completion fish | source`,
  },
} as const;

/** What is typed, and what Tab makes of it. The variants of bash differ in how they cut words: names and values. */
const lines: readonly (readonly [typed: string, expected: string, why: string])[] = [
  ['auth two_f', 'auth two_factor ', 'a namespace, and a space behind it'],
  ['auth two_factor update enab', 'auth two_factor update enabled=', 'a key, and no space behind it'],
  ['auth two_factor update enabled=f', 'auth two_factor update enabled=false ', 'a value behind ='],
  ['auth two_factor update services.', 'auth two_factor update services.ssh=', 'a dotted key'],
  ['auth two_factor update services.ssh=t', 'auth two_factor update services.ssh=true ', 'its value'],
  ['account user unlock username=ro', 'account user unlock username=ro', 'root and rose begin alike'],
  ['account user unlock username=ros', 'account user unlock username=rose ', 'an account'],
  ['account user unlock username=my', 'account user unlock username=my-user ', 'an account with a dash'],
  ['account user unlock username=x', 'account user unlock username=x@example.com ', 'an account with @'],
  ['account user unlock ros', 'account user unlock rose ', 'an account without its key'],
  [
    '--state-dir other account user unlock z',
    '--state-dir other account user unlock zoe ',
    'of the store that is named',
  ],
  ['-o j', '-o json ', 'the value of an option'],
  ['--outp', '--output ', 'an option'],
  ['--state-dir a-f', '--state-dir a-folder/', 'a folder'],
  ['completion z', 'completion zsh ', 'the words of a mode'],
  ['auth nonsense ', 'auth nonsense ', 'nothing'],
];

function linesFor(name: keyof typeof shells) {
  return name.startsWith('bash ') ? lines.filter(([typed]) => /[=.]/.test(typed)) : lines;
}

beforeAll(() => {
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'a-folder'));
  mkdirSync(broken);
  writeFileSync(join(folder, 'bin/postern'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  writeFileSync(join(broken, 'postern'), '#!/bin/sh\necho noise >&2\nexit 70\n');
  for (const path of [join(folder, 'bin/postern'), join(broken, 'postern')]) chmodSync(path, 0o755);
  createAccounts(store, ['rose', 'my-user', 'x@example.com']);
  createAccounts(otherStore, ['zoe']);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function createAccounts(directory: string, names: readonly string[]): void {
  const lines = names.flatMap((name) => ['-c', `account user create username=${name}`]);
  const argv = [program, '--state-dir', directory, '--yes', ...lines];
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the accounts of the test could not be made: ${stderr}`);
}

/** What is on the screen, without colours and the spaces at the ends of lines. */
function read(screen: TmuxScreen): string {
  return screen
    .capture()
    .replace(/\x1b\[[0-9;]*m/g, '')
    .replace(/ +$/gm, '')
    .trimEnd();
}

/** Waits until the screen is as `isRight` wishes; shows it where that does not come. */
async function waitForScreen(
  what: string,
  screen: TmuxScreen,
  isRight: (text: string) => boolean,
  timeoutMs = 10_000,
) {
  try {
    await waitFor(what, () => (isRight(read(screen)) ? true : undefined), timeoutMs);
  } catch {
    throw new Error(`gave up waiting for ${what}; the screen is:\n${read(screen)}`);
  }
}

async function start(name: keyof typeof shells): Promise<TmuxScreen> {
  const { argv, setUp } = shells[name];
  // tmux gives a new session the PATH of whoever starts it.
  const screen = startTmux(
    ['env', `PATH=${folder}/bin:/usr/bin:/bin`, ...argv],
    { columns: 100, rows: 24 },
    environment,
  );
  screen.type(` cd; ${setUp}; echo re""ady`);
  screen.press('Enter');
  await waitForScreen('the shell to be ready', screen, (text) => /^ready\s+> ?$/m.test(text), 30_000);
  return screen;
}

/** Clears the line and the screen. */
async function clear(screen: TmuxScreen): Promise<void> {
  screen.press('C-u', 'C-l');
  await waitForScreen('an empty screen', screen, (text) => /^\s*>$/.test(text));
}

describe.each(Object.keys(shells) as (keyof typeof shells)[])('%s', (name) => {
  let screen: TmuxScreen;
  beforeAll(async () => {
    screen = await start(name);
  }, 60_000);
  afterAll(() => screen?.stop());

  test.each(linesFor(name))('postern %s', async (typed, expected) => {
    await clear(screen);
    screen.type(`postern ${typed}`);
    screen.press('Tab');
    // What is typed next shows whether a space was put behind the word.
    await waitForScreen(`"postern ${expected}" on the screen`, screen, (text) =>
      text.includes(`postern ${expected.trimEnd()}`),
    );
    screen.type('#');
    await waitForScreen(`"${expected}#"`, screen, (text) => text.includes(`postern ${expected}#`));
  });

  test('lists what there is to choose from', async () => {
    await clear(screen);
    screen.type('postern auth two_factor update unenrolled=');
    screen.press('Tab', 'Tab');
    await waitForScreen('both choices', screen, (text) => /allow[\s\S]*deny/.test(text));
  });
});

test.each(['bash', 'zsh', 'fish'] as const)(
  '%s is left in peace when postern does not work',
  async (name) => {
    const screen = await start(name);
    try {
      screen.type(
        ` ${name === 'fish' ? 'set PATH' : 'PATH='}${name === 'fish' ? ' ' : ''}${broken}${name === 'fish' ? ' ' : ':'}/usr/bin; clear`,
      );
      screen.press('Enter');
      await clear(screen);
      screen.type('postern auth two');
      screen.press('Tab', 'Tab');
      screen.type('_end');
      await waitForScreen('what is typed', screen, (text) => text.includes('> postern auth two_end'));
      expect(read(screen)).toMatch(/^\s*> postern auth two_end$/);
    } finally {
      screen.stop();
    }
  },
  60_000,
);
