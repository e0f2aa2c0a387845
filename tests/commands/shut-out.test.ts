import { describe, expect, it } from 'vitest';
import { createFakeWorld, createTrialAppliance, runText } from '../support/fake-world.ts';

const world = (loginAccounts: readonly string[]) =>
  createFakeWorld({ appliance: { ...createTrialAppliance(), loginAccounts: async () => loginAccounts } });
const many = Array.from({ length: 13 }, (_, index) => `user${index}`);

describe('asking everybody for a code', () => {
  const rows = [
    { because: 'nobody is without a device', accounts: [], warns: null },
    {
      because: 'one is',
      accounts: ['bob'],
      warns: /warning.*: bob has no device and cannot sign in over SSH/,
    },
    { because: 'many are', accounts: many, warns: /user0, user1, .*user9 and 3 more have no device/ },
  ];
  it.each(rows)('says whom it shuts out, where $because', async ({ accounts, warns }) => {
    const shutting = world(accounts);
    await runText(shutting, 'auth two_factor update enabled=true services.ssh=true force=true');
    const { code, all } = await runText(shutting, 'auth two_factor update unenrolled=deny');
    expect(code).toBe(0);
    if (warns === null) expect(all).not.toContain('no device');
    else expect(all).toMatch(warns);
    // Said once: who changes something else has been told.
    expect((await runText(shutting, 'auth two_factor update window=3')).all).not.toContain('no device');
  });

  it('says so where codes are turned on while unenrolled=deny stands', async () => {
    const shutting = world(['bob']);
    expect((await runText(shutting, 'auth two_factor update unenrolled=deny')).all).not.toContain(
      'no device',
    );
    const { all } = await runText(
      shutting,
      'auth two_factor update enabled=true services.ssh=true force=true',
    );
    expect(all).toContain('bob has no device');
  });
});
