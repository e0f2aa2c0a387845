import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';

/** Runs the user's login shell on this terminal until it is left; its exit status, 128 + number for a signal. */
export function openSystemShell(): number {
  const { shell, homedir } = userInfo();
  const program = shell || '/bin/sh';
  // Ctrl-C belongs to what runs in that shell, not to us.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  try {
    const child = spawnSync(program, ['-l'], { stdio: 'inherit', cwd: homedir });
    if (child.error) throw child.error;
    return child.status ?? 128;
  } finally {
    process.off('SIGINT', ignore);
  }
}
