import { describe, expect, it } from 'vitest';
import type { TwoFactorSettings } from '../../src/domain/settings.ts';
import { updateTwoFactor } from '../../src/domain/settings-change.ts';
import { removeDevice, unsetSecrets } from '../../src/domain/two-factor/devices.ts';
import { renewSecret, unlock } from '../../src/domain/two-factor/enrol.ts';
import { runPamHelper } from '../../src/pam/helper.ts';
import { makeAccount, settingsOn } from '../support/accounts.ts';
import { makePorts, makeWorld, nowMs, openingLines, rightCode, type SignInWorld } from './fakes.ts';

const hour = 3_600_000;
const right = `ANSWER ${rightCode}`;
const boot = (id: string, uptimeMs: number) => ({ id, uptimeMs });

function worldWith(more: Partial<TwoFactorSettings>, account = makeAccount('ann')): SignInWorld {
  const world = makeWorld([account], { ...settingsOn, two_factor: { ...settingsOn.two_factor, ...more } });
  world.boot = boot('a', 0);
  return world;
}

/** What the helper says to a sign-in in which nothing, or this, is answered. */
async function signIn(world: SignInWorld, lines: Partial<Record<string, string>> = {}, answer?: string) {
  const written: string[] = [];
  const incoming = [...openingLines('ann', lines), ...(answer === undefined ? [] : [answer])];
  await runPamHelper(makePorts(world, incoming, written));
  return written;
}

const isAsked = async (world: SignInWorld, lines: Partial<Record<string, string>> = {}) =>
  (await signIn(world, lines))[0] === 'PROMPT Verification code: ';

function pass(world: SignInWorld, ms: number) {
  world.clockMs += ms;
  world.boot = boot(world.boot?.id ?? 'a', (world.boot?.uptimeMs ?? 0) + ms);
}

describe('the log says which rule let somebody in without a code', () => {
  it.each<[string, Partial<TwoFactorSettings>, Partial<Record<string, string>>]>([
    ['exempt group backup', { exempt_groups: ['staff', 'backup'] }, {}],
    ['exempt network 203.0.113.0/24', { exempt_networks: ['203.0.113.0/24'] }, {}],
    [
      'exempt network 203.0.113.0/24',
      { exempt_networks: ['203.0.113.0/24'] },
      { RHOST: '::ffff:203.0.113.7' },
    ],
    ['security key', { security_keys: true }, { KEY: 'sk-ssh-ed25519@openssh.com' }],
    ['security key', { security_keys: true }, { KEY: 'sk-ssh-ed25519-cert-v01@openssh.com' }],
    ['security key', { security_keys: true }, { KEY: 'sk-ecdsa-sha2-nistp256@openssh.com' }],
    ['security key', { security_keys: true }, { KEY: 'sk-ecdsa-sha2-nistp256-cert-v01@openssh.com' }],
  ])('%s', async (reason, settings, lines) => {
    const world = worldWith(settings);
    world.groups.set('backup', ['ann']);
    const [log, verdict] = await signIn(world, lines);
    const from = lines.RHOST ?? '203.0.113.7';
    expect(log?.replace(/\\x2f/g, '/')).toBe(`LOG verification skipped for ann from ${from}: ${reason}`);
    expect(verdict).toBe('SKIP');
    expect(world.audit).toMatchObject([{ outcome: 'done', details: { skipped: reason } }]);
  });

  it('exempt account', async () => {
    const world = worldWith({}, makeAccount('ann', { exempt: true }));
    expect(await signIn(world)).toEqual([
      'LOG verification skipped for ann from 203.0.113.7: exempt account',
      'SKIP',
    ]);
  });
});

