import { spawn } from 'node:child_process';
import type { Processes } from '../ports/machine.ts';

/** Signals processes, and starts those that outlive this one. */
export const processes: Processes = {
  ownPid: process.pid,

  signal(pid, signal) {
    // 0 and negative numbers would reach whole groups.
    if (!Number.isSafeInteger(pid) || pid < 2) return false;
    try {
      return process.kill(pid, signal);
    } catch {
      return false;
    }
  },

  startDetached([program, ...args], env) {
    const child = spawn(program, args, { cwd: '/', env: { ...env }, detached: true, stdio: 'ignore' });
    // Without a listener, a program that cannot be started would end this process.
    child.once('error', () => {});
    child.unref();
    return child.pid ?? 0;
  },
};
