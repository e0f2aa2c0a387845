import { spawnSync } from 'node:child_process';

/** PAGER may hold arguments, which is why a shell reads it. */
const startPager = '[ "$PAGER" ] || PAGER=$(command -v less || command -v more || echo cat); exec $PAGER';

/** Shows a text through $PAGER on the terminal; false: that could not be started, and nothing was shown. */
export function showInPager(text: string): boolean {
  // F: what fits the screen is only printed. R: colours stay colours. X: it stays on the screen.
  const env = { LESS: 'FRX', ...process.env };
  const { status, error } = spawnSync('/bin/sh', ['-c', startPager], {
    input: text,
    stdio: ['pipe', 'inherit', 'inherit'],
    env,
  });
  // Leaving the pager early breaks the pipe, which is no failure.
  const isPipeError = (error as NodeJS.ErrnoException | undefined)?.code === 'EPIPE';
  return status !== 127 && status !== 126 && (error === undefined || isPipeError);
}
