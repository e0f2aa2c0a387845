import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type PtyProgram, startOnPty } from '../support/program-pty.ts';

let program: PtyProgram | undefined;
afterEach(() => program?.stop());

const deletion = ['account', 'user', 'delete', 'ann'];
const creation = ['account', 'user', 'create', 'ann'];

/** The shell on a store in which ann is. */
async function openShellWithAnn(term: string): Promise<PtyProgram> {
  const shell = startOnPty([], { term });
  program = shell;
  await shell.waitForOutput(/\]> $/);
  shell.type(`${creation.join(' ')}\r`);
  await shell.waitForOutput(/ann[\s\S]*\]> $/);
  shell.forget();
  return shell;
}

describe.each(['xterm-256color', 'linux', 'vt100', 'dumb'])('on %s, a confirmation', (term) => {
  it('says what will happen and to whom, and takes Enter for no', async () => {
    const shell = await openShellWithAnn(term);
    shell.type(`${deletion.join(' ')}\r`);
    await shell.waitForOutput(/(?<=[\nl])ann is deleted[\s\S]*Go on\? \(y\/N\):/);
    shell.type('\r');
    await shell.waitForOutput(/Cancelled\. Nothing was changed\.[\s\S]*\]> $/);
    shell.forget();
    shell.type(`${deletion.join(' ')}\r`);
    await shell.waitForOutput(/Go on\?/);
    shell.type('y\r');
    await shell.waitForOutput(/deleted ann[\s\S]*\]> $/);
    shell.type('ls\r');
    // An answer is read once: nothing of it is left for the shell, where it would be seen.
    expect(await shell.waitForOutput(/system\/[\s\S]*\]> $/)).not.toContain('resolve.unknown_word');
    shell.forget();
    shell.type('account user query username\r');
    expect(await shell.waitForOutput(/root[\s\S]*\]> $/)).not.toContain('ann');
  });
});

describe('one command', () => {
  it.each([
    ['Escape', '\x1b'],
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('is cancelled by %s with exit code 130', async (_key, typed) => {
    const shell = startOnPty(['account', 'user', 'unlock']);
    program = shell;
    await shell.waitForOutput(/username \(a user name\):/);
    await shell.waitForRawMode();
    shell.type(typed);
    expect(await shell.exited).toBe(130);
    expect(shell.output()).toContain('Cancelled. Nothing was changed.');
  });

  it('asks for what is missing', async () => {
    const shell = startOnPty(['account', 'user', 'unlock']);
    program = shell;
    await shell.waitForOutput(/username \(a user name\):/);
    await shell.waitForRawMode();
    shell.type('root\r');
    expect(await shell.exited).toBe(0);
  });
});

describe.each(['xterm-256color', 'dumb'])('on %s, hidden input', (term) => {
  it('never shows, on any key', async () => {
    const shell = startOnPty(['account', 'user', 'verify_twofactor_token', 'root'], { term });
    program = shell;
    await shell.waitForOutput(/token \(a code\):/);
    await shell.waitForRawMode();
    for (const typed of [
      '7',
      '1',
      '\x14',
      '8',
      '\x1b[A',
      '2',
      '\t',
      '\x12',
      '8',
      '\x0c',
      '1',
      '\x05',
      '\x18',
    ]) {
      shell.type(typed);
      await sleep(20);
    }
    shell.type('\r');
    await shell.exited;
    const shown = shell
      .output()
      .replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, '')
      .replace(/^[\s\S]*?token \(a code\):/, '');
    expect(shown.split('postern:')[0]).not.toMatch(/[0-9]/);
    expect(shown).not.toContain('Cancelled');
  });
});

describe('an answer that is sent before its question', () => {
  it.each([
    ['typed ahead', (text: string) => text],
    ['pasted', (text: string) => `\x1b[200~${text}\x1b[201~`],
  ])('is neither shown nor run (%s)', async (_how, send) => {
    const shell = startOnPty([]);
    program = shell;
    await shell.waitForOutput(/\]> $/);
    shell.type(
      send('account user create bob full_name=Bob\raccount user verify_twofactor_token bob\rsesame\r'),
    );
    await shell.waitForOutput(/token \(a code\):/);
    await shell.waitForRawMode();
    shell.type('123456\r');
    await shell.waitForOutput(/has no device[\s\S]*\]> $/);
    expect(shell.output()).not.toContain('sesame');
    shell.forget();
    // A tab completes: the paste is over for the shell, too.
    shell.type('syste\t');
    await shell.waitForOutput(/system/);
    expect(readFileSync(join(shell.folder, 'state', 'history'), 'utf8')).not.toContain('sesame');
  });
});

describe('Ctrl-Z at hidden input', () => {
  it('shows nothing of what follows where no shell can stop the program', async () => {
    const shell = startOnPty(['account', 'user', 'verify_twofactor_token', 'root']);
    program = shell;
    await shell.waitForOutput(/token \(a code\):/);
    await shell.waitForRawMode();
    shell.forget();
    shell.type('12\x1a');
    await shell.waitForOutput(/token \(a code\): $/);
    await shell.waitForRawMode();
    shell.type('sesame\r');
    await shell.exited;
    expect(shell.output()).toContain('has no device');
    expect(shell.output()).not.toContain('sesame');
  });
});

describe('-- edit', () => {
  it('opens $EDITOR on a file of this user alone, and again with what was wrong', async () => {
    const shell = startOnPty(['auth', 'two_factor', 'update', '--', 'edit'], {
      prepare: (folder) => {
        const editor = join(folder, 'editor');
        const look = `stat -c 'mode %a' "$2" >> '${folder}/seen'; cat "$2" >> '${folder}/seen'`;
        const change = `if grep -q '^#!' "$2"; then echo 'window: 4' > "$2"; else echo 'window: 44' > "$2"; fi`;
        writeFileSync(editor, `#!/bin/sh\n${look}\n${change}\n`, { mode: 0o755 });
        return { EDITOR: `${editor} --wait` };
      },
    });
    program = shell;
    expect(await shell.exited).toBe(0);
    expect(shell.output()).toContain('window: 1 -> 4');
    const seen = readFileSync(join(shell.folder, 'seen'), 'utf8');
    expect(seen).toContain('mode 600\n# auth two_factor update');
    expect(seen).toContain('mode 600\n#! window: expected a whole number from 0 to 10 (steps)\nwindow: 44');
  });

  it('says so when there is no such editor', async () => {
    const shell = startOnPty(['auth', 'two_factor', 'update', '--', 'edit'], {
      prepare: () => ({ EDITOR: '/nowhere' }),
    });
    program = shell;
    expect(await shell.exited).toBe(1);
    expect(shell.output()).toContain('rule.no_editor');
  });
});

describe('-- at the end', () => {
  it.each(['xterm-256color', 'dumb'])('asks for each parameter in turn (%s)', async (term) => {
    const shell = startOnPty(['account', 'user', 'update', 'root', '--'], { term });
    program = shell;
    const answers = [
      ['username', ''],
      ['full_name', 'Ada'],
      ['admin', 'maybe'],
      ['admin', '\x15'],
      ['locked', ''],
      ['exempt', ''],
    ] as const;
    for (const [key, typed] of answers) {
      await shell.waitForOutput(new RegExp(`${key} \\(|expected`));
      if (term !== 'dumb') await shell.waitForRawMode();
      shell.forget();
      shell.type(`${typed}\r`);
    }
    expect(await shell.exited).toBe(0);
    expect(shell.output()).toContain('full_name: - -> Ada');
  });
});
