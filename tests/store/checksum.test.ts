import { execFileSync } from 'node:child_process';
import { copyFileSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { isPosternError } from '../../src/errors.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { isIntact, sealDocument } from '../../src/store/checksum.ts';
import { firstAccount } from '../../src/store/defaults.ts';
import { openStore } from '../../src/store/store.ts';
import { openLab, openReal } from '../support/store-lab.ts';

const lab = openLab();
const directory = join(lab.folder, 'store');
const config = join(directory, 'config.json');
const ann = join(directory, 'accounts', 'ann.json');
afterAll(() => lab.remove());

const account: Account = {
  ...firstAccount(),
  username: 'ann',
  full_name: 'Ann É',
  devices: [
    {
      name: 'default',
      secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      otp_digits: 6,
      interval: 30,
      confirmed: true,
      created_ms: 0,
      last_used_step: 59_000_000,
      last_used_ms: 1,
    },
  ],
  recovery_codes: [{ salt: 'c2FsdHNhbHRzYWx0', hash: 'aGFzaGhhc2hoYXNo' }],
};

beforeEach(async () => {
  rmSync(directory, { recursive: true, force: true });
  await openReal(directory).withLock((transaction) =>
    transaction.save({ accounts: new Map([['ann', account]]) }),
  );
});

const edit = (path: string, from: string | RegExp, to: string) => {
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(from);
  writeFileSync(path, text.replace(from, to));
};
const checksumLine = /^ {2}"checksum": "[0-9a-f]{8}",\n/m;

test('the checksum is the CRC-32 of the text without its line, as gzip has it', () => {
  const text = sealDocument({ version: 1, full_name: 'É \u{1f511} \ufffd', list: [{ checksum: 'x' }] });
  const bare = text.replace(checksumLine, '');
  expect(JSON.parse(bare)).toEqual({
    version: 1,
    full_name: 'É \u{1f511} \ufffd',
    list: [{ checksum: 'x' }],
  });
  const crc = gzipSync(bare).readUInt32LE(gzipSync(bare).length - 8);
  expect(text).toContain(`  "checksum": "${crc.toString(16).padStart(8, '0')}",\n`);
});

test.each(['config.json', 'accounts/ann.json'])(
  'every flipped bit of %s that leaves it readable is seen',
  (relative) => {
    const bytes = readFileSync(join(directory, relative));
    const { checksum: _, ...whole } = JSON.parse(bytes.toString('utf8'));
    let looked = 0;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const text = flipped.toString('utf8');
      let value: Record<string, unknown>;
      try {
        value = JSON.parse(text);
      } catch {
        continue;
      }
      looked++;
      // Without the key nothing can be seen, but then the flipped bit is in the key.
      if (isIntact(text, value)) expect(value).toMatchObject(whole);
    }
    expect(looked).toBeGreaterThan(bytes.length);
  },
);

test.each<[what: string, from: string | RegExp, to: string]>([
  ['a secret', 'GEZDGNBV', 'GEZDGNBW'],
  ['the last used step', '59000000', '58000000'],
  ['a salt', 'c2FsdHNhbHR', 'c2FsdHNhbHS'],
  ['a name', '"default"', '"defaulu"'],
  ['whether it is an administrator', '"admin": true', '"admin": false'],
])('%s that changed on the disk is answered from the last good copy, and mended', async (_, from, to) => {
  edit(ann, from, to);
  const store = openReal(directory);
  expect(store.account('ann')).toEqual(account);
  expect(store.takeNotices()).toEqual([
    `${ann} is damaged (it does not match its checksum): using its last good copy; if you edited the file yourself, accept it with: sed -i '/^  "checksum":/d' ${ann}`,
  ]);
  await openReal(directory).withLock((transaction) => transaction.account('ann'));
  const again = openReal(directory);
  expect(again.account('ann')).toEqual(account);
  expect(again.takeNotices()).toEqual([]);
});

