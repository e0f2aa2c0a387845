import { describe, expect, test } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { readAddress } from '../../src/domain/addresses.ts';
import {
  type AccountState,
  type Answer,
  decide,
  decideByFacts,
  factsOf,
  isAskedByFacts,
  type Rule,
  rules,
  type SignInFacts,
} from '../../src/domain/policy.ts';
import { rememberAddress } from '../../src/domain/remembered.ts';
import type { Settings, TwoFactorSettings } from '../../src/domain/settings.ts';
import { nowMs } from '../pam/fakes.ts';
import { makeAccount, settingsOn } from '../support/accounts.ts';

const stranger = '203.0.113.7';

/** Every exemption there is, so that what comes first shows. */
const everyExemption: Partial<TwoFactorSettings> = {
  exempt_groups: ['backup'],
  exempt_networks: ['203.0.113.0/24'],
  security_keys: true,
  remember: 3600,
};
const everyReason: Partial<SignInFacts> = { groups: ['backup'], by: 'security_key' };

function settingsWith(more: Partial<TwoFactorSettings>): Settings {
  return { ...settingsOn, two_factor: { ...settingsOn.two_factor, ...more } };
}

function signIn(more: Partial<SignInFacts> = {}): SignInFacts {
  return { service: 'ssh', groups: [], from: stranger, by: 'password', ownAddresses: [], nowMs, ...more };
}

const enrolled = makeAccount('ann');
const bare = makeAccount('ben', { devices: [] });
const remembering = remember(enrolled, stranger);

function remember(account: Account, from: string): Account {
  const address = readAddress(from);
  if (!address) throw new Error('a wrong address');
  const salt = new Uint8Array(16);
  return rememberAddress(account, 'default', address, settingsWith({ remember: 3600 }), { nowMs, salt });
}

type Row = readonly [
  why: string,
  settings: Partial<TwoFactorSettings>,
  account: AccountState,
  signIn: Partial<SignInFacts>,
  answer: Answer,
  rule: Rule,
];

