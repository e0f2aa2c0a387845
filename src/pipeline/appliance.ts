import type { Finding } from '../domain/enforcement.ts';
import type { Appliance } from '../ports/appliance.ts';
import type { Clock } from '../ports/machine.ts';
import { managesSystem } from '../system/machine/machine.ts';
import type { Places } from '../system/types.ts';
import { createTrialAppliance, type TrialLooks } from './trial-appliance.ts';

/** The machine around the store. What reaches it is loaded when it is used, for most lines never do. */
export function createAppliance(places: Places, clock: Clock): Appliance {
  const ports = async () => ({ clock, ...(await import('./machine-ports.ts')).machinePorts });
  const enforcement = () => import('../system/enforcement/enforcement.ts');
  const removal = () => import('../system/enforcement/removal.ts');
  const service = () => import('../system/sshd/service.ts');
  const power = () => import('../system/machine/power.ts');
  const site = async () => ({ places, ports: await ports() });
  const looks: TrialLooks = {
    ownAddresses: async () => (await import('../platform/addresses.ts')).listOwnAddresses(),
    readClock: async (server) => {
      const { compareClock, readClock } = await import('../system/machine/clock.ts');
      if (server === undefined) return readClock(await ports());
      return compareClock(server, (await import('../platform/sntp.ts')).timeServers);
    },
    summary: async (settings, accounts) => {
      const { expected, enforced, findings } = (await enforcement()).inspect(
        await site(),
        settings,
        accounts,
      );
      return { expected, enforced, findings: findings.map(describeFinding) };
    },
    inspect: async (settings, accounts) => (await enforcement()).inspect(await site(), settings, accounts),
    service: async () => (await service()).readService(await ports()),
    explainSsh: async (settings) => (await enforcement()).explainSsh(await site(), settings),
  };
  if (!managesSystem(places)) return createTrialAppliance(places.stateDirectory, looks);
  return {
    ...looks,
    manages: true,
    isAccount: async (username) =>
      (await import('../system/machine/machine.ts')).isSystemAccount(await ports(), username),
    loginAccounts: async () =>
      (await import('../system/machine/login-accounts.ts')).findLoginAccounts(await ports()),
    knownGroups: async (names) => {
      const { findGroupNumbers } = await import('../system/machine/groups.ts');
      const known = findGroupNumbers(await ports(), names);
      return names.filter((name) => known.has(name));
    },
    groupsOf: async (username, names) =>
      (await import('../system/machine/groups.ts')).findGroups(await ports(), username, names),
    diff: async (settings, accounts, former) =>
      (await enforcement()).diffSettings(await site(), settings, accounts, former),
    test: async (username) => (await enforcement()).test(await site(), username),
    rehearse: {
      install: async (settings, accounts) =>
        (await enforcement()).rehearseInstall(await site(), settings, accounts),
      remove: async (accounts) => (await removal()).rehearseRemoval(await site(), accounts),
      controlService: async (verb) => (await service()).planControl(verb, await ports()),
      setStartAtBoot: async (enable) => (await service()).planStartAtBoot(enable, await ports()),
      setPassword: async (username, password) =>
        (await power()).checkPassword(await ports(), username, password),
      power: async () => {},
      openSystemShell: async () => {},
    },
    apply: async (settings, accounts, store) =>
      (await enforcement()).putInForce(await site(), settings, accounts, store),
    switchOff: async (settings) => (await enforcement()).switchOff(await site(), settings),
    tidy: async (settings, accounts) => (await enforcement()).tidyUp(await site(), settings, accounts),
    watch: async (settings, accounts) =>
      (await import('../system/watch/watch.ts')).watch(await site(), settings, accounts),
    install: async (settings, accounts) => (await enforcement()).install(await site(), settings, accounts),
    remove: async (accounts) => (await removal()).removeAll(await site(), accounts),
    controlService: async (verb) => (await service()).controlService(verb, await ports()),
    setStartAtBoot: async (enable) => (await service()).setStartAtBoot(enable, await ports()),
    setPassword: async (username, password) => (await power()).setPassword(await ports(), username, password),
    power: async (verb) => (await power()).power(await ports(), verb),
    openSystemShell: async () => (await import('../platform/system-shell.ts')).openSystemShell(),
  };
}

/** A sentence, and what to do. */
function describeFinding({ message, hint }: Finding): string {
  return hint === undefined ? message : `${message}; to mend it: ${hint}`;
}
