import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { makeRecoveryCodes } from '../../src/domain/two-factor/recovery-codes.ts';
import { PosternError } from '../../src/errors.ts';
import { runPamHelper } from '../../src/pam/helper.ts';
import { makeAccount, makeDevice, settingsOn } from '../support/accounts.ts';
import { makePorts, makeWorld, nowMs, openingLines, rightCode, type SignInWorld } from './fakes.ts';

const ask = 'PROMPT Verification code: ';
const wrong = 'ANSWER 000000';
const right = `ANSWER ${rightCode}`;
const off = { ...settingsOn, two_factor: { ...settingsOn.two_factor, enabled: false } };
const deny = { ...settingsOn, two_factor: { ...settingsOn.two_factor, unenrolled: 'deny' as const } };

async function signIn(world: SignInWorld, incoming: readonly string[]) {
  const written: string[] = [];
  const exitCode = await runPamHelper(makePorts(world, incoming, written));
  return { exitCode, written, log: written.filter((line) => line.startsWith('LOG ')) };
}

describe('a sign-in of an enrolled account', () => {
  it('uses the code up on the disk before it says OK, and records it', async () => {
    const world = makeWorld([makeAccount('root')]);
    const { exitCode, written } = await signIn(world, [...openingLines('root'), right]);
    expect(exitCode).toBe(0);
    expect(written).toEqual([
      ask,
      'LOG verification accepted for root from 203.0.113.7: code of device default',
      'OK',
    ]);
    expect(world.events.slice(1, 5)).toEqual(['lock', 'audit', 'save', 'unlock']);
    expect(world.store.accountsNow.get('root')?.devices[0]).toMatchObject({
      last_used_step: 1,
      last_used_ms: nowMs,
    });
    expect(world.audit).toEqual([
      {
        time: '1970-01-01T00:00:59.000Z',
        actor: 'root',
        from: '203.0.113.7',
        line: 'sign-in sshd',
        outcome: 'done',
        details: { device: 'default', recovery_code: false },
      },
    ]);
    expect(world.pausesMs).toEqual([]);
  });

  it('takes each code once', async () => {
    const world = makeWorld([makeAccount('root')]);
    await signIn(world, [...openingLines('root'), right]);
    const { log, written } = await signIn(world, [
      ...openingLines('root'),
      right,
      `ANSWER ${rightCode.slice(0, 3)} ${rightCode.slice(3)}`,
    ]);
    expect(written.at(-1)).toBe('FAIL');
    expect(log).toEqual(
      Array(2).fill('LOG verification failed for root from 203.0.113.7: code used already'),
    );
  });

  it('tells the log, and nobody else, that a code was right for another time', async () => {
    const world = makeWorld([makeAccount('root', { devices: [makeDevice({ otp_digits: 8 })] })]);
    // RFC 6238 appendix B: the code at 1111111109 s.
    world.clockMs = 1_111_111_109_000 - 120_000;
    expect((await signIn(world, [...openingLines('root'), 'ANSWER 07081804'])).log).toEqual([
      'LOG verification failed for root from 203.0.113.7: wrong code, right for a clock 120 s ahead',
    ]);
  });

  it('takes a recovery code in its place, once', async () => {
    const { codes, hashes } = makeRecoveryCodes({
      bytes: (count) => new Uint8Array(count).map((_, index) => index * 7),
    });
    const world = makeWorld([makeAccount('root', { recovery_codes: hashes.slice(0, 1) })]);
    const typed = `ANSWER ${codes[0]?.toUpperCase()}`;
    expect((await signIn(world, [...openingLines('root'), typed])).log).toEqual([
      'LOG verification accepted for root from 203.0.113.7: recovery code, 0 left',
    ]);
    expect((await signIn(world, [...openingLines('root'), typed])).written.at(-1)).toBe('FAIL');
  });

  it('counts wrong codes, locks at the eighth, and then refuses the right one', async () => {
    const world = makeWorld([makeAccount('root')]);
    for (let round = 0; round < 4; round += 1) await signIn(world, [...openingLines('root'), wrong, wrong]);
    expect(world.store.accountsNow.get('root')).toMatchObject({ failures: 0, lockouts: 1 });
    expect(world.audit.at(-1)).toMatchObject({ outcome: 'refused', code: 'code.wrong' });
    const { written } = await signIn(world, [...openingLines('root'), right, right]);
    const log = 'LOG verification failed for root from 203.0.113.7: locked until 1970-01-01T00:15:59.000Z';
    expect(written).toEqual([ask, log, ask, log, 'FAIL']);
  });

  it('is denied when the code cannot be stored as used', async () => {
    const world = makeWorld([makeAccount('root')]);
    world.store.saveError = new PosternError({ code: 'store.full', message: 'the disk is full' });
    const { exitCode, written } = await signIn(world, [...openingLines('root'), right]);
    expect(exitCode).toBe(1);
    expect(written).toEqual([
      ask,
      'LOG verification impossible for root from 203.0.113.7: store.full: the disk is full',
      ask,
      'FAIL',
    ]);
    expect(world.audit).toMatchObject([{ outcome: 'failed', code: 'store.full' }]);
  });

  it('is let in when only the audit log cannot be written', async () => {
    const world = makeWorld([makeAccount('root')]);
    world.auditError = new Error('ENOSPC');
    expect((await signIn(world, [...openingLines('root'), right])).written.at(-1)).toBe('OK');
  });
});

