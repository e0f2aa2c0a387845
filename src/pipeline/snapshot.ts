import { settleTimers } from '../domain/timers.ts';
import type { StoreReader } from '../ports/store.ts';
import type { Snapshot } from '../registry/spec.ts';
import { defaultSettings } from '../store/defaults.ts';
import type { World } from './world.ts';

/** The appliance as it is now, with timers that are due counted as done. */
export function takeSnapshot(world: World, reader: StoreReader): Snapshot {
  const nowMs = world.clock.nowMs();
  let settings: ReturnType<StoreReader['settings']> | undefined;
  return {
    nowMs,
    get boot() {
      return world.clock.boot?.();
    },
    random: world.random,
    hostName: world.hostName,
    stateDirectory: world.store.directory,
    get settings() {
      settings ??= settleTimers(reader.settings(), nowMs, world.clock.boot);
      return settings;
    },
    defaultSettings: defaultSettings(world.hostName),
    account: (username) => reader.account(username),
    accountNames: (mayBe) => reader.accountNames(mayBe),
    isSystemAccount: (username) => world.appliance.isAccount(username),
    loginAccounts: () => world.appliance.loginAccounts(),
    knownGroups: (groups) => world.appliance.knownGroups(groups),
    auditEntries: () => world.audit.read(),
    readExport: (path) => world.runLong((long) => world.readExport(path, long)),
    clock: () => world.appliance.readClock(),
  };
}