describe('who is not entitled is asked', () => {
  it.each<[string, Partial<TwoFactorSettings>, Partial<Record<string, string>>]>([
    ['in no exempt group', { exempt_groups: ['backup'] }, {}],
    [
      'a name that the system does not know, in an exempt network',
      { exempt_networks: ['203.0.113.0/24'] },
      { KNOWN: 'no' },
    ],
    ['no address', { exempt_networks: ['203.0.113.0/24'] }, { RHOST: '' }],
    [
      'a host name, where sshd looks them up',
      { exempt_networks: ['203.0.113.0/24'] },
      { RHOST: '203.0.113.7.example' },
    ],
    ["the machine's own address", { exempt_networks: ['192.0.2.0/24'] }, { RHOST: '192.0.2.1' }],
    ['the same by its link', { exempt_networks: ['fe80::/10'] }, { RHOST: 'fe80::1%eth0' }],
    ['loopback', { exempt_networks: ['127.0.0.0/8'] }, { RHOST: '127.0.0.1' }],
    ['a plain key', { security_keys: true }, { KEY: 'ssh-ed25519' }],
    ['a key of which an older module says no more', { security_keys: true }, { KEY: 'yes' }],
    [
      'an algorithm that only begins alike',
      { security_keys: true },
      { KEY: 'sk-ssh-ed25519@openssh.com.example' },
    ],
    ['one of another vendor', { security_keys: true }, { KEY: 'sk-ssh-ed25519@example.com' }],
    ['a password, where keys count', { security_keys: true }, { KEY: 'no' }],
  ])('%s', async (_why, settings, lines) => {
    const world = worldWith(settings);
    world.groups.set('Backup', ['ann']);
    expect(await isAsked(world, lines)).toBe(true);
  });

  it('a locked account, whatever exempts it', async () => {
    const account = makeAccount('ann', { exempt: true, locked: true });
    const written = await signIn(worldWith({ exempt_networks: ['203.0.113.0/24'] }, account), {}, right);
    expect(written).toContain('PROMPT Verification code: ');
    expect(written.at(-1)).toBe('FAIL');
  });

  it('a damaged account in an exempt network', async () => {
    const world = worldWith({ exempt_networks: ['203.0.113.0/24'] });
    world.store.damaged.add('ann');
    expect(await isAsked(world)).toBe(true);
  });
});

