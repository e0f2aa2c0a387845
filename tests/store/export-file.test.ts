import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ExportFile } from '../../src/domain/export.ts';
import { createAccount } from '../../src/domain/two-factor/enrol.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { defaultSettings } from '../../src/store/defaults.ts';
import { readExport } from '../../src/store/export-file.ts';
import { readExportFile } from '../../src/store/read-export.ts';
import { openLab } from '../support/store-lab.ts';

const lab = openLab();
afterAll(() => lab.remove());

const top = {
  postern_export: 1,
  exported: '2026-01-01',
  host: 'nas',
  secrets: true,
  settings: defaultSettings('nas'),
};
const many = Array.from({ length: 1000 }, (_, index) => createAccount(`u${index}`));

/** Read in chunks of so many bytes, as a disk gives them. */
function readText(text: string, chunkBytes = 1000): Promise<ExportFile> {
  return readExport(async function* () {
    const bytes = Buffer.from(text);
    for (let start = 0; start < bytes.length; start += chunkBytes) {
      const end = start + chunkBytes;
      yield { bytes: bytes.subarray(start, end), share: Math.min(end / bytes.length, 1) };
    }
  }, 'x.json');
}

async function namesOf(file: ExportFile): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { account } of file.accounts()) names.push(account.username);
  return names;
}

describe('an export is read in parts', () => {
  test.each([1, 7, 1000, 1 << 20])('of %i bytes, whatever they cut through', async (chunkBytes) => {
    const accounts = [createAccount('ann'), createAccount('bär\u{1f600}'), createAccount('zoe')];
    const file = await readText(JSON.stringify({ ...top, accounts }), chunkBytes);
    expect(file).toMatchObject({ host: 'nas', exported: '2026-01-01', secrets: true, count: 3 });
    expect(await namesOf(file)).toEqual(['ann', 'bär\u{1f600}', 'zoe']);
  });

  test('with keys in any order', async () => {
    const file = await readText(JSON.stringify({ accounts: many, ...top }));
    expect(file.count).toBe(1000);
    expect(await namesOf(file)).toEqual(many.map(({ username }) => username));
    await expect(readText(JSON.stringify({ accounts: [{ username: 'ann' }], ...top }))).rejects.toThrow(
      'accounts.0: full_name is missing or wrong',
    );
  });

  test('without secrets', async () => {
    const accounts = [{ username: 'ann', full_name: '', admin: false, locked: true, devices: [] }];
    const file = await readText(JSON.stringify({ ...top, secrets: false, accounts }));
    for await (const imported of file.accounts()) expect(imported.account).toMatchObject({ locked: true });
    await expect(readText(JSON.stringify({ ...top, accounts }))).rejects.toThrow(
      'accounts.0: recovery_codes',
    );
  });
});

test.each([
  [
    'an account in the middle',
    { ...top, accounts: [...many, { ...many[0], username: 'x', locked: 1 }, ...many] },
    'accounts.1000: locked is missing or wrong',
  ],
  ['an account twice', { ...top, accounts: [...many, ...many] }, 'accounts.1000.username is there twice'],
  [
    'a name that none can have',
    { ...top, accounts: [...many, { ...many[0], username: 'a/b' }] },
    "accounts.1000.username holds a '/'",
  ],
  ['no account at all', { ...top, accounts: [null] }, 'accounts.0.username is missing or wrong'],
  ['accounts that are no list', { ...top, accounts: { ann: many[0] } }, 'accounts is missing or wrong'],
  ['accounts that are missing', top, 'accounts is missing or wrong'],
  ['another program', { secrets: true, accounts: [] }, 'postern_export is missing'],
  [
    'a newer Postern',
    { ...top, postern_export: 2, accounts: [{ new: true }] },
    'it was written by a newer Postern',
  ],
  ['no settings', { ...top, settings: undefined, accounts: [] }, 'settings is missing or wrong'],
  ['a list', [1, 2], 'postern_export is missing'],
])('an export is refused for %s', async (_, content, problem) => {
  await expect(readText(JSON.stringify(content))).rejects.toThrow(
    `x.json is not an export that can be imported: ${problem}`,
  );
});

test.each([
  ['that breaks off', (text: string) => text.slice(0, -2)],
  ['with more behind it', (text: string) => `${text} x`],
  ['with a hole', (text: string) => text.replace('"host"', 'host')],
])('JSON %s is none', async (_, spoil) => {
  const text = spoil(JSON.stringify({ ...top, accounts: many }));
  await expect(readText(text)).rejects.toThrow('it is not JSON');
});

describe('a file', () => {
  const path = join(lab.folder, 'export.json');
  const write = (accounts = many) => writeFileSync(path, JSON.stringify({ ...top, accounts }));

  test('that is another one when it is read again is refused', async () => {
    write();
    const file = await readExportFile(path, systemRandom);
    expect(await namesOf(file)).toHaveLength(1000);
    appendFileSync(path, ' ');
    await expect(namesOf(file)).rejects.toMatchObject({ code: 'rule.file_changed' });
  });

  test('that changes while it is read is refused', async () => {
    write();
    const file = await readExportFile(path, systemRandom);
    const read = async () => {
      for await (const _ of file.accounts()) writeFileSync(path, '{}');
    };
    await expect(read()).rejects.toMatchObject({ code: 'rule.file_changed' });
  });

  test('that is not there, or a folder', async () => {
    const none = readExportFile(join(lab.folder, 'none'), systemRandom);
    await expect(none).rejects.toMatchObject({ code: 'not_found.file' });
    const folder = readExportFile(lab.folder, systemRandom);
    await expect(folder).rejects.toMatchObject({ code: 'rule.file_not_readable' });
  });

  test('that is a pipe is kept, however long, and no name of it is left', async () => {
    const pipe = join(lab.folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const accounts = Array.from({ length: 30_000 }, (_, index) => createAccount(`user-number-${index}`));
    write(accounts);
    const writer = spawn('sh', ['-c', 'exec cat "$0" > "$1"', path, pipe], { stdio: 'ignore' });
    const file = await readExportFile(pipe, systemRandom);
    expect(writer.exitCode ?? 0).toBe(0);
    expect(file.count).toBe(30_000);
    expect(await namesOf(file)).toHaveLength(30_000);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('postern-import-'))).toEqual([]);
  });
});
