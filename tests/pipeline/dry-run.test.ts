import { chmodSync, cpSync, existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRegistry } from '../../src/commands/registry.ts';
import { renewRecoveryCodes } from '../../src/domain/two-factor/devices.ts';
import { createAccount, renewSecret } from '../../src/domain/two-factor/enrol.ts';
import { checkNewFile, openNewFile } from '../../src/platform/new-file.ts';
import { systemRandom } from '../../src/platform/random.ts';
import type { Prompter } from '../../src/ports/terminal.ts';
import { defineCommand } from '../../src/registry/spec.ts';
import { builtinCommands } from '../../src/shell/builtins.ts';
import { openAuditLog } from '../../src/store/audit.ts';
import { readExportFile } from '../../src/store/read-export.ts';
import { openStore } from '../../src/store/store.ts';
import { createFakeWorld, type FakeWorld, runText } from '../support/fake-world.ts';
import { createRecordingAppliance } from '../support/recording-appliance.ts';
import { listTree, openLab, openReal } from '../support/store-lab.ts';

/*
 * What says that it changes nothing changes nothing: each line runs with --dry-run against a store on the disk and an
 * appliance that writes down whatever would change it.
 */

const lab = openLab();
const { commands } = createRegistry(builtinCommands);
const folder = join(lab.folder, 'machine');
const template = join(lab.folder, 'template');
const directory = join(folder, 'store');
beforeAll(() => prepare(join(template, 'store')));
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(template, folder, { recursive: true });
});
afterAll(() => lab.remove());

/** They show a secret, so they leave a line in the audit log: the only thing that a dry run writes. */
const showingSecrets = ['show_2fa_qr', 'provisioning_uri', 'twofactor_config'];
/** Builtins that a script cannot use. */
const forShellsOnly = new Set(['menu', 'history', '.mode', '.pager', '.qr_mode', 'clear']);

describe('every command of the registry', () => {
  for (const spec of commands) {
    for (const { line } of spec.examples) {
      test(`--dry-run ${line}`, async () => {
        const before = photograph();
        const { world, calls } = openWorld(!line.includes('=-'));
        const typed = line
          .replace('/tmp/', `${folder}/`)
          .replace('create username=ann', 'create username=zoe');
        const ran = await runText(world, typed, { mode: 'json' });
        expect(calls).toEqual([]);
        const shows = showingSecrets.some((word) => line.includes(word));
        expect(photograph()).toEqual(before);
        expect(auditLines()).toBe(shows ? 2 : 1);
        const isRefused = line.includes('confirm_2fa') || line.includes('verify_twofactor');
        const code = forShellsOnly.has(spec.path[0]) ? 2 : isRefused ? 1 : 0;
        expect(ran.code, ran.all).toBe(code);
        if (spec.effect !== 'write' && spec.effect !== 'act') return;
        if (code === 0) expect(JSON.parse(ran.out)).toMatchObject({ dry_run: true });
        expect(ran.all).not.toMatch(/"(secret|provisioning_uri|recovery_codes)":|otpauth:/);
      });
    }
  }
});

const acts: readonly (readonly [line: string, says: string])[] = [
  ['system reboot', 'would restart the machine'],
  ['system shutdown', 'would power the machine off'],
  ['system shell', 'would open a Linux shell'],
  ['account user set_password root password=secret', 'would change the system password of root'],
  ['service stop ssh', 'would stop the SSH service'],
  ['service update ssh enable=false', 'would stop the SSH service from starting at boot'],
  ['system enforcement remove', 'would put back 1 file\n+auth required pam_postern.so'],
  ['system enforcement install', 'would write 1 file, prove the result and reload sshd\n+auth required'],
  [`system config export file=${folder}/x.json`, `without their secrets, to the new file ${folder}`],
  [`account user query > ${folder}/rows`, `would write the answer to the new file ${folder}/rows`],
  [`account user show_2fa_qr ben > ${folder}/qr`, `would write the answer to the new file ${folder}/qr`],
];
describe('says in words what an act would do', () => {
  for (const [line, says] of acts) {
    test(line, async () => {
      const before = photograph();
      const { world } = openWorld();
      const ran = await runText(world, line);
      expect(ran).toMatchObject({ code: 0, out: expect.stringContaining(says) });
      expect(ran.err).toContain('dry run: nothing was changed');
      expect(ran.all).not.toContain('secret=');
      expect(auditLines()).toBe(1);
      expect(photograph()).toEqual(before);
    });
  }
});

const refusals: readonly (readonly [why: string, path: string, code: string])[] = [
  ['the file is there', 'there', 'rule.file_exists'],
  ['its folder is missing', 'nowhere/x', 'rule.file_not_writable'],
  ['its folder is a file', 'there/x', 'rule.file_not_writable'],
  ['its name is too long', 'x'.repeat(300), 'rule.file_not_writable'],
];
describe('refuses a new file by the same words as the real run', () => {
  for (const [why, path, code] of refusals) {
    test(why, async () => {
      writeFileSync(join(folder, 'there'), '');
      for (const line of ['system config export file=', 'account user query > ']) {
        const [dry, real] = [openWorld().world, openWorld(true, false).world];
        const ran = await runText(dry, `${line}${folder}/${path}`);
        expect(ran.err).toContain(code);
        expect(ran).toEqual(await runText(real, `${line}${folder}/${path}`));
      }
    });
  }
});

