import { expect, it } from 'vitest';
import { PosternError } from '../../src/errors.ts';
import { runTimers } from '../../src/pipeline/timers.ts';
import { settingsOn } from '../support/accounts.ts';
import { createFakeWorld, createTrialAppliance, fakeNowMs } from '../support/fake-world.ts';

const twoFactorOff = { ...settingsOn.two_factor, enabled: false };

/** A time off that is over, on a machine that refuses to ask for codes again while `isBroken`. */
function overdue(isBroken: boolean) {
  const watched: boolean[] = [];
  const appliance: ReturnType<typeof createTrialAppliance> = {
    ...createTrialAppliance(),
    manages: true,
    apply: async (_settings, _accounts, { save }) => {
      if (isBroken)
        throw new PosternError({ code: 'rule.pam_module_outdated', message: 'it is an older one' });
      save();
      return { warnings: [] };
    },
    watch: async ({ two_factor }) => {
      watched.push(two_factor.enabled);
      return { alert: 'no code is asked for', outcome: 'failed' };
    },
  };
  const world = createFakeWorld({ appliance });
  const pending = { reason: 'for', due_ms: fakeNowMs - 1, restore: settingsOn.two_factor } as const;
  world.store.settingsNow = { ...settingsOn, two_factor: twoFactorOff, pending };
  return { world, watched };
}

it('alerts to codes that could not be turned on again when their time came', async () => {
  const { world, watched } = overdue(true);
  await expect(runTimers('run', world)).rejects.toThrow('it is an older one');
  // It is looked at as the settings are to be now.
  expect(watched).toEqual([true]);
  expect(world.entries).toMatchObject([{ line: '(watch: no code is asked for)', outcome: 'failed' }]);
});

it('says nothing more where they were', async () => {
  const { world, watched } = overdue(false);
  expect(await runTimers('run', world)).toBe(0);
  expect(world.store.settingsNow).toMatchObject({ two_factor: { enabled: true }, pending: null });
  expect(watched).toEqual([]);
});
