import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { programPath } from '../support/program-pty.ts';
import { startTmux, type TmuxScreen } from '../support/tmux.ts';
import { removeFolder } from '../support/wait.ts';

let folder = '';
let screen: TmuxScreen | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-keys-'));
});
afterEach(() => {
  screen?.stop();
  return removeFolder(join(folder, 'state'));
});
afterAll(() => removeFolder(folder));

const stateOptions = () => ['--state-dir', join(folder, 'state')];
const postern = (...words: readonly string[]) =>
  spawnSync(process.execPath, [programPath, ...stateOptions(), ...words], { encoding: 'utf8' });

/** The shell under an ordinary one, which Ctrl-Z goes back to. */
async function openShell(
  term: string,
  size: { readonly columns: number; readonly rows: number },
): Promise<TmuxScreen> {
  const environment = { LANG: 'C.UTF-8', NO_COLOR: '1', PS1: 'sh$ ', HOME: folder };
  const started = startTmux(['env', `TERM=${term}`, 'bash', '--norc', '--noprofile'], size, environment);
  screen = started;
  await started.waitForText(/sh\$ /);
  started.type(`clear; ${process.execPath} ${programPath} ${stateOptions().join(' ')} 2>/dev/null`);
  started.press('Enter');
  await started.waitForText(/\]> /);
  return started;
}

const terminals = [
  ['xterm-256color', { columns: 80, rows: 24 }],
  ['xterm-256color', { columns: 40, rows: 12 }],
  ['linux', { columns: 80, rows: 24 }],
  ['vt100', { columns: 40, rows: 12 }],
] as const;

describe.each(terminals)('keys on %s, %o', (term, size) => {
  it('complete, explain, search, cancel, suspend and leave', async () => {
    const shell = await openShell(term, size);
    shell.type('auth tw');
    shell.press('Tab');
    await shell.waitForText(/> auth two_factor $/m);
    shell.type('co');
    shell.press('Tab', 'Tab');
    await shell.waitForText(/config[\s\S]*confirm[\s\S]*auth two_factor\s+confi/);
    shell.type('g');
    shell.press('Enter');
    await shell.waitForText(/unenrolled +allow/);

    shell.type('auth two_factor update enabled=?');
    await shell.waitForText(/true or false[\s\S]*enabled=\s*$/);
    shell.type('fal');
    shell.press('Tab');
    await shell.waitForText(/enabled=[fals\s]*e/);
    shell.press('C-c');
    await shell.waitForText(/enabled=[fals\s]*e\s*\^C/);

    shell.press('Up');
    await shell.waitForText(/> auth two_factor config *$/m);
    shell.press('C-u');
    shell.press('C-r');
    shell.type('conf');
    await shell.waitForText(/\(found: conf\) auth two_factor config/);
    shell.press('C-g');
    shell.type('ls');
    shell.press('C-z');
    await shell.waitForText(/Stopped[\s\S]*sh\$ /);
    shell.type('fg');
    shell.press('Enter');
    await shell.waitForText(/\]> ls\s*$/);
    shell.press('Enter');
    await shell.waitForText(/system\/[\s\S]*\]> *$/m);

    shell.press('C-d');
    await shell.waitForText(/\]> *\n+sh\$ /);
    shell.type('stty -a | grep -o -e " icanon" -e " echo "');
    shell.press('Enter');
    await shell.waitForText(/ icanon/);
  });
});

