import { describe, expect, test } from 'vitest';
import type { Appliance } from '../../src/ports/appliance.ts';
import type { Prompter } from '../../src/ports/terminal.ts';
import { createFakeWorld, runText } from '../support/fake-world.ts';
import { createRecordingAppliance } from '../support/recording-appliance.ts';

/* A rule refuses before a question is asked: nobody types --yes only to hear that it cannot be. */

const rules: readonly (readonly [line: string, code: string])[] = [
  ['account user delete root', 'rule.root_stays'],
  ['system config import file=on.json', 'rule.no_administrator_enrolled'],
  ['service stop ssh', 'permission.trial_mode'],
  ['system reboot', 'permission.trial_mode'],
  ['system shutdown', 'permission.trial_mode'],
  ['system enforcement remove', 'permission.trial_mode'],
];
describe('a rule refuses first', () => {
  for (const [line, code] of rules) {
    test(line, async () => {
      for (const prompter of [undefined, answering(true)]) {
        const world = createFakeWorld(prompter ? { prompter } : {});
        world.files.set('on.json', JSON.stringify(exported(true)));
        expect((await runText(world, line)).err).toContain(code);
        expect(prompter?.asked ?? []).toEqual([]);
      }
    });
  }
});

test('what is done already needs no answer', async () => {
  const trial = createRecordingAppliance().appliance.rehearse;
  const stopped: Partial<Appliance> = { rehearse: { ...trial, controlService: async () => false } };
  const prompter = answering(true);
  const { appliance } = createRecordingAppliance(stopped);
  expect((await runText(createFakeWorld({ prompter, appliance }), 'service stop ssh')).code).toBe(0);
  expect(prompter.asked).toEqual([]);
});

test('no is an answer, and yes is asked for once', async () => {
  for (const answer of [false, true]) {
    const prompter = answering(answer);
    const { appliance, calls } = createRecordingAppliance();
    const ran = await runText(createFakeWorld({ prompter, appliance }), 'system reboot');
    expect(ran.code).toBe(answer ? 0 : 130);
    expect(prompter.asked).toHaveLength(1);
    expect(calls).toEqual(answer ? ['power'] : []);
  }
});

test('an import is read once: what was confirmed is what is imported', async () => {
  const world = createFakeWorld({ prompter: answering(true) });
  let reads = 0;
  world.files.set('off.json', JSON.stringify(exported(false)));
  const { readExport } = world;
  Object.assign(world, {
    readExport: (...args: Parameters<typeof readExport>) => {
      reads += 1;
      return readExport(...args);
    },
  });
  expect((await runText(world, 'system config import file=off.json')).code).toBe(0);
  expect(reads).toBe(1);
});

describe('services={} is not a change', () => {
  test('alone, the line is refused as it is without it', async () => {
    const [empty, bare] = ['auth two_factor update services={}', 'auth two_factor update'];
    const ran = await runText(createFakeWorld(), empty);
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('bind.nothing_to_change') });
    const { err } = await runText(createFakeWorld(), bare);
    expect(ran.err).toBe(err);
  });

  test('beside another change it says nothing', async () => {
    const world = createFakeWorld();
    const ran = await runText(world, 'auth two_factor update window=2 services={}');
    expect(ran).toMatchObject({ code: 0, out: 'window: 1 -> 2\n' });
  });

  test.each(['services={', 'window=2 services={ '])(
    'no hint makes it of an open bracket: %s',
    async (rest) => {
      const { err } = await runText(createFakeWorld(), `auth two_factor update ${rest}`);
      expect(err).toContain('lex.unclosed_bracket');
      expect(err).not.toContain('{}');
    },
  );
});

/** A prompter that confirms, or not, and asks nothing else. */
function answering(answer: boolean): Prompter & { readonly asked: string[] } {
  const asked: string[] = [];
  const never = () => Promise.reject(new Error('asked'));
  return {
    asked,
    confirm: async (statement) => {
      asked.push(statement);
      return answer;
    },
    ask: never,
    say: () => {},
    edit: never,
  };
}

function exported(enabled: boolean) {
  const { settingsNow } = createFakeWorld().store;
  const two_factor = { ...settingsNow.two_factor, enabled, window: 3 };
  const settings = { ...settingsNow, two_factor };
  return { postern_export: 1, exported: 'today', host: 'nas', secrets: false, settings, accounts: [] };
}