test('where both copies changed in different ways, nothing is answered, and the hint works', () => {
  edit(ann, '59000000', '58000000');
  edit(`${ann}.last-good`, '59000000', '57000000');
  let hint = '';
  try {
    openReal(directory).account('ann');
  } catch (error) {
    if (isPosternError(error)) hint = error.problems[0]?.hint ?? '';
  }
  execFileSync('sh', ['-c', hint]);
  expect(openReal(directory).account('ann')?.devices[0]?.last_used_step).toBe(58_000_000);
});

describe('settings edited by hand', () => {
  beforeEach(() => edit(config, '"window": 1', '"window": 3'));

  test('do not count, and it is said how to have them accepted', async () => {
    const store = openReal(directory);
    expect(store.settings().two_factor.window).toBe(1);
    const accept = /accept it with: (.*)$/.exec(store.takeNotices().join())?.[1] ?? 'false';
    execFileSync('sh', ['-c', accept]);
    const after = openReal(directory);
    expect(after.settings().two_factor.window).toBe(3);
    expect(after.takeNotices()).toEqual([]);
    await after.withLock((transaction) => transaction.save({ settings: transaction.settings() }));
    expect(after.settings().two_factor.window).toBe(3);
    expect(readFileSync(config, 'utf8')).toMatch(checksumLine);
  });

  test('are kept beside when a change replaces them, and that is said', async () => {
    const store = openReal(directory);
    await store.withLock((transaction) => transaction.settings());
    expect(store.takeNotices().join('\n')).toMatch(/is replaced; the damaged content is kept beside it/);
    const kept = readdirSync(directory).find((name) => name.startsWith('config.json.damaged-')) ?? '';
    expect(readFileSync(join(directory, kept), 'utf8')).toContain('"window": 3');
  });

  test('stay where they are while people sign in', async () => {
    const store = openStore({
      directory,
      clock: systemClock,
      random: systemRandom,
      hostName: '',
      leavesDamage: true,
    });
    await store.withLock((transaction) => {
      expect(transaction.settings().two_factor.window).toBe(1);
      transaction.save({ accounts: new Map([['ann', { ...account, failures: 1 }]]) });
    });
    expect(readFileSync(config, 'utf8')).toContain('"window": 3');
  });
});

test('a store from before checksums opens, and gets them when it is written', async () => {
  for (const path of [config, ann])
    for (const copy of ['', '.last-good']) edit(path + copy, checksumLine, '');
  const store = openReal(directory);
  expect(store.account('ann')).toEqual(account);
  await store.withLock((transaction) =>
    transaction.save({ accounts: new Map([['ann', { ...account, failures: 1 }]]) }),
  );
  expect(store.takeNotices()).toEqual([]);
  for (const copy of ['', '.last-good']) expect(readFileSync(ann + copy, 'utf8')).toMatch(checksumLine);
});

describe('an older version, which keeps a checksum that it does not know', () => {
  beforeEach(() => edit(ann, '59000000', '59000009'));

  test('has changed both copies: what it wrote counts', async () => {
    copyFileSync(ann, `${ann}.last-good`);
    const store = openReal(directory);
    expect(store.account('ann')?.devices[0]?.last_used_step).toBe(59_000_009);
    await store.withLock((transaction) => transaction.save({ accounts: new Map([['ann', account]]) }));
    expect(store.takeNotices()).toEqual([]);
  });

  test('is not meant where both are one file', () => {
    rmSync(`${ann}.last-good`);
    linkSync(ann, `${ann}.last-good`);
    expect(() => openReal(directory).account('ann')).toThrow(
      expect.objectContaining({ code: 'store.damaged' }),
    );
  });
});

test('a journal that changed on the disk is not followed', () => {
  const text = sealDocument({ version: 1, id: '0123456789ab', put: [], remove: ['accounts/ann.json'] });
  writeFileSync(join(directory, 'journal.json'), text);
  expect(() => openReal(directory).account('ann')).toThrow(
    expect.objectContaining({ code: 'store.damaged' }),
  );
  writeFileSync(join(directory, 'journal.json'), text.replace('0123456789ab', '0123456789aa'));
  const store = openReal(directory);
  expect(store.account('ann')).toEqual(account);
  expect(store.takeNotices().join()).toContain('journal.json is damaged');
});