describe('the screen', () => {
  it('is right again after a resize in mid-line', async () => {
    const shell = await openShell('xterm-256color', { columns: 80, rows: 24 });
    shell.type('account user query where username == "somebody with a name"');
    shell.resize(30, 24);
    await shell.waitForText(/username ==/);
    shell.resize(80, 24);
    await shell.waitForText(/> account user query where username == "somebody with a name"/);
    shell.type(' limit=1');
    shell.press('Home');
    shell.type('X');
    await shell.waitForText(/> Xaccount user query where username == "somebody with a name" limit=1/);
  });

  it('shows wide and combining characters where they are', async () => {
    const shell = await openShell('xterm-256color', { columns: 80, rows: 24 });
    shell.type('update full_name=漢字e\u0301');
    await shell.waitForText(/漢字e\u0301/);
    shell.press('BSpace', 'BSpace');
    shell.type('b');
    await shell.waitForText(/full_name=漢b *$/m);
  });

  it('runs pasted lines in order, and lets a last one be edited', async () => {
    const shell = await openShell('xterm-256color', { columns: 80, rows: 24 });
    shell.paste('auth two_factor\nupdate window=2\tissuer=nas\nconf');
    await shell.waitForText(/window: 1 -> 2[\s\S]*two_factor> conf *$/m);
    shell.type('ig');
    shell.press('Enter');
    await shell.waitForText(/window +2/);
  });
});

describe('two shells and another process', () => {
  it('see what the others did, and share a history without secrets', async () => {
    const shell = await openShell('xterm-256color', { columns: 80, rows: 24 });
    postern('auth', 'two_factor', 'update', 'window=5');
    shell.type('auth two_factor config');
    shell.press('Enter');
    await shell.waitForText(/window +5/);
    shell.type('account user verify_twofactor_token username=root token=123456');
    shell.press('Enter');
    await shell.waitForText(/has no device/);
    const history = join(folder, 'state', 'history');
    expect(readFileSync(history, 'utf8').split('\n')).toEqual([
      'auth two_factor config',
      'account user verify_twofactor_token username=root token=***',
      '',
    ]);
    expect(statSync(history).mode & 0o777).toBe(0o600);
  });
});

describe('a question', () => {
  it('is still there after Ctrl-Z', async () => {
    postern('account', 'user', 'create', 'ann');
    const shell = await openShell('xterm-256color', { columns: 80, rows: 24 });
    shell.type('account user delete ann');
    shell.press('Enter');
    await shell.waitForText(/ann is deleted[\s\S]*Go on/);
    shell.press('C-z');
    await shell.waitForText(/Stopped[\s\S]*sh\$ /);
    shell.type('fg');
    shell.press('Enter');
    await shell.waitForText(/fg[\s\S]*Go on/);
    shell.type('y');
    await shell.waitForText(/fg[\s\S]*Go on\? \(y\/N\): y/);
    shell.press('Enter');
    await shell.waitForText(/deleted ann[\s\S]*\]> *$/m);
  });
});

describe('an enrolment', () => {
  it('shows code and key on one screen, confirms by the first code, and leaves nothing to scroll back to', async () => {
    const shell = await openShell('xterm-256color', { columns: 80, rows: 24 });
    shell.type(`account user renew_2fa_secret root secret=${'JBSWY3DPEHPK3PXP'.repeat(2)}`);
    shell.press('Enter');
    const first = await shell.waitForText(/\? = help\): *$/m);
    expect(first).toContain('\u2588');
    expect(first).toContain('JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP');
    shell.type('000');
    shell.press('Enter');
    await shell.waitForText(/Type the 6 digits that the app shows\. Code/);
    const { stdout } = spawnSync('oathtool', ['--totp', '-b', 'JBSWY3DPEHPK3PXP'.repeat(2)], {
      encoding: 'utf8',
    });
    shell.type(stdout.trim());
    shell.press('Enter');
    await shell.waitForText(/default of root is confirmed[\s\S]*then type done: *$/m);
    shell.press('Enter');
    await shell.waitForText(/Type done, or again/);
    shell.type('done');
    shell.press('Enter');
    await shell.waitForText(/\]> *$/m);
    expect(shell.captureAll()).not.toMatch(/\u2588|JBSW|[Rr]ecovery codes|otpauth/);
    expect(postern('account', 'user', 'query').stdout).toMatch(/root .*default \(confirmed\)/);
  });
});