describe('who is not asked', () => {
  const pass = (reason: string, name = 'bob') => [
    `LOG verification skipped for ${name} from 203.0.113.7: ${reason}`,
    'SKIP',
  ];

  it.each<[string, SignInWorld, string[]]>([
    [
      'nobody, while it is off',
      makeWorld([makeAccount('bob')], off),
      pass('two-factor authentication is off'),
    ],
    [
      'nobody, while SSH is left out',
      makeWorld([makeAccount('bob')], {
        ...settingsOn,
        two_factor: { ...settingsOn.two_factor, services: { ssh: false } },
      }),
      pass('codes are off for this service'),
    ],
    [
      'an account without a device',
      makeWorld([makeAccount('bob', { devices: [] })]),
      pass('the account has no device'),
    ],
    ['a system account that Postern has never met', makeWorld(), pass('the account has no device')],
  ])('%s', async (_, world, expected) => {
    const { exitCode, written } = await signIn(world, openingLines('bob'));
    expect(exitCode).toBe(0);
    expect(written).toEqual(expected);
    expect(world.audit).toHaveLength(1);
  });
});

describe('who is asked and cannot get in', () => {
  const broken = makeWorld([makeAccount('bob')]);
  broken.store.damaged.add('bob');
  const gone = makeWorld([makeAccount('bob')]);
  gone.store.isThere = false;

  it.each<[string, SignInWorld, Record<string, string>, string]>([
    [
      'an account without a device, unenrolled=deny',
      makeWorld([makeAccount('bob', { devices: [] })], deny),
      {},
      'failed for bob from 203.0.113.7: no device enrolled',
    ],
    [
      'an account Postern does not know, unenrolled=deny',
      makeWorld([], deny),
      {},
      'failed for bob from 203.0.113.7: no device enrolled',
    ],
    [
      'a name the system does not know',
      makeWorld(),
      { KNOWN: 'no' },
      'failed for bob from 203.0.113.7: no device enrolled',
    ],
    [
      'an account locked by an administrator',
      makeWorld([makeAccount('bob', { locked: true })]),
      {},
      'failed for bob from 203.0.113.7: locked',
    ],
    [
      'a locked account without a device',
      makeWorld([makeAccount('bob', { locked: true, devices: [] })]),
      {},
      'failed for bob from 203.0.113.7: locked',
    ],
    [
      'an account whose codes are locked',
      makeWorld([makeAccount('bob', { locked_until_ms: nowMs + 1, lockouts: 1 })]),
      {},
      'failed for bob from 203.0.113.7: locked until 1970-01-01T00:00:59.001Z',
    ],
    [
      'an account whose file is damaged',
      broken,
      {},
      'impossible for bob from 203.0.113.7: store.damaged: accounts/bob.json is damaged',
    ],
    [
      'anybody, when the store is gone',
      gone,
      {},
      'impossible for bob from 203.0.113.7: store.missing: there is no store in \\x2fvar\\x2flib\\x2fpostern',
    ],
  ])('%s', async (_, world, more, reason) => {
    const { exitCode, written } = await signIn(world, [...openingLines('bob', more), right, right]);
    const log = `LOG verification ${reason}`;
    expect(exitCode).toBe(1);
    expect(written).toEqual([ask, log, ask, log, 'FAIL']);
    expect(world.pausesMs).toEqual([400, 400]);
    expect(world.events).not.toContain('save');
  });

  it('makes no store where there is none', async () => {
    await signIn(gone, [...openingLines('bob'), right]);
    expect(gone.events.filter((event) => ['lock', 'audit'].includes(event))).toEqual([]);
  });
});