describe('a code counts for its address as long as remember says', () => {
  async function remembering(
    more: Partial<TwoFactorSettings> = {},
    lines: Partial<Record<string, string>> = {},
  ) {
    const world = worldWith({ remember: 3600, ...more });
    expect((await signIn(world, lines, right)).at(-1)).toBe('OK');
    return world;
  }
  const change = (world: SignInWorld, more: Parameters<typeof updateTwoFactor>[1]) => {
    world.store.settingsNow = updateTwoFactor(world.store.settingsNow, more, world.clockMs).settings;
  };
  const ann = (world: SignInWorld) => world.store.accountsNow.get('ann') ?? makeAccount('ann');

  it('from there, and from nowhere else', async () => {
    const world = await remembering();
    expect(await isAsked(world)).toBe(false);
    expect(await isAsked(world, { RHOST: '203.0.113.8' })).toBe(true);
    expect(await isAsked(world, { RHOST: '' })).toBe(true);
  });

  it('in whichever spelling the address comes', async () => {
    expect(await isAsked(await remembering(), { RHOST: '::ffff:203.0.113.7' })).toBe(false);
    const six = await remembering({}, { RHOST: '2001:db8::1' });
    expect(await isAsked(six, { RHOST: '2001:0DB8:0:0::0:1' })).toBe(false);
    const link = await remembering({}, { RHOST: 'fe80::2%eth0' });
    expect(await isAsked(link, { RHOST: 'fe80::2%eth0' })).toBe(false);
    expect(await isAsked(link, { RHOST: 'fe80::2%eth1' })).toBe(true);
  });

  it.each(['127.0.0.1', '::1', '192.0.2.1', '::ffff:192.0.2.1', 'host.example', ''])(
    'never for "%s"',
    async (RHOST) => {
      const world = await remembering({}, { RHOST });
      expect(ann(world).remembered_addresses).toBeUndefined();
      expect(await isAsked(world, { RHOST })).toBe(true);
    },
  );

  it('and no longer, however often it was used', async () => {
    const world = await remembering();
    for (let minute = 0; minute < 59; minute += 1) {
      pass(world, 60_000);
      expect(await isAsked(world)).toBe(false);
    }
    pass(world, 60_000);
    expect(await isAsked(world)).toBe(true);
  });

  it('a clock set back makes it no longer', async () => {
    const world = await remembering();
    pass(world, hour);
    world.clockMs = nowMs - hour;
    expect(await isAsked(world)).toBe(true);
    world.boot = boot('b', 60_000);
    expect(await isAsked(world)).toBe(true);
  });

  it('after a boot the wall clock counts', async () => {
    const world = await remembering();
    world.clockMs = nowMs + hour / 2;
    world.boot = boot('b', 60_000);
    expect(await isAsked(world)).toBe(false);
    world.clockMs = nowMs + hour;
    expect(await isAsked(world)).toBe(true);
  });

  it('a shorter time holds at once, and a longer one lengthens nothing', async () => {
    const world = await remembering();
    pass(world, hour / 2);
    change(world, { remember: 60 });
    expect(await isAsked(world)).toBe(true);
    change(world, { remember: 86_400 });
    expect(await isAsked(world)).toBe(false);
    pass(world, hour / 2);
    expect(await isAsked(world)).toBe(true);
  });

  it.each<[string, (world: SignInWorld) => void]>([
    [
      'codes were off in between',
      (world) => {
        change(world, { enabled: false });
        pass(world, 1);
        change(world, { enabled: true });
      },
    ],
    [
      'remember was 0 in between',
      (world) => {
        change(world, { remember: 0 });
        pass(world, 1);
        change(world, { remember: 3600 });
      },
    ],
    ['unlock', (world) => world.store.accountsNow.set('ann', unlock(ann(world)))],
    [
      'unset',
      (world) =>
        world.store.accountsNow.set('ann', {
          ...unsetSecrets(ann(world)),
          devices: makeAccount('ann').devices,
        }),
    ],
    [
      'a device is removed',
      (world) =>
        world.store.accountsNow.set('ann', {
          ...removeDevice(ann(world), 'default'),
          devices: makeAccount('ann').devices,
        }),
    ],
    [
      'a renewed secret, the same one imported',
      (world) => {
        const order = {
          device: 'default',
          secret: ann(world).devices[0]?.secret,
          otp_digits: 6,
          interval: 30,
          issuer: 'lab',
          nowMs,
          random: { bytes: (count: number) => new Uint8Array(count) },
        };
        world.store.accountsNow.set('ann', renewSecret(ann(world), order).account);
      },
    ],
    [
      'another secret in its file',
      (world) => {
        const account = ann(world);
        world.store.accountsNow.set('ann', {
          ...account,
          devices: account.devices.map((device) => ({ ...device, secret: 'A'.repeat(32) })),
        });
      },
    ],
    [
      'the file of another account',
      (world) => world.store.accountsNow.set('ann', { ...ann(world), username: 'ben' }),
    ],
  ])('ends: %s', async (_why, act) => {
    const world = await remembering();
    expect(await isAsked(world)).toBe(false);
    act(world);
    expect(await isAsked(world)).toBe(true);
  });

  it('ends with a lockout', async () => {
    const world = await remembering();
    const elsewhere = { RHOST: '203.0.113.99' };
    for (let round = 0; round < 8; round += 1) {
      expect(await isAsked(world)).toBe(false);
      await signIn(world, elsewhere, 'ANSWER 000000');
    }
    expect(ann(world)).toMatchObject({ lockouts: 1 });
    expect(await isAsked(world)).toBe(true);
    pass(world, hour / 2);
    expect(await isAsked(world)).toBe(true);
  });

  it('keeps the newest 16, none of which shows the address, and one for each address', async () => {
    const world = worldWith({ remember: 3600 }, makeAccount('ann'));
    for (let host = 1; host <= 20; host += 1) {
      world.store.accountsNow.set('ann', { ...ann(world), devices: makeAccount('ann').devices });
      await signIn(world, { RHOST: `203.0.113.${host}` }, right);
    }
    expect(ann(world).remembered_addresses).toHaveLength(16);
    expect(await isAsked(world, { RHOST: '203.0.113.4' })).toBe(true);
    expect(await isAsked(world, { RHOST: '203.0.113.5' })).toBe(false);
    world.store.accountsNow.set('ann', { ...ann(world), devices: makeAccount('ann').devices });
    expect((await signIn(world, { RHOST: '203.0.113.21' }, right)).at(-1)).toBe('OK');
    world.store.accountsNow.set('ann', { ...ann(world), devices: makeAccount('ann').devices });
    expect((await signIn(world, { RHOST: '203.0.113.4' }, right)).at(-1)).toBe('OK');
    expect(new Set(ann(world).remembered_addresses?.map(({ salt }) => salt)).size).toBeGreaterThan(1);
    expect(JSON.stringify(ann(world))).not.toContain('203.0.113');
  });

  it('and the code itself is good once', async () => {
    const world = await remembering();
    expect((await signIn(world, { RHOST: '203.0.113.8' }, right)).at(-1)).toBe('FAIL');
  });

  it('is not granted by a wrong code', async () => {
    const world = worldWith({ remember: 3600 });
    await signIn(world, {}, 'ANSWER 000000');
    expect(await isAsked(world)).toBe(true);
  });
});
