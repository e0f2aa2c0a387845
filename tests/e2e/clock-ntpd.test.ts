import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeClock } from '../../src/domain/clock.ts';
import { openFiles } from '../../src/platform/files.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { runner } from '../../src/platform/runner.ts';
import type { Runner } from '../../src/ports/machine.ts';
import { readClock } from '../../src/system/machine/clock.ts';
import { type Machine, projectRoot, startMachine } from '../support/lab/machine.ts';
import { waitFor } from '../support/wait.ts';

const allowedSeconds = 45;

/** A real ntpd (NTPsec), without the capability to set the clock, and its server across a network of their own. */
describe('the clock by a real ntpd', () => {
  let folder: string;
  let machine: Machine;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ntpd-'));
    // Unpacked and not installed: the package would take systemd-timesyncd away from the machine.
    execFileSync('apt-get', ['download', '-qq', 'ntpsec', 'python3-ntp', 'libbsd0'], {
      cwd: folder,
      stdio: 'pipe',
    });
    for (const name of readdirSync(folder)) execFileSync('dpkg-deb', ['-x', name, 'root'], { cwd: folder });
    machine = await startMachine();
  }, 120_000);

  afterEach(() => {
    machine?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts a server that is so many seconds ahead, and an ntpd that follows it. */
  async function follow(seconds: number): Promise<void> {
    await machine.write(
      '/etc/ntp.conf',
      `server 10.9.0.2 iburst minpoll 3 maxpoll 3
       tos minsane 1 mindist 1
       disable kernel
       restrict default
       restrict 127.0.0.1
       restrict ::1\n`,
    );
    await machine.sh(`
      unshare --net sleep infinity > /dev/null 2>&1 & other=$!
      until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
      ip link add near type veth peer name far netns $other
      ip addr add 10.9.0.1/24 dev near; ip link set near up
      nsenter --net --target $other sh -c 'ip addr add 10.9.0.2/24 dev far; ip link set far up'
      nsenter --net --target $other python3 '${projectRoot}/tests/support/lab/ntp-server.py' 123 ${seconds} 10.9.0.2 \
        > /dev/null 2>&1 &
      setpriv --bounding-set -sys_time --inh-caps -sys_time '${folder}/root/usr/sbin/ntpd' -n -g -c /etc/ntp.conf \
        -p /run/ntpd.pid -l /var/log/ntpd > /dev/null 2>&1 &`);
  }

  const ntpq: Runner = {
    run: ([program, ...args], options) => {
      if (program !== 'ntpq') return runner.run([program, ...args], options);
      const libraries = execFileSync('find', [folder, '-name', 'libntpc.so', '-printf', '%h'], {
        encoding: 'utf8',
      });
      const environment = [
        `LD_LIBRARY_PATH=${libraries}`,
        `PYTHONPATH=${folder}/root/usr/lib/python3/dist-packages`,
      ];
      const enter = ['--user', '--preserve-credentials'].slice(process.getuid?.() === 0 ? 2 : 0);
      return runner.run(
        [
          ...(['nsenter', ...enter, '--net', `--target=${machine.pid}`, 'env', ...environment] as const),
          ...['/usr/bin/python3', `${folder}/root/usr/bin/ntpq`, ...args],
        ],
        options,
      );
    },
  };
  const look = () => readClock({ runner: ntpq, files: openFiles(systemRandom) });

  it('is right while ntpd follows a server', async () => {
    await follow(0);
    const status = await waitFor(
      'ntpd to follow its server',
      () => (look().synchronised === true ? look() : undefined),
      60_000,
    );
    expect(status).toMatchObject({ by: 'ntpd', source: '10.9.0.2' });
    expect(Math.abs(status.offset_seconds ?? Number.NaN)).toBeLessThan(1);
    expect(judgeClock(status, allowedSeconds).verdict).toBe('right');
  }, 90_000);

  it('is wrong by what ntpd has measured, should it not be able to set the clock', async () => {
    await follow(90);
    const status = await waitFor(
      'ntpd to measure',
      () => (look().offset_seconds === null ? undefined : look()),
      60_000,
    );
    expect(status).toMatchObject({ by: 'ntpd', synchronised: false });
    expect(status.offset_seconds).toBeCloseTo(-90, 0);
    expect(judgeClock(status, allowedSeconds).verdict).toBe('wrong');
  }, 90_000);
});
