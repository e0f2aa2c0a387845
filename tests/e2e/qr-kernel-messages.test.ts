import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { holdKernelMessages, receivesKernelMessages } from '../../src/platform/kernel-messages.ts';
import { type BundledDriver, bundleDriver } from '../support/bundle-driver.ts';
import { waitFor } from '../support/wait.ts';

let driver: BundledDriver;
let folder: string;
/** In the place of /proc/sys/kernel/printk, which belongs to the machine. */
let printk: string;
const children: ChildProcessByStdio<Writable, Readable, null>[] = [];
beforeAll(() => {
  driver = bundleDriver('hold-driver');
});
afterAll(() => driver.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-printk-'));
  printk = join(folder, 'printk');
  writeFileSync(printk, '4\t4\t1\t7\n');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const readLevel = () => readFileSync(printk, 'utf8').split(/\s/)[0];
const waitForLevel = (level: string) =>
  waitFor(`level ${level}`, () => (readLevel() === level ? level : undefined), 3000);

/** A process that holds the messages. */
async function hold(options: { readonly detached?: boolean } = {}) {
  const child = spawn(process.execPath, [driver.path, printk], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...options,
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

describe('holdKernelMessages', () => {
  test('holds until released, and leaves nothing running that keeps the program', async () => {
    const child = await hold();
    expect(readLevel()).toBe('1');
    child.stdin.write('release\n');
    await once(child.stdout, 'data');
    expect(readLevel()).toBe('4');
    child.stdin.write('end\n');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('lets them through again when the program just ends', async () => {
    const child = await hold();
    child.stdin.write('exit\n');
    await once(child, 'exit');
    await waitForLevel('4');
  });

  test.each(['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const)(
    'lets them through again after %s',
    async (signal) => {
      const child = await hold();
      child.kill(signal);
      await once(child, 'exit');
      await waitForLevel('4');
    },
  );

  test('lets them through again when the whole process group is interrupted and hung up', async () => {
    const child = await hold({ detached: true });
    process.kill(-child.pid!, 'SIGINT');
    await once(child, 'exit');
    await waitForLevel('4');
  });

  test('does so with a file of /proc/sys, which cannot be read byte by byte', () => {
    // A number of a network namespace of its own stands for the machine's printk.
    const number = '/proc/sys/net/ipv4/ip_default_ttl';
    const script = `cat ${number}; sleep 5 | "$@" ${number} & sleep 2; cat ${number}; kill -KILL $!; wait; sleep 1; cat ${number}`;
    const argv = ['-rn', 'sh', '-c', script, 'sh', process.execPath, driver.path];
    const { stdout } = spawnSync('unshare', argv, { encoding: 'utf8' });
    expect(stdout.replace('held\n', '')).toBe('64\n1\n64\n');
  });

  test('leaves alone a level that somebody set meanwhile', async () => {
    const child = await hold();
    writeFileSync(printk, '7\t4\t1\t7\n');
    child.kill('SIGKILL');
    await once(child, 'exit');
    // Long enough for the other tests' levels to have come back.
    await expect(waitForLevel('4')).rejects.toThrow();
    expect(readLevel()).toBe('7');
  });

  test('does nothing where the level is low already or cannot be known', () => {
    writeFileSync(printk, '1\t4\t1\t7\n');
    holdKernelMessages(printk)();
    expect(readFileSync(printk, 'utf8')).toBe('1\t4\t1\t7\n');
    holdKernelMessages(join(folder, 'absent'))();
    writeFileSync(printk, 'nonsense');
    holdKernelMessages(printk)();
    expect(readFileSync(printk, 'utf8')).toBe('nonsense');
  });
});

describe('receivesKernelMessages', () => {
  test.each([
    ['/dev/tty1', 'tty0\n', true],
    ['/dev/tty1', 'ttyS0 tty0\n', true],
    ['/dev/tty1', 'ttyS0\n', false],
    ['/dev/ttyS0', 'ttyS0\n', true],
    ['/dev/ttyS1', 'tty0 ttyS0\n', false],
    ['/dev/console', 'ttyS0\n', true],
    ['/dev/pts/0', 'tty0 ttyS0\n', false],
    ['/dev/pts/tty1', 'tty0\n', false],
    ['', 'tty0\n', false],
  ])('%s with console=%s: %s', (path, active, answer) => {
    expect(receivesKernelMessages(path, active)).toBe(answer);
  });
});