test('what is missing is not asked for in a dry run', async () => {
  const ran = await runText(openWorld().world, 'account user set_password root');
  expect(ran.err).toContain('bind.missing_parameter');
});

test('where settings are lost, a dry run of the way back in says what would be done', async () => {
  for (const name of ['config.json', 'config.json.last-good']) writeFileSync(join(directory, name), '{');
  const before = photograph();
  const ran = await runText(openWorld().world, 'auth two_factor update enabled=false', { mode: 'json' });
  expect(ran.code, ran.all).toBe(0);
  expect(photograph()).toEqual(before);
});

test('a store that does not exist is not made', async () => {
  rmSync(directory, { recursive: true });
  expect((await runText(openWorld().world, 'account user create ann')).code).toBe(0);
  expect(existsSync(directory)).toBe(false);
});

test('a damaged file is answered from its last good copy and stays damaged, modes and dead locks as they are', async () => {
  writeFileSync(join(directory, 'accounts/ben.json'), '{', { mode: 0o644 });
  writeFileSync(join(directory, 'lock.0123456789ab'), '');
  for (const name of ['', 'accounts']) chmodSync(join(directory, name), 0o777);
  const before = photograph();
  const ran = await runText(openWorld().world, 'account user unset_2fa_secret ben');
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('devices.default') });
  expect(photograph()).toEqual(before);
});

test('an act without an answer for a dry run does not compile', () => {
  // @ts-expect-error: `rehearse` is missing.
  defineCommand({
    path: ['system', 'burn'],
    brief: 'Burn the machine.',
    effect: 'act',
    params: {},
    examples: [{ line: 'system burn', note: '' }],
    run: () => ({ shape: 'text', data: null }),
  });
});

test('what looks at the machine leaves no line in the audit log', async () => {
  for (const { effect, examples } of commands) {
    if (effect !== 'observe') continue;
    for (const { line } of examples) await runText(openWorld(true, false).world, line);
  }
  expect(auditLines()).toBe(1);
});

/** root and ben enrolled, ann known unless a line makes her, and a change that waits to be confirmed. */
async function prepare(directory: string): Promise<void> {
  const order = {
    device: 'default',
    otp_digits: 6,
    interval: 30,
    issuer: 'nas',
    random: systemRandom,
    nowMs: 0,
  };
  const enrolled = ['root', 'ben', 'ann'].map((name) => {
    const { account } = renewSecret(createAccount(name, { admin: name === 'root' }), order);
    const devices = account.devices.map((device) => ({ ...device, confirmed: true }));
    return [name, renewRecoveryCodes({ ...account, devices }, systemRandom).account] as const;
  });
  const store = openReal(directory);
  const settings = store.settings();
  const restore = { ...settings.two_factor, window: 3 };
  const pending = { reason: 'confirm_within', due_ms: Date.UTC(2100, 0, 1), restore } as const;
  await store.withLock(({ save }) =>
    save({ settings: { ...settings, pending }, accounts: new Map(enrolled) }),
  );
  await store.withLock(({ save }) => save({ accounts: new Map([['carl', createAccount('carl')]]) }));
  openAuditLog({ directory, random: systemRandom }).append({
    time: '2026-01-01T00:00:00.000Z',
    actor: 'root',
    from: null,
    line: 'prepared',
    outcome: 'done',
  });
}

/** `isWatched`: whoever asks a question fails. */
function openWorld(isWatched = true, dryRun = true): { world: FakeWorld; calls: readonly string[] } {
  const { appliance, calls } = createRecordingAppliance();
  const store = openStore({ directory, clock, random: systemRandom, hostName: 'nas', isReadOnly: dryRun });
  const base = createFakeWorld({ dryRun, appliance, ...(isWatched ? { prompter: nobody } : {}) });
  base.inputLines.push('correct horse');
  const world: FakeWorld = Object.assign(base, {
    store,
    audit: openAuditLog({ directory, random: systemRandom }),
    openNewFile,
    readExport: (path: string) => readExportFile(path, systemRandom),
    actPorts: {
      ...base.actPorts,
      checkNewFile,
      writeNewFile: (path: string, content: string) => openNewFile(path).write(content),
    },
  });
  return { world, calls };
}

const clock = { nowMs: () => Date.now() };

const nobody: Prompter = {
  confirm: () => Promise.reject(new Error('asked')),
  ask: () => Promise.reject(new Error('asked')),
  say: () => {},
  edit: () => Promise.reject(new Error('asked')),
};

/** Everything but the audit log: content, mode, and when either was changed. */
function photograph(): Readonly<Record<string, string>> {
  const paths = existsSync(directory) ? ['', ...listTree(folder)] : [];
  return Object.fromEntries(
    paths
      .filter((path) => !path.endsWith('audit.jsonl'))
      .map((path) => {
        const entry = lstatSync(join(folder, path));
        const content = entry.isFile() ? readFileSync(join(folder, path), 'base64') : '';
        return [path, `${entry.mode.toString(8)} ${entry.ctimeMs} ${content}`];
      }),
  );
}

function auditLines(): number {
  return readFileSync(join(directory, 'audit.jsonl'), 'utf8').trimEnd().split('\n').length;
}
