import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The first answer of `look` that is not undefined; fails with `what` when none comes within `timeoutMs`. */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 10_000,
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (Date.now() > deadlineMs) throw new Error(`gave up waiting for ${what}`);
    await sleep(20);
  }
}

/** Removes a folder in which a program that was killed may still be making files. */
export async function removeFolder(folder: string): Promise<void> {
  await waitFor(`${folder} to be gone`, () => {
    try {
      rmSync(folder, { recursive: true, force: true });
      return true;
    } catch {
      return undefined;
    }
  });
}

/** What `read` answers once that has stayed the same for `quietMs`: for output whose end nothing marks. */
export async function waitUntilQuiet(read: () => string, quietMs = 150): Promise<string> {
  let last = read();
  let sinceMs = Date.now();
  await waitFor('quiet', () => {
    const now = read();
    if (now !== last) [last, sinceMs] = [now, Date.now()];
    return Date.now() - sinceMs >= quietMs || undefined;
  });
  return last;
}
