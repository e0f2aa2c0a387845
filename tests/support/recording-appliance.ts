import type { Appliance, ApplianceView } from '../../src/ports/appliance.ts';
import { answerSignInTest, createTrialAppliance } from './fake-world.ts';

/** Everything of an appliance that only looks. */
const looks: Readonly<Record<keyof ApplianceView, true>> = {
  manages: true,
  isAccount: true,
  loginAccounts: true,
  knownGroups: true,
  groupsOf: true,
  ownAddresses: true,
  readClock: true,
  diff: true,
  summary: true,
  inspect: true,
  test: true,
  service: true,
  explainSsh: true,
  rehearse: true,
};

/** A managed appliance that writes down each call of what changes it, by name, and does nothing. */
export function createRecordingAppliance(changed: Partial<Appliance> = {}): {
  readonly appliance: Appliance;
  readonly calls: string[];
} {
  const calls: string[] = [];
  const files = { changed: ['/etc/pam.d/sshd'], diff: '+auth required pam_postern.so\n', warnings: [] };
  const looking: Appliance = {
    ...createTrialAppliance(),
    manages: true,
    diff: async () => '',
    test: answerSignInTest,
    rehearse: {
      install: async () => files,
      remove: async () => files,
      controlService: async () => true,
      setStartAtBoot: async () => true,
      setPassword: async () => {},
      power: async () => {},
      openSystemShell: async () => {},
    },
    ...changed,
  };
  const answers: Readonly<Record<string, unknown>> = {
    apply: { warnings: [] },
    switchOff: { warnings: [], until: 'changed', wasAsking: true },
    tidy: { warnings: [] },
    install: { changed: [], sshd: 'reloaded', warnings: [] },
    remove: { changed: [], sshd: 'reloaded', warnings: [] },
    controlService: true,
    setStartAtBoot: true,
    openSystemShell: 0,
  };
  const appliance = new Proxy(looking, {
    get(target, name, receiver) {
      if (name in looks) return Reflect.get(target, name, receiver);
      return async () => {
        calls.push(String(name));
        return answers[String(name)];
      };
    },
  });
  return { appliance, calls };
}
