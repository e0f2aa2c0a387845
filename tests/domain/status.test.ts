import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { describeStatus } from '../../src/domain/status.ts';
import { makeAccount, settingsOn } from '../support/accounts.ts';

const nowMs = 1_700_000_000_000;
const step = Math.floor(nowMs / 30_000);
const clock = { synchronised: true, by: 'chrony', offset_seconds: 0, source: null, detail: '' } as const;
const enforcement = { expected: true, enforced: true, findings: [] };
const deny = { ...settingsOn, two_factor: { ...settingsOn.two_factor, unenrolled: 'deny' } } as const;
const used = (last_used_step: number | null): Account => {
  const account = makeAccount('ann');
  return { ...account, devices: account.devices.map((device) => ({ ...device, last_used_step })) };
};

describe('who cannot sign in', () => {
  const window = settingsOn.two_factor.window;
  const rows = [
    {
      because: 'an account of the system that Postern does not know is shut out by deny',
      settings: deny,
      accounts: [],
      loginAccounts: ['bob'],
      blocked: [{ username: 'bob', reason: 'no device, and unenrolled=deny' }],
    },
    {
      because: 'it is let in by allow',
      settings: settingsOn,
      accounts: [],
      loginAccounts: ['bob'],
      blocked: [],
    },
    {
      because: 'one that is known is named once',
      settings: deny,
      accounts: [{ name: 'ann', account: { ...makeAccount('ann'), devices: [] } }],
      loginAccounts: ['ann'],
      blocked: [{ username: 'ann', reason: 'no device, and unenrolled=deny' }],
    },
    {
      because: 'a damaged one is damaged, and no stranger',
      settings: deny,
      accounts: [{ name: 'ann', account: undefined, damage: 'ann.json is damaged' }],
      loginAccounts: ['ann'],
      blocked: [{ username: 'ann', reason: 'ann.json is damaged' }],
    },
    {
      because: 'the codes up to an hour ahead are used up',
      settings: settingsOn,
      accounts: [{ name: 'ann', account: used(step + 120) }],
      loginAccounts: [],
      blocked: [
        {
          username: 'ann',
          reason: `the clock was set back: codes are refused until ${new Date((step + 121 - window) * 30_000).toISOString()}`,
        },
      ],
    },
    {
      because: 'a code of the present was used',
      settings: settingsOn,
      accounts: [{ name: 'ann', account: used(step) }],
      loginAccounts: [],
      blocked: [],
    },
    {
      because: 'another device of the account has codes',
      settings: settingsOn,
      accounts: [
        {
          name: 'ann',
          account: { ...used(step + 120), devices: [...used(step + 120).devices, ...used(null).devices] },
        },
      ],
      loginAccounts: [],
      blocked: [],
    },
  ];
  it.each(rows)('is told: $because', ({ settings, accounts, loginAccounts, blocked }) => {
    const status = describeStatus({ settings, accounts, loginAccounts, clock, nowMs, enforcement });
    expect(status.cannot_sign_in).toEqual(blocked);
  });
});
