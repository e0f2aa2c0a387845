import type { Appliance, Clock } from '../ports.ts';
import type { Site } from '../system/enforcement.ts';
import { managesSystem } from '../system/machine.ts';
import type { Places } from '../system/types.ts';

/** The machine around the store; what reaches it is loaded when it is used, for most lines never do. */
export function createAppliance(places: Places, clock: Clock): Appliance {
  const manages = managesSystem(places);
  const enforcement = () => import('../system/enforcement.ts');
  const site = async (): Promise<Site> => ({
    places,
    ports: { clock, ...(await import('./machine-ports.ts')).machinePorts },
  });
  return {
    manages,
    async isAccount(username) {
      if (!manages) return true;
      const { ports } = await site();
      return ports.runner.run(['getent', 'passwd', username]).status === 0;
    },
    readClock: async (server) => {
      const { compareClock, readClock } = await import('../system/clock.ts');
      if (server === undefined) return readClock((await site()).ports);
      return compareClock(server, (await import('../node/sntp.ts')).timeServers);
    },
    apply: async (settings, accounts, store) =>
      (await enforcement()).putInForce(await site(), settings, accounts, store),
    switchOff: async () => (await enforcement()).switchOff(await site()),
    tidy: async (settings, accounts) => (await enforcement()).tidyUp(await site(), settings, accounts),
    diff: async (settings, accounts) => (await enforcement()).diffSettings(await site(), settings, accounts),
    summary: async (settings, accounts) => {
      const { expected, enforced, findings } = (await enforcement()).inspect(
        await site(),
        settings,
        accounts,
      );
      return { expected, enforced, findings: findings.map(({ message }) => message) };
    },
  };
}
