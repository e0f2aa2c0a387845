import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { programPath } from '../support/program-pty.ts';
import { startTmux, type TmuxScreen } from '../support/tmux.ts';
import { removeFolder, waitFor } from '../support/wait.ts';

/*
 * GNU screen (package screen) keeps in its scrollback what is cleared at once, and knows no sequence that clears it. It
 * runs in a terminal of tmux here, for it needs one.
 */

const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
let folder = '';
let outer: TmuxScreen | undefined;
const session = `postern-${randomUUID()}`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-screen-'));
});
afterEach(() => {
  outer?.stop();
  screen('-X', 'quit');
  return removeFolder(folder);
});

function screen(...words: readonly string[]): void {
  const { error } = spawnSync('screen', ['-S', session, ...words], {
    env: { PATH: process.env.PATH, HOME: folder },
  });
  if (error) throw new Error('screen is missing: apt-get install screen', { cause: error });
}

/** All that can be scrolled back to, and what is on the screen. */
function copyAll(): Promise<string> {
  const copy = join(folder, `copy-${randomUUID()}`);
  screen('-X', 'hardcopy', '-h', copy);
  return waitFor('the copy', () => {
    try {
      return readFileSync(copy, 'latin1') || undefined;
    } catch {
      return undefined;
    }
  });
}

it('an enrolment leaves nothing to scroll back to in GNU screen', async () => {
  const terminal = startTmux(
    ['screen', '-U', '-S', session, '-h', '500', '/bin/sh'],
    { columns: 80, rows: 24 },
    {
      PS1: 'sh$ ',
      HOME: folder,
      LANG: 'C.UTF-8',
      TERM: 'tmux-256color',
      SCREENRC: '/dev/null',
      SHELL: '/bin/sh',
    },
  );
  outer = terminal;
  const type = (line: string) => {
    terminal.type(line);
    terminal.press('Enter');
  };
  await terminal.waitForText(/\$ /);
  type(`${process.execPath} ${programPath} --state-dir ${folder}/state`);
  await terminal.waitForText(/\]> *$/m);
  type(`account user renew_2fa_secret root secret=${secret}`);
  await terminal.waitForText(/\? = help\): *$/m);
  expect(await copyAll()).toContain('JBSW Y3DP');
  for (const wrong of ['abc', '12', 'abc']) {
    type(wrong);
    await terminal.waitForText(/Type the 6 digits that the app shows\. Code/);
  }
  type('?');
  await terminal.waitForText(/Other drawings need a larger window/);
  type('q');
  await terminal.waitForText(/\u2588[\s\S]*\? = help\): *$/m);
  terminal.press('Enter');
  await terminal.waitForText(/then type done: *$/m);
  const [, recoveryCode = ''] = /\n +([0-9a-z]{5}-[0-9a-z]{5}) /.exec(await copyAll()) ?? [];
  expect(recoveryCode).not.toBe('');
  type('done');
  await terminal.waitForText(/token=CODE[\s\S]*\]> *$/m);
  const left = await copyAll();
  for (const trace of ['JBSW Y3DP', 'otpauth', recoveryCode, 'Recovery codes'])
    expect(left).not.toContain(trace);
  expect(left).toContain('confirm_2fa_secret');
});