describe('timers', () => {
  const offLater = { reason: 'confirm_within' as const, due_ms: nowMs + 1, restore: off.two_factor };
  const admin = (more: Partial<Account> = {}) => makeAccount('root', { admin: true, ...more });

  it('one that is due is followed, and left to the process for it', async () => {
    const settings = { ...settingsOn, pending: { ...offLater, due_ms: nowMs } };
    const world = makeWorld([admin()], settings);
    expect((await signIn(world, openingLines('root'))).written.at(-1)).toBe('SKIP');
    expect(world.timersStarted).toEqual(['/var/lib/postern']);
    expect(world.store.settingsNow).toBe(settings);
  });

  it('one that is due while the code is typed changes nothing for this sign-in', async () => {
    const world = makeWorld([admin()], { ...settingsOn, pending: offLater });
    const ports = makePorts(world, [...openingLines('root'), right]);
    const { read } = ports.lines;
    const lines = {
      ...ports.lines,
      read: () => {
        const line = read();
        if (line === right) world.clockMs += 1;
        return line;
      },
    };
    expect(await runPamHelper({ ...ports, lines })).toBe(0);
    expect(world.store.settingsNow.pending).toEqual(offLater);
  });

  it.each<[string, Account, string, 'confirm_within' | 'for', boolean]>([
    ['an administrator with a code keeps the change', admin(), right, 'confirm_within', true],
    ['somebody else does not', makeAccount('root'), right, 'confirm_within', false],
    ['a wrong code does not', admin(), wrong, 'confirm_within', false],
    ['nothing keeps what was switched for a time', admin(), right, 'for', false],
  ])('%s', async (_, account, answer, reason, isKept) => {
    const world = makeWorld([account], { ...settingsOn, pending: { ...offLater, reason } });
    await signIn(world, [...openingLines('root'), answer]);
    expect(world.store.settingsNow.pending === null).toBe(isKept);
    expect(world.store.settingsNow.two_factor.enabled).toBe(true);
    // Else the switch would end by itself what was confirmed.
    const order = world.events.filter((event) => event === 'switch' || event === 'save');
    expect(order.join()).toBe(isKept ? 'switch,save' : order.filter((event) => event === 'save').join());
  });

  it('a change is not kept, and the code not taken, where the switch would end it all the same', async () => {
    const world = makeWorld([admin()], { ...settingsOn, pending: offLater });
    world.switchError = new Error('EROFS: read-only file system');
    expect((await signIn(world, [...openingLines('root'), right])).written.at(-1)).toBe('FAIL');
    expect(world.store.settingsNow.pending).toEqual(offLater);
    expect(world.store.accountsNow.get('root')?.devices[0]?.last_used_step).toBeNull();
  });

  it.each([
    ['set back within the boot: it is due by how long the boot has lasted', 'boot', 60_000, -3_600_000, true],
    ['set forward within the boot: it is not due', 'boot', 59_000, 3_600_000, false],
    ['of another boot: it is due', 'other', 1_000, 60_000, true],
    ['of another boot: it is not due yet', 'other', 1_000, 59_000, false],
    ['of another boot, and set back: it is due, for it cannot be believed', 'other', 1_000, -3_600_000, true],
  ])('the clock is %s', async (_, id, uptimeMs, aheadMs, isDue) => {
    const deadline = { due_ms: nowMs + 60_000, boot_id: 'boot', due_uptime_ms: 60_000, duration_ms: 60_000 };
    const world = makeWorld([admin()], { ...settingsOn, pending: { ...offLater, ...deadline } });
    const ports = makePorts(world, openingLines('root'));
    const clock = { nowMs: () => nowMs + aheadMs, boot: () => ({ id, uptimeMs }) };
    await runPamHelper({ ...ports, clock });
    expect(world.events.includes('SKIP')).toBe(isDue);
  });
});
