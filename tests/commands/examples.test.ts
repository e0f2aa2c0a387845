import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRegistry } from '../../src/commands/registry.ts';
import type { Account, Device } from '../../src/domain/account.ts';
import { renewRecoveryCodes } from '../../src/domain/two-factor/devices.ts';
import { createAccount } from '../../src/domain/two-factor/enrol.ts';
import { builtinCommands } from '../../src/shell/builtins.ts';
import {
  answerSignInTest,
  createFakeWorld,
  createTrialAppliance,
  type FakeWorld,
  fakeNowMs,
  readExportText,
  runText,
} from '../support/fake-world.ts';

const registry = createRegistry(builtinCommands);

/** Builtins that only a shell can do: a script is told so, which is what is checked of them here. */
const forShellsOnly = new Set(['menu', 'history', '.mode', '.pager', '.qr_mode', 'clear']);

describe('every example of every command runs', () => {
  for (const spec of registry.commands) {
    for (const { line } of spec.examples) {
      test(line, async () => {
        const world = prepare(line);
        world.inputLines.push('correct horse');
        const ran = await runText(world, line);
        const expected = forShellsOnly.has(spec.path[0])
          ? 2
          : line.includes('confirm_2fa') || line.includes('verify_twofactor')
            ? 1
            : 0;
        expect(ran.code, ran.all).toBe(expected);
        // A code that somebody made up for an example is refused, and nothing but that.
        if (expected === 1) expect(ran.all).toMatch(/code\.wrong|^wrong code/);
      });
    }
  }
});

test('every command has a brief that is a sentence', () => {
  for (const { path, brief } of registry.commands) expect(brief, path.join(' ')).toMatch(/^[A-Z].*\.$/);
});

test('every namespace has a brief', () => {
  const missing: string[] = [];
  const walk = (namespace: typeof registry.root) => {
    if (namespace.path.length > 0 && namespace.brief === '') missing.push(namespace.path.join(' '));
    for (const inner of namespace.namespaces.values()) walk(inner);
  };
  walk(registry.root);
  expect(missing).toEqual([]);
});

/** root enrolled, two more accounts, a change that waits to be confirmed, and everything done at once. */
function prepare(line: string): FakeWorld {
  const done = async () => ({ changed: ['/etc/pam.d/sshd'], sshd: 'reloaded' as const, warnings: [] });
  const nothing = async () => {};
  const world = createFakeWorld({
    yes: true,
    appliance: {
      ...createTrialAppliance(),
      install: done,
      remove: done,
      test: answerSignInTest,
      controlService: async () => true,
      setStartAtBoot: async () => true,
      setPassword: nothing,
      power: nothing,
      openSystemShell: async () => 0,
    },
  });
  const { settingsNow, accountsNow } = world.store;
  world.store.settingsNow = {
    ...settingsNow,
    pending: {
      reason: 'confirm_within',
      due_ms: fakeNowMs + 60_000,
      restore: { ...settingsNow.two_factor, window: 3 },
    },
  };
  const enrolled = (account: Account): Account =>
    renewRecoveryCodes({ ...account, devices: [device] }, world.random).account;
  accountsNow.set('root', enrolled(accountsNow.get('root') as Account));
  accountsNow.set('ben', enrolled(createAccount('ben')));
  // "account user create" makes ann; every other example finds her.
  if (!line.startsWith('account user create')) accountsNow.set('ann', enrolled(createAccount('ann')));
  return Object.assign(world, {
    readExport: (path: string) => readExportText(readFileSync(path, 'utf8'), path),
  });
}

const device: Device = {
  name: 'default',
  secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  otp_digits: 6,
  interval: 30,
  confirmed: true,
  created_ms: fakeNowMs,
  last_used_step: null,
  last_used_ms: null,
};
