import { describe, expect, it } from 'vitest';
import { makeRecoveryCodes } from '../../src/domain/two-factor/recovery-codes.ts';
import { openGate } from '../../src/pam/gate.ts';
import { makeAccount, makeRandom, settingsOn } from '../support/accounts.ts';
import { makePorts, makeWorld, nowMs, rightCode } from './fakes.ts';

const { hashes } = makeRecoveryCodes(makeRandom());
const accounts = [
  makeAccount('enrolled', { recovery_codes: hashes }),
  makeAccount('locked', { lockouts: 1, locked_until_ms: nowMs + 600_000 }),
  makeAccount('barred', { locked: true }),
  makeAccount('bare', { devices: [] }),
  makeAccount('damaged'),
];

/** A token is judged while `workMs` pass; how long the gate then waits before it answers. */
async function judge(username: string, token: string, workMs: number) {
  const world = makeWorld(accounts, {
    ...settingsOn,
    two_factor: { ...settingsOn.two_factor, unenrolled: 'deny' },
  });
  world.store.damaged.add('damaged');
  const ports = makePorts(world, []);
  const elapsedMs = () => (world.events.includes('unlock') ? 1000 + workMs : 1000);
  const answer = await openGate({ ...ports, timer: { ...ports.timer, elapsedMs } }).accept(
    {
      stateDirectory: '/var/lib/postern',
      username,
      isSystemAccount: username !== 'unknown',
      service: 'sshd',
      remoteHost: '203.0.113.7',
      by: 'password' as const,
    },
    token,
  );
  return { accepted: answer.accepted, waitedMs: world.pausesMs };
}

describe('a refusal is answered 400 ms after the token came, whatever account it met', () => {
  for (const username of ['enrolled', 'locked', 'barred', 'bare', 'damaged', 'unknown'])
    it.each(['12345678', 'abcde-fghjk'])(`${username}, %s`, async (token) => {
      expect(await judge(username, token, 37)).toEqual({ accepted: false, waitedMs: [363] });
    });

  it('or when the work is done, where that takes longer', async () => {
    expect(await judge('enrolled', '12345678', 450)).toEqual({ accepted: false, waitedMs: [] });
  });
});

it('a right code waits for nothing', async () => {
  expect(await judge('enrolled', rightCode, 37)).toEqual({ accepted: true, waitedMs: [] });
});
