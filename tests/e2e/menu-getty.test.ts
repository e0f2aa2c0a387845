import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Machine, startMachine } from '../support/lab/machine.ts';
import { programPath } from '../support/program-pty.ts';

const assets = new URL('../../src/system/assets/', import.meta.url).pathname;
let machine: Machine;
let folder = '';

beforeAll(async () => {
  machine = await startMachine();
  await machine.sh("echo 'root:correct horse' | chpasswd");
  folder = mkdtempSync(join(tmpdir(), 'postern-getty-'));
  const program = `#!/bin/sh\nexec '${process.execPath}' '${programPath}' --state-dir '${folder}/state' "$@"\n`;
  const files = { postern: program, 'postern-console-menu': readAsset('postern-console-menu') };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), 0o755);
  }
});
afterAll(() => {
  machine.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A file as it is shipped, its programs found in this test's folder. */
function readAsset(name: string): string {
  return readFileSync(join(assets, name), 'utf8').replaceAll(/\/usr\/local\/s?bin\//g, `${folder}/`);
}

/** Starts a console as systemd would from the drop-in, types these lines, and answers what was on it. */
function openConsole(name: string, lines: readonly string[]): Promise<string> {
  const unit = readAsset(name);
  const start = /^ExecStart=-(.+)$/m.exec(unit)?.[1];
  const environment = /^Environment=(.+)$/m.exec(unit)?.[1];
  const typing = lines.map((line) => `sleep 2; printf '%s\\r' '${line}'`).join('; ');
  return machine.sh(
    `(${typing}; sleep 2) | TERM=linux ${environment} timeout 20 script -qfc "exec ${start}" /dev/null`,
  );
}

describe('the drop-in for the first screen', () => {
  it('shows the menu at once', async () => {
    const shown = await openConsole('getty@tty1-postern.conf', ['99', 'q']);
    expect(shown).toContain(' 1) Two-factor status');
    expect(shown).toContain('There is no item 99');
  });
});

describe('the drop-in for serial lines', () => {
  it('shows the menu after the password of root', async () => {
    const shown = await openConsole('serial-getty@-postern.conf', ['correct horse', '99', 'q']);
    expect(shown).toContain('There is no item 99');
  });

  it('shows nothing without it', async () => {
    const shown = await openConsole('serial-getty@-postern.conf', ['wrong', '99', '']);
    expect(shown).not.toContain('Two-factor status');
  });
});
