import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAccount } from '../support/accounts.ts';
import { addUser } from '../support/lab/machine.ts';
import { type BuiltPam, buildPam, freshCode, type PamLab, renderStack, startPamLab } from '../support/pam.ts';

/** Conversations that walk through every branch of the module, by the helper that holds the other end. */
const conversations: readonly [string, string, string[]][] = [
  ['a right code', 'HELPER', ['CODE']],
  ['a wrong code, then silence', 'HELPER', ['000000']],
  ['an answer too long for a line', 'HELPER', ['9'.repeat(505), 'CODE']],
  ['an answer with a tab in it', 'HELPER', ['1\t2', 'CODE']],
  ['no helper', '/nonexistent', []],
  ['a helper that ends at once', '/bin/true', []],
  ['a helper that talks nonsense', 'say \\\\033', []],
  ['a helper that talks too long', 'say "LOG %0600d" 0', []],
  ['a helper that informs, logs and skips', 'say "INFO a"; say "LOG b"; say SKIP', []],
];

describe.each<[string, string, string[], RegExp]>([
  [
    'AddressSanitizer and UBSan',
    '-fsanitize=address,undefined -fno-sanitize-recover=all -g -O1',
    [],
    /ERROR: |runtime error/,
  ],
  [
    'valgrind',
    '-g -O1',
    [
      'valgrind',
      '-q',
      '--error-exitcode=99',
      '--leak-check=full',
      '--errors-for-leak-kinds=definite',
      '--track-fds=no',
    ],
    /==\d+==/,
  ],
])('the PAM module under %s', (_, flags, tool, complaint) => {
  let built: BuiltPam;
  let lab: PamLab;

  beforeAll(async () => {
    built = await buildPam(`-std=gnu11 -Wall -Wextra ${flags}`);
    lab = await startPamLab(built);
    await addUser(lab.machine, 'alice', 'a');
  }, 120_000);

  afterAll(() => {
    lab?.stop();
    rmSync(built.directory, { recursive: true, force: true });
  });

  it.each(conversations)('%s', async (_, helper, answers) => {
    await lab.save({ accounts: new Map([['alice', makeAccount('alice')]]) });
    const script = `${lab.state}/script`;
    if (helper.includes('say')) {
      const hear = 'for line in 1 2 3 4 5 6; do dd bs=1000 count=1 status=none > /dev/null; done';
      await lab.machine.write(
        script,
        `#!/bin/bash\nsay() { printf "$@"; }\n${hear}\n${helper}\nsleep 0.5\n`,
        '0755',
      );
    }
    const path = helper.includes('say') ? script : helper.replace('HELPER', built.helper);
    const stack = renderStack({ ...built, helper: path }, lab.state, 'auth required pam_permit.so');
    await lab.machine.write('/etc/pam.d/bare', stack);
    const input = answers.map((answer) => `${answer.replace('CODE', freshCode())}\n`).join('');
    const { status, stdout, stderr } = await lab.machine.run(
      [...tool, built.checker, '-k', 'bare', 'alice'],
      { input },
    );
    expect(stderr).not.toMatch(complaint);
    expect([0, 1]).toContain(status);
    expect(stdout).toMatch(/^result \d+/m);
    expect(status === 0).toBe(answers.at(-1) === 'CODE' || helper.endsWith('SKIP'));
  });

  it.each(['off', 'on', 'nonsense'])('the switch at %s', async (word) => {
    await lab.machine.write('/run/postern/enforcement', `${word}\n`);
    const stack = renderStack({ ...built, helper: '/nonexistent' }, lab.state, 'auth required pam_permit.so');
    await lab.machine.write('/etc/pam.d/bare', stack);
    const { status, stderr } = await lab.machine.run([...tool, built.checker, 'bare', 'alice']);
    expect(stderr).not.toMatch(complaint);
    expect(status).toBe(word === 'off' ? 0 : 1);
    await lab.machine.sh('rm -r /run/postern');
  });
});
