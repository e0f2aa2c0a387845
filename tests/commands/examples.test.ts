import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { createRegistry } from '../../src/commands/registry.ts';
import type { Account } from '../../src/domain/account.ts';
import { createAccount } from '../../src/domain/two-factor/enrol.ts';
import { makeRecoveryCodes } from '../../src/domain/two-factor/recovery-codes.ts';
import { builtinCommands } from '../../src/shell/builtins.ts';
import { makeDevice, makeRandom, secretB } from '../support/accounts.ts';
import {
  answerSignInTest,
  createFakeWorld,
  createTrialAppliance,
  type FakeWorld,
  fakeNowMs,
  type Ran,
  readExportText,
  runText,
} from '../support/fake-world.ts';

const registry = createRegistry(builtinCommands);

/*
 * What each example answers, to its third line, is in examples.md; `UPDATE_TRANSCRIPTS=1 npm test` writes it there. The
 * rest of an answer is what other tests look at.
 */
const page = new URL('./examples.md', import.meta.url);
const isUpdating = process.env.UPDATE_TRANSCRIPTS === '1';
const shown = readPage(readFileSync(page, 'utf8'));
const answers = new Map<string, string>();

/** Builtins that only a shell can do: a script is told so, which is what is checked of them here. */
const forShellsOnly = new Set(['menu', 'history', '.mode', '.pager', '.qr_mode', 'clear']);

describe('every example of every command runs, and answers what examples.md shows', () => {
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
        answers.set(line, beginningOf(ran));
        if (!isUpdating) expect(beginningOf(ran)).toBe(shown.get(line));
      });
    }
  }

  // The whole file ran, and not one test of it that was picked.
  afterAll(() => {
    if (isUpdating && answers.size > shown.size / 2) writeFileSync(page, writePage());
  });
});

test('examples.md shows no example that is gone', () => {
  const lines = registry.commands.flatMap(({ examples }) => examples.map(({ line }) => line));
  if (!isUpdating) expect([...shown.keys()]).toEqual(lines);
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

function beginningOf({ all, code }: Ran): string {
  const lines = all.trimEnd().split('\n');
  const rest = lines.length > 3 ? ['...'] : [];
  return [...lines.slice(0, 3), ...rest, ...(code === 0 ? [] : [`(exit ${code})`])]
    .map((line) => line.trimEnd())
    .join('\n');
}

/** The answers of the page by the lines typed. */
function readPage(text: string): Map<string, string> {
  const blocks = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return new Map(
    blocks
      .flatMap((block) => block.split(/^\[nas\]> /m).slice(1))
      .map((each) => {
        const [line = '', ...answer] = each.trimEnd().split('\n');
        return [line, answer.join('\n')];
      }),
  );
}

function writePage(): string {
  const blocks = registry.commands.map(({ examples }) =>
    examples.map(({ line }) => `[nas]> ${line}\n${answers.get(line)}`.trimEnd()).join('\n'),
  );
  return [
    '# What the examples of the help answer',
    '',
    'Up to the third line of each answer; every example begins in the same world.',
    ...blocks.filter((block) => block !== '').map((block) => `\n\`\`\`console\n${block}\n\`\`\``),
    '',
  ].join('\n');
}

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
  const enrolled = (account: Account): Account => ({ ...account, devices: [device], recovery_codes });
  accountsNow.set('root', enrolled(accountsNow.get('root') as Account));
  accountsNow.set('ben', enrolled(createAccount('ben')));
  // "account user create" makes ann; every other example finds her.
  if (!line.startsWith('account user create')) accountsNow.set('ann', enrolled(createAccount('ann')));
  return Object.assign(world, {
    readExport: (path: string) => readExportText(readFileSync(path, 'utf8'), path),
  });
}

const device = makeDevice({ secret: secretB, created_ms: fakeNowMs });
// The hashes cost a third of a second, and are the same for every example.
const recovery_codes = makeRecoveryCodes(makeRandom()).hashes;
