import { PosternError } from '../errors.ts';
import type { Appliance } from '../ports/appliance.ts';

/** What looks at the machine in trial mode too. */
export type TrialLooks = Pick<
  Appliance,
  'ownAddresses' | 'readClock' | 'summary' | 'inspect' | 'service' | 'explainSsh'
>;

/**
 * The machine in trial mode: any name is an account, settings have nothing to be put in force in, and what would
 * change the machine throws `permission.trial_mode`.
 */
export function createTrialAppliance(stateDirectory: string, looks: TrialLooks): Appliance {
  const refuse = async (): Promise<never> => {
    throw new PosternError({
      code: 'permission.trial_mode',
      message: `this needs root and the appliance's own store: with the store ${stateDirectory} nothing of the system is touched`,
      hint: 'sudo postern',
    });
  };
  const acts = {
    install: refuse,
    remove: refuse,
    controlService: refuse,
    setStartAtBoot: refuse,
    setPassword: refuse,
    power: refuse,
    openSystemShell: refuse,
  };
  return {
    ...looks,
    ...acts,
    manages: false,
    isAccount: async () => true,
    loginAccounts: async () => [],
    knownGroups: async (groups) => groups,
    groupsOf: async () => [],
    diff: async () => '',
    apply: async (_settings, _accounts, { save }) => {
      save();
      return { warnings: [] };
    },
    switchOff: async () => undefined,
    tidy: async () => ({ warnings: [] }),
    watch: async () => ({ alert: null, outcome: 'done' }),
    test: refuse,
    rehearse: acts,
  };
}
