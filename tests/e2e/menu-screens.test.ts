import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { programPath } from '../support/program-pty.ts';
import { startTmux, type TmuxScreen } from '../support/tmux.ts';
import { removeFolder, waitFor, waitUntilQuiet } from '../support/wait.ts';

let folder = '';
let screen: TmuxScreen | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-menu-'));
});
afterEach(() => screen?.stop());
afterAll(() => removeFolder(folder));

async function openMenu(term: string, columns: number, rows: number): Promise<TmuxScreen> {
  const environment = { LANG: 'C.UTF-8', NO_COLOR: '1', PS1: 'sh$ ', HOME: folder };
  const started = startTmux(
    ['env', `TERM=${term}`, 'bash', '--norc', '--noprofile'],
    { columns, rows },
    environment,
  );
  screen = started;
  await started.waitForText(/sh\$ /);
  started.type(`clear; ${process.execPath} ${programPath} --state-dir ${folder}/state menu 2>/dev/null`);
  started.press('Enter');
  await started.waitForText(/leaves\): *$/m);
  return started;
}

/** The news of the new size may come after the first Enter. */
function pressUntil(menu: TmuxScreen, pattern: RegExp): Promise<true> {
  return waitFor(`${pattern} after Enter`, async () => {
    menu.press('Enter');
    return pattern.test(await waitUntilQuiet(() => menu.capture())) || undefined;
  });
}

const prompt = /leaves\): *$/m;
const count = (text: string, what: string) => text.split(what).length - 1;

describe.each([
  ['xterm-256color', 80, 24],
  ['linux', 80, 24],
  ['vt100', 40, 12],
  ['dumb', 80, 24],
] as const)('the menu on %s at %ix%i', (term, columns, rows) => {
  it('has every item on the screen, and goes on after Ctrl-C, Ctrl-Z, a kernel message and a wrong number', async () => {
    const menu = await openMenu(term, columns, rows);
    const isLow = rows < 18;
    const items = isLow ? [' 1) Status', ' 6) Clock'] : [' 1) Two-factor status', ' 6) Check the clock'];
    for (const shown of ['two-factor authentication: OFF', ...items, '12) Shut down'])
      expect(menu.capture()).toContain(shown);

    menu.type('13');
    menu.press('Enter');
    await menu.waitForText(/There is no\s+item\s+13/);
    menu.press('C-c');
    menu.press('C-z');
    await menu.waitForText(/Stopped[\s\S]*sh\$ /);
    menu.type('echo "[ 12.3] usb 1-1: new device"; fg');
    menu.press('Enter');
    await menu.waitForText(/usb 1-1[\s\S]*leaves\): *$/m);
    menu.press('Enter');
    await menu.waitForText(/12\) Shut down[\s\S]*leaves\): *$/m);

    menu.type('6');
    menu.press('Enter');
    await menu.waitForText(/\]> system clock[\s\S]*leaves\): *$/m);
    menu.press('C-d');
    await menu.waitForText(/leaves\): *\n+sh\$ /);
  });
});

describe('a window that changes its size', () => {
  it('gets the layout that fits on Enter', async () => {
    const menu = await openMenu('xterm-256color', 80, 24);
    menu.resize(40, 20);
    await pressUntil(menu, /^ 6\) Check the clock/m);
    menu.resize(80, 24);
    await pressUntil(menu, / 1\) Two-factor status +6\) Check the clock/);
    expect(count(await menu.waitForText(prompt), 'Shut down')).toBe(1);
  });
});
