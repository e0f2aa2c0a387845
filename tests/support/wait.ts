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
