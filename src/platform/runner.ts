import { spawnSync } from 'node:child_process';
import type { Runner, RunResult } from '../ports/machine.ts';

const defaultTimeoutMs = 30_000;
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs programs directly, never through a shell, found in the system's folders whatever PATH says, in the C locale
 * so that what they print can be read. One that hangs is killed (`signal` is then set, `status` null).
 */
export const runner: Runner = {
  run(argv, options = {}): RunResult {
    const [program, ...args] = argv;
    const child = spawnSync(program, args, {
      cwd: '/',
      env: { PATH: path, LC_ALL: 'C', ...options.env },
      input: options.input ?? '',
      timeout: options.timeoutMs ?? defaultTimeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: 16 * 1024 * 1024,
      encoding: 'utf8',
      windowsHide: true,
    });
    const startFailed = child.error !== undefined && child.pid === 0;
    return {
      status: startFailed ? 127 : child.status,
      signal: child.signal,
      stdout: child.stdout ?? '',
      stderr: startFailed ? `${program}: ${child.error?.message}` : (child.stderr ?? ''),
    };
  },
};
