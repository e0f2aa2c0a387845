import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';

it('knows which boot this is, and never makes it older than the kernel does', () => {
  const boot = systemClock.boot?.();
  // The kernel's own word, a moment later, in hundredths of a second.
  const laterMs = Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000 + 10;
  expect(boot?.id).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  expect(boot?.uptimeMs).toBeGreaterThan(0);
  expect(boot?.uptimeMs).toBeLessThanOrEqual(laterMs);
});
