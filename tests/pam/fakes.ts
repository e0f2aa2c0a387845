import type { Account } from '../../src/domain/account.ts';
import type { Boot } from '../../src/domain/deadline.ts';
import type { PamPorts } from '../../src/pam/ports.ts';
import type { AuditEntry } from '../../src/ports/store.ts';
import { settingsOn } from '../support/accounts.ts';
import { createMemoryStore, type MemoryStore } from '../support/fake-world.ts';

/** A moment for which RFC 6238 has the code of secretA. */
export const nowMs = 59_000;
export const rightCode = '287082';

/** The world of a sign-in: a store, and what else it can reach or break. */
export type SignInWorld = {
  readonly store: MemoryStore;
  clockMs: number;
  boot: Boot | undefined;
  /** Members by the names of groups. */
  groups: Map<string, readonly string[]>;
  switchError: Error | undefined;
  auditError: Error | undefined;
  /** Everything that happened, in order: what happens to the store, `audit`, `switch`, and the lines written. */
  readonly events: string[];
  readonly audit: AuditEntry[];
  readonly timersStarted: string[];
  readonly pausesMs: number[];
};

export function makeWorld(accounts: readonly Account[] = [], settings = settingsOn): SignInWorld {
  const store = createMemoryStore(settings, accounts);
  return {
    store,
    clockMs: nowMs,
    boot: undefined,
    groups: new Map(),
    switchError: undefined,
    auditError: undefined,
    events: store.events,
    audit: [],
    timersStarted: [],
    pausesMs: [],
  };
}

/** The lines the module opens with. */
export function openingLines(username: string, more: Partial<Record<string, string>> = {}): string[] {
  const values = {
    STATE: '/var/lib/postern',
    USER: username,
    KNOWN: 'yes',
    SERVICE: 'sshd',
    RHOST: '203.0.113.7',
    KEY: 'no',
    ...more,
  };
  return Object.entries(values).map(([word, value]) => `${word} ${value}`);
}

/** Ports over a fake world, with `incoming` as the module's lines; what is written is pushed to `written`. */
export function makePorts(world: SignInWorld, incoming: readonly string[], written: string[] = []): PamPorts {
  let next = 0;
  return {
    lines: {
      read: () => incoming[next++],
      write(line) {
        written.push(line);
        world.events.push(line);
      },
    },
    clock: { nowMs: () => world.clockMs, boot: () => world.boot },
    random: { bytes: (count) => new Uint8Array(count).fill(world.events.length) },
    groupsOf: async (username, groups) =>
      groups.filter((group) => world.groups.get(group)?.includes(username)),
    ownAddresses: async () => ['192.0.2.1', 'fe80::1'],
    timer: {
      elapsedMs: () => 0,
      async pause(milliseconds) {
        world.pausesMs.push(milliseconds);
      },
    },
    openStore: () => world.store,
    keepSwitchOn: async () => {
      if (world.switchError) throw world.switchError;
      world.events.push('switch');
    },
    openAudit: () => ({
      append(entry) {
        if (world.auditError) throw world.auditError;
        world.audit.push(entry);
        world.events.push('audit');
      },
      read: () => world.audit,
    }),
    async startTimers(directory) {
      world.timersStarted.push(directory);
    },
  };
}
