import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHistoryFile } from '../../src/platform/history-file.ts';
import { openHistory } from '../../src/shell/line/history.ts';
import { bundleDriver } from '../support/bundle-driver.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-history-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the history file', () => {
  it('keeps lines across runs, for this user alone', () => {
    const state = join(folder, 'state');
    openHistoryFile(state).append('auth two_factor config');
    openHistoryFile(state).append('ls');
    expect(openHistoryFile(state).read()).toEqual(['auth two_factor config', 'ls']);
    expect([modeOf(state), modeOf(join(state, 'history'))]).toEqual(['700', '600']);
  });

  it('closes a file that others could read', () => {
    writeFileSync(join(folder, 'history'), 'ls\n');
    chmodSync(join(folder, 'history'), 0o644);
    openHistoryFile(folder).append('ls');
    expect(modeOf(join(folder, 'history'))).toBe('600');
  });

  it('writes through no symbolic link', () => {
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'history'));
    expect(openHistoryFile(folder).append('ls')).toBe(false);
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
  });

  it('makes one line of a line with control characters in it', () => {
    openHistoryFile(folder).append('a\nb\u001b[2Jc');
    expect(openHistoryFile(folder).read()).toEqual(['a b [2Jc']);
  });

  it('stays small, and keeps the newest', () => {
    const file = openHistoryFile(folder);
    for (let count = 0; count < 5000; count += 1) file.append(`line ${count} ${'x'.repeat(50)}`);
    const bytes = ['history', 'history.1'].map((name) => statSync(join(folder, name)).size);
    expect(Math.max(...bytes)).toBeLessThan(66 * 1024);
    expect(file.read().at(-1)).toMatch(/^line 4999 /);
    expect(file.read().length).toBeGreaterThan(1000);
  });

  it('loses nothing and mixes nothing when two shells write at once', async () => {
    const driver = bundleDriver('history-driver');
    try {
      await Promise.all(
        ['a', 'b'].map((name) => promisify(execFile)(process.execPath, [driver.path, folder, name, '400'])),
      );
    } finally {
      driver.remove();
    }
    const lines = readFileSync(join(folder, 'history'), 'utf8').trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('a')).map((line) => line.split(' ')[1])).toEqual(
      Array.from({ length: 400 }, (_, n) => `${n}`),
    );
    expect(lines.filter((line) => line.startsWith('b'))).toHaveLength(400);
    expect(lines).toHaveLength(800);
  });

  it('answers nothing, and does not stop anybody, where it cannot be', () => {
    const file = openHistoryFile('/proc/nowhere');
    expect([file.append('ls'), file.read()]).toEqual([false, []]);
  });
});

describe('the history of a session', () => {
  it('has its own lines last, though another shell wrote after them', () => {
    const lines = ['old'];
    const history = openHistory({ read: () => lines, append: (line) => lines.push(line) > 0 });
    history.add('mine');
    lines.push('theirs');
    expect(history.list()).toEqual(['old', 'theirs', 'mine']);
  });

  it('lasts for the session where no file can be', () => {
    const history = openHistory({ read: () => [], append: () => false });
    history.add('mine');
    expect(history.list()).toEqual(['mine']);
  });

  it('keeps a line once when it is repeated, and a line of several rows as one', () => {
    const history = openHistory({ read: () => [], append: () => true });
    for (const line of ['ls', 'ls', '', 'update services={\n"ssh": true}']) history.add(line);
    expect(history.list()).toEqual(['ls', 'update services={ "ssh": true}']);
  });
});
