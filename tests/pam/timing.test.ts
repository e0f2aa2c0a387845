import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeRecoveryCodes } from '../../src/domain/two-factor/recovery-codes.ts';
import { openGate } from '../../src/pam/gate.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { openAuditLog } from '../../src/store/audit.ts';
import { openStore } from '../../src/store/store.ts';
import { makeAccount, makePorts, makeWorld, settingsOn } from './fakes.ts';

const directory = mkdtempSync(join(tmpdir(), 'pam-timing-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('a refusal takes the same time whatever account it met, wrong code or wrong recovery code', async () => {
  const common = { directory, clock: systemClock, random: systemRandom };
  const store = openStore({ ...common, hostName: 'lab' });
  const { hashes } = makeRecoveryCodes(systemRandom);
  await store.withLock((transaction) =>
    transaction.save({
      settings: { ...settingsOn, two_factor: { ...settingsOn.two_factor, unenrolled: 'deny' } },
      accounts: new Map([
        ['enrolled', makeAccount('enrolled', { recovery_codes: hashes })],
        ['locked', makeAccount('locked', { lockouts: 1, locked_until_ms: Date.now() + 600_000 })],
        ['barred', makeAccount('barred', { locked: true })],
        ['bare', makeAccount('bare', { devices: [] })],
        ['damaged', makeAccount('damaged')],
      ]),
    }),
  );
  for (const name of ['damaged.json', 'damaged.json.last-good'])
    writeFileSync(join(directory, 'accounts', name), '');
  const gate = openGate({
    ...makePorts(makeWorld(), []),
    clock: systemClock,
    timer: {
      elapsedMs: () => performance.now(),
      pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    },
    openStore: () => store,
    openAudit: () => openAuditLog(common),
  });
  const quickestMs = new Map<string, number>();
  for (let round = 0; round < 3; round += 1) {
    for (const username of ['enrolled', 'locked', 'barred', 'bare', 'damaged', 'unknown']) {
      for (const token of ['12345678', 'abcde-fghjk']) {
        const signIn = {
          stateDirectory: directory,
          username,
          isSystemAccount: username !== 'unknown',
          service: 'sshd',
          remoteHost: '203.0.113.7',
          by: 'password' as const,
        };
        const before = performance.now();
        expect(await gate.accept(signIn, token)).toMatchObject({ accepted: false });
        const key = `${username} ${token}`;
        quickestMs.set(
          key,
          Math.min(performance.now() - before, quickestMs.get(key) ?? Number.POSITIVE_INFINITY),
        );
      }
    }
  }
  const times = [...quickestMs.values()];
  expect(Math.min(...times)).toBeGreaterThan(398);
  expect(Math.max(...times) - Math.min(...times)).toBeLessThan(25);
});
