import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeClock } from '../../src/domain/clock.ts';
import { openFiles } from '../../src/platform/files.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { runner } from '../../src/platform/runner.ts';
import { timeServers } from '../../src/platform/sntp.ts';
import type { Runner } from '../../src/ports/machine.ts';
import { compareClock, readClock } from '../../src/system/machine/clock.ts';
import { waitFor } from '../support/wait.ts';

const allowedSeconds = 45;
const skewedServer = fileURLToPath(new URL('../support/lab/ntp-server.py', import.meta.url));

/** Real chronyd processes on loopback; none of them touches the machine's clock (-x). */
describe('the clock by a real chrony', () => {
  let folder: string;
  const running = new Map<string, ChildProcess>();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'chrony-'));
    // Unpacked and not installed: the package would take systemd-timesyncd away from the machine.
    execFileSync('apt-get', ['download', '-qq', 'chrony'], { cwd: folder, stdio: 'pipe' });
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? '';
    execFileSync('dpkg-deb', ['-x', archive, 'root'], { cwd: folder });
  }, 120_000);

  afterAll(() => {
    for (const child of running.values()) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function start(name: string, lines: readonly string[]): void {
    const directory = join(folder, name);
    mkdirSync(join(directory, 'socket'), { recursive: true });
    // With any other mode chronyd does without its socket.
    chmodSync(join(directory, 'socket'), 0o700);
    const common = [
      'cmdport 0',
      `bindcmdaddress ${directory}/socket/s`,
      `pidfile ${directory}/pid`,
      `driftfile ${directory}/drift`,
    ];
    writeFileSync(join(directory, 'conf'), [...lines, ...common, ''].join('\n'));
    const argv = ['-x', '-u', 'root', '-d', '-f', join(directory, 'conf')];
    running.set(name, spawn(join(folder, 'root/usr/sbin/chronyd'), argv, { stdio: 'ignore' }));
  }

  /** This machine, but `chronyc` asks the chronyd of that name. */
  const machineOf = (name: string) => {
    const chronyc: Runner = {
      run: ([program, ...args], options) =>
        program === 'chronyc'
          ? runner.run(
              [join(folder, 'root/usr/bin/chronyc'), '-h', join(folder, name, 'socket/s'), ...args],
              options,
            )
          : runner.run([program, ...args], options),
    };
    return { runner: chronyc, files: openFiles(systemRandom) };
  };
  const look = (name: string) => readClock(machineOf(name));
  const client = (port: number) => [`server 127.0.0.1 port ${port} iburst minpoll -4 maxpoll 0`, 'port 0'];
  const untilSynchronised = (name: string, wanted: boolean) =>
    waitFor(
      `${name} to be ${wanted ? '' : 'un'}synchronised`,
      () => (look(name).synchronised === wanted ? look(name) : undefined),
      45_000,
    );

  it('is right while chrony follows a server, and unjudged once that server has gone', async () => {
    start('server', ['port 12310', 'bindaddress 127.0.0.1', 'local stratum 5', 'allow 127.0.0.1']);
    start('client', client(12310));
    const followed = await untilSynchronised('client', true);
    expect(followed).toMatchObject({ by: 'chrony', source: '127.0.0.1' });
    expect(judgeClock(followed, allowedSeconds).verdict).toBe('right');
    const asked = await compareClock('127.0.0.1:12310', timeServers);
    expect(Math.abs(asked.offset_seconds ?? Number.NaN)).toBeLessThan(1);

    // The server itself follows nobody, whatever it says to others.
    expect(look('server')).toMatchObject({ synchronised: false, by: 'chrony' });

    running.get('server')?.kill('SIGKILL');
    const left = await untilSynchronised('client', false);
    expect(left.detail).toBe('chrony has lost its servers');
    expect(judgeClock(left, allowedSeconds).verdict).toBe('unjudged');
    // It goes on saying "Normal", which is what this is about.
    expect(machineOf('client').runner.run(['chronyc', '-c', 'tracking']).stdout).toMatch(/,Normal$/m);
  }, 120_000);

  it('is wrong by 90 s, by chrony and by the server itself', async () => {
    const ahead = spawn('python3', [skewedServer, '12311', '90'], { stdio: 'ignore' });
    running.set('skewed', ahead);
    start('late', client(12311));
    const late = await untilSynchronised('late', true);
    expect(late.offset_seconds).toBeCloseTo(-90, 0);
    expect(judgeClock(late, allowedSeconds)).toMatchObject({
      verdict: 'wrong',
      reason: 'the clock is 90 s behind, and codes are accepted up to 45 s off',
    });
    const asked = await compareClock('127.0.0.1:12311', timeServers);
    expect(asked.offset_seconds).toBeCloseTo(-90, 0);
    expect(judgeClock(asked, allowedSeconds).verdict).toBe('wrong');
  }, 120_000);

  it('is not judged where no chrony answers', () => {
    expect(machineOf('absent').runner.run(['chronyc', '-c', 'tracking']).status).not.toBe(0);
    expect(look('absent').by).not.toBe('chrony');
  });
});