describe('the first rule that concerns a sign-in decides', () => {
  const exemptAccount = { ...remembering, exempt: true };
  const table: readonly Row[] = [
    ['nothing is asked while codes are off', { enabled: false }, 'unreadable', {}, 'not_asked', 'off'],
    [
      'nor where the service is off',
      { services: { ssh: false } },
      'unreadable',
      {},
      'not_asked',
      'service_off',
    ],
    ['damage is no exemption', everyExemption, 'unreadable', everyReason, 'refused', 'unreadable_account'],
    ['nor is an unknown name', everyExemption, 'unknown', everyReason, 'refused', 'unknown_account'],
    [
      'a locked account outranks all',
      everyExemption,
      { ...exemptAccount, locked: true },
      everyReason,
      'refused',
      'locked_account',
    ],
    ['an exempt account', everyExemption, exemptAccount, everyReason, 'not_asked', 'exempt_account'],
    ['a group comes before a network', everyExemption, remembering, everyReason, 'not_asked', 'exempt_group'],
    [
      'a network before a key',
      everyExemption,
      remembering,
      { by: 'security_key' },
      'not_asked',
      'exempt_network',
    ],
    [
      'a network before unenrolled=deny',
      { ...everyExemption, unenrolled: 'deny' },
      bare,
      {},
      'not_asked',
      'exempt_network',
    ],
    [
      'a key before an earlier code',
      { ...everyExemption, exempt_networks: [] },
      remembering,
      { by: 'security_key' },
      'not_asked',
      'security_key',
    ],
    [
      'an earlier code',
      { ...everyExemption, exempt_networks: [] },
      remembering,
      {},
      'not_asked',
      'remembered_address',
    ],
    [
      'an earlier code by a plain key',
      { remember: 3600 },
      remembering,
      { by: 'key' },
      'not_asked',
      'remembered_address',
    ],
    ['everybody else with a device', {}, enrolled, {}, 'asked', 'asked'],
    [
      'a device that is not confirmed is one',
      {},
      makeAccount('ann', { devices: enrolled.devices.map((device) => ({ ...device, confirmed: false })) }),
      {},
      'asked',
      'asked',
    ],
    ['no device, allowed', {}, bare, {}, 'not_asked', 'no_device'],
    ['not known to Postern, allowed', {}, undefined, {}, 'not_asked', 'no_device'],
    ['no device, denied', { unenrolled: 'deny' }, bare, {}, 'refused', 'no_device'],
    ['not known to Postern, denied', { unenrolled: 'deny' }, undefined, {}, 'refused', 'no_device'],
    ['no device, enrolled there and then', { unenrolled: 'enroll' }, bare, {}, 'enroll', 'no_device'],
    [
      'a security key does not take the place of a device',
      { unenrolled: 'deny', security_keys: true },
      bare,
      { by: 'security_key' },
      'refused',
      'no_device',
    ],
    ['a plain key is no security key', { security_keys: true }, enrolled, { by: 'key' }, 'asked', 'asked'],
    ['a security key, where it does not count', {}, enrolled, { by: 'security_key' }, 'asked', 'asked'],
    [
      'a group that is not exempt',
      { exempt_groups: ['backup'] },
      enrolled,
      { groups: ['staff'] },
      'asked',
      'asked',
    ],
    [
      'a group in upper case',
      { exempt_groups: ['backup'] },
      enrolled,
      { groups: ['Backup', 'BACKUP'] },
      'asked',
      'asked',
    ],
    [
      'a group with a space behind',
      { exempt_groups: ['backup'] },
      enrolled,
      { groups: ['backup '] },
      'asked',
      'asked',
    ],
    ['an address elsewhere', { exempt_networks: ['10.0.0.0/8'] }, enrolled, {}, 'asked', 'asked'],
    ['no address', { exempt_networks: ['203.0.113.0/24'] }, enrolled, { from: null }, 'asked', 'asked'],
    [
      'a host name',
      { exempt_networks: ['203.0.113.0/24'] },
      enrolled,
      { from: 'host.example' },
      'asked',
      'asked',
    ],
    [
      'a name that begins like an address',
      { exempt_networks: ['203.0.113.0/24'] },
      enrolled,
      { from: '203.0.113.7.example' },
      'asked',
      'asked',
    ],
    [
      'a mapped address',
      { exempt_networks: ['203.0.113.0/24'] },
      enrolled,
      { from: '::ffff:203.0.113.7' },
      'not_asked',
      'exempt_network',
    ],
    [
      'a mapped address in hexadecimal',
      { exempt_networks: ['203.0.113.0/24'] },
      enrolled,
      { from: '::ffff:cb00:7107' },
      'not_asked',
      'exempt_network',
    ],
    [
      'an address of IPv6 in another spelling',
      { exempt_networks: ['2001:db8::/32'] },
      enrolled,
      { from: '2001:0DB8:0:0:0::1' },
      'not_asked',
      'exempt_network',
    ],
    [
      'a link-local address with its zone',
      { exempt_networks: ['fe80::/10'] },
      enrolled,
      { from: 'fe80::1%eth0' },
      'not_asked',
      'exempt_network',
    ],
    [
      'a zone where none can be',
      { exempt_networks: ['10.0.0.0/8'] },
      enrolled,
      { from: '10.0.0.1%eth0' },
      'asked',
      'asked',
    ],
    [
      'octal is no address',
      { exempt_networks: ['10.0.0.0/8'] },
      enrolled,
      { from: '012.0.0.1' },
      'asked',
      'asked',
    ],
    [
      'loopback',
      { exempt_networks: ['127.0.0.0/8', '::1/128'] },
      enrolled,
      { from: '127.0.0.1' },
      'asked',
      'asked',
    ],
    [
      'loopback of IPv6',
      { exempt_networks: ['127.0.0.0/8', '::1/128'] },
      enrolled,
      { from: '::1' },
      'asked',
      'asked',
    ],
    [
      'loopback, mapped',
      { exempt_networks: ['127.0.0.0/8'] },
      enrolled,
      { from: '::ffff:127.0.0.1' },
      'asked',
      'asked',
    ],
    [
      "the machine's own address",
      { exempt_networks: ['10.0.0.0/8'] },
      enrolled,
      { from: '10.0.0.1', ownAddresses: ['10.0.0.1'] },
      'asked',
      'asked',
    ],
    [
      "the machine's own address, mapped",
      { exempt_networks: ['10.0.0.0/8'] },
      enrolled,
      { from: '::ffff:10.0.0.1', ownAddresses: ['10.0.0.1'] },
      'asked',
      'asked',
    ],
    [
      "the machine's own link-local address",
      { exempt_networks: ['fe80::/10'] },
      enrolled,
      { from: 'fe80::1%eth0', ownAddresses: ['fe80::1'] },
      'asked',
      'asked',
    ],
    [
      "the machine's own address, remembered",
      { remember: 3600 },
      remembering,
      { ownAddresses: [stranger] },
      'asked',
      'asked',
    ],
    [
      'a stored network that covers all',
      { exempt_networks: ['0.0.0.0/0', '::/0', '::ffff:0:0/96', 'host.example', ''] },
      enrolled,
      {},
      'asked',
      'asked',
    ],
    ['remembered from elsewhere', { remember: 3600 }, remembering, { from: '203.0.113.8' }, 'asked', 'asked'],
    ['remembered, and nothing is remembered any more', {}, remembering, {}, 'asked', 'asked'],
  ];

  test.each(table)('%s', (_why, settings, account, facts, answer, rule) => {
    expect(decide(settingsWith(settings), account, signIn(facts))).toMatchObject({ answer, rule });
  });

  test('the table meets every rule', () => {
    expect(new Set(table.map((row) => row[5]))).toEqual(new Set(rules));
  });
});

describe('by the account alone', () => {
  test.each<[string, Partial<TwoFactorSettings>, AccountState, Answer, Rule]>([
    ['an enrolled account is asked', everyExemption, remembering, 'asked', 'asked'],
    ['an exempt one is not', {}, { ...enrolled, exempt: true }, 'not_asked', 'exempt_account'],
    ['a locked one is refused', {}, { ...bare, exempt: true, locked: true }, 'refused', 'locked_account'],
    ['one without a device is not asked', {}, bare, 'not_asked', 'no_device'],
    ['a stranger follows unenrolled', { unenrolled: 'deny' }, undefined, 'refused', 'no_device'],
    ['a damaged one is refused', {}, 'unreadable', 'refused', 'unreadable_account'],
  ])('%s', (_why, more, account, answer, rule) => {
    const settings = settingsWith(more);
    const facts = factsOf(account);
    expect(decideByFacts(settings, 'ssh', facts)).toEqual({ answer, rule });
    expect(isAskedByFacts(settings, 'ssh', facts)).toBe(answer !== 'not_asked');
  });
});
