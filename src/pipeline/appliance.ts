import { PosternError } from '../errors.ts';
import type { JsonObject } from '../output/view.ts';
import type { Appliance, Clock } from '../ports.ts';
import { managesSystem } from '../system/machine/machine.ts';
import type { Finding, Places } from '../system/types.ts';

/** The machine around the store. What reaches it is loaded when it is used, for most lines never do. */
export function createAppliance(places: Places, clock: Clock): Appliance {
  const manages = managesSystem(places);
  const enforcement = () => import('../system/enforcement/enforcement.ts');
  const service = () => import('../system/sshd/service.ts');
  const ports = async () => ({ clock, ...(await import('./machine-ports.ts')).machinePorts });
  const site = async () => ({ places, ports: await ports() });
  const managed = async () => {
    if (manages) return site();
    throw new PosternError({
      code: 'permission.trial_mode',
      message: `this needs root and the appliance's own store: with the store ${places.stateDirectory} nothing of the system is touched`,
      hint: 'sudo postern',
    });
  };
  return {
    manages,
    async isAccount(username) {
      if (!manages) return true;
      const { isSystemAccount } = await import('../system/machine/machine.ts');
      return isSystemAccount(await ports(), username);
    },
    loginAccounts: async () =>
      manages ? (await import('../system/machine/login-accounts.ts')).findLoginAccounts(await ports()) : [],
    knownGroups: async (names) => {
      if (!manages) return names;
      const { findGroupNumbers } = await import('../system/machine/groups.ts');
      const known = findGroupNumbers(await ports(), names);
      return names.filter((name) => known.has(name));
    },
    groupsOf: async (username, names) =>
      manages ? (await import('../system/machine/groups.ts')).findGroups(await ports(), username, names) : [],
    ownAddresses: async () => (await import('../platform/addresses.ts')).listOwnAddresses(),
    readClock: async (server) => {
      const { compareClock, readClock } = await import('../system/machine/clock.ts');
      if (server === undefined) return readClock(await ports());
      return compareClock(server, (await import('../platform/sntp.ts')).timeServers);
    },
    apply: async (settings, accounts, store) =>
      (await enforcement()).putInForce(await managed(), settings, accounts, store),
    switchOff: async (settings) => (await enforcement()).switchOff(await managed(), settings),
    tidy: async (settings, accounts) => (await enforcement()).tidyUp(await managed(), settings, accounts),
    diff: async (settings, accounts, former) =>
      (await enforcement()).diffSettings(await managed(), settings, accounts, former),
    summary: async (settings, accounts) => {
      const { expected, enforced, findings } = (await enforcement()).inspect(
        await site(),
        settings,
        accounts,
      );
      return { expected, enforced, findings: findings.map(sayFinding) };
    },
    inspect: async (settings, accounts) =>
      (await enforcement()).inspect(await site(), settings, accounts) as unknown as JsonObject,
    install: async (settings, accounts) => (await enforcement()).install(await managed(), settings, accounts),
    watch: async (settings, accounts) =>
      (await import('../system/watch/watch.ts')).watch(await managed(), settings, accounts),
    remove: async (accounts) =>
      (await import('../system/enforcement/removal.ts')).removeAll(await managed(), accounts),
    test: async (username) => (await enforcement()).test(await managed(), username) as unknown as JsonObject,
    service: async () => (await service()).readService(await ports()) as unknown as JsonObject,
    rehearse: {
      install: async (settings, accounts) =>
        (await enforcement()).rehearseInstall(await managed(), settings, accounts),
      remove: async (accounts) =>
        (await import('../system/enforcement/removal.ts')).rehearseRemoval(await managed(), accounts),
      controlService: async (verb) => (await service()).planControl(verb, (await managed()).ports),
      setStartAtBoot: async (enable) => (await service()).planStartAtBoot(enable, (await managed()).ports),
      setPassword: async (username, password) =>
        (await import('../system/machine/power.ts')).checkPassword(
          (await managed()).ports,
          username,
          password,
        ),
      power: async () => void (await managed()),
      openSystemShell: async () => void (await managed()),
    },
    controlService: async (verb) => (await service()).controlService(verb, (await managed()).ports),
    setStartAtBoot: async (enable) => (await service()).setStartAtBoot(enable, (await managed()).ports),
    explainSsh: async (settings) => (await enforcement()).explainSsh(await site(), settings),
    setPassword: async (username, password) =>
      (await import('../system/machine/power.ts')).setPassword((await managed()).ports, username, password),
    power: async (verb) => (await import('../system/machine/power.ts')).power((await managed()).ports, verb),
    openSystemShell: async () => {
      await managed();
      return (await import('../platform/system-shell.ts')).openSystemShell();
    },
  };
}

/** A sentence, and what to do. */
function sayFinding({ message, hint }: Finding): string {
  return hint === undefined ? message : `${message}; to mend it: ${hint}`;
}
