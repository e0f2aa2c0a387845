import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** Messages below this level still come: a kernel that is about to stop should be able to say so. */
const heldLevel = 1;

/**
 * Restores the level when its standard input ends: by `release`, or because the process that held the other end is
 * gone, killed included. It leaves alone a level that someone else has set since. (cat and not read: the shell reads
 * byte by byte, and a file of /proc/sys ends after the first.)
 */
const guardian = `trap '' HUP INT QUIT TERM PIPE TSTP
cat >/dev/null
level=$(cat "$1")
[ "\${level%%[!0-9]*}" = ${heldLevel} ] && echo "$2" >"$1"`;

/**
 * Holds kernel messages off the console until the function returned is called or this process ends, however it ends.
 * `printkPath` is /proc/sys/kernel/printk (proc(5)); where it cannot be written nothing happens.
 */
export function holdKernelMessages(printkPath: string): () => void {
  const nothingHeld = () => {};
  try {
    const level = Number.parseInt(readFileSync(printkPath, 'utf8'), 10);
    if (!(level > heldLevel)) return nothingHeld;
    // In its own session, so that no hang-up or Ctrl-C meant for us ends it before us.
    const child = spawn('/bin/sh', ['-c', guardian, 'sh', printkPath, String(level)], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
    });
    child.on('error', nothingHeld);
    child.stdin.on('error', nothingHeld);
    if (child.pid === undefined) return nothingHeld;
    child.unref();
    writeFileSync(printkPath, `${heldLevel}\n`);
    return () => {
      restoreLevel(printkPath, level);
      child.stdin.end();
    };
  } catch {
    return nothingHeld;
  }
}

/**
 * Whether the kernel writes its messages over what is shown on `ttyPath`. `activeConsoles` is the content of
 * /sys/class/tty/console/active, where tty0 stands for the virtual console in front.
 */
export function receivesKernelMessages(ttyPath: string, activeConsoles: string): boolean {
  const name = ttyPath.replace(/^\/dev\//, '');
  const consoles = activeConsoles.trim().split(/\s+/);
  return (
    name === 'console' || consoles.includes(name) || (/^tty\d+$/.test(name) && consoles.includes('tty0'))
  );
}

function restoreLevel(printkPath: string, level: number): void {
  try {
    if (Number.parseInt(readFileSync(printkPath, 'utf8'), 10) === heldLevel) {
      writeFileSync(printkPath, `${level}\n`);
    }
  } catch {
    // The guardian tries again.
  }
}
