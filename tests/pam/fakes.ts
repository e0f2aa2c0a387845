import type { Account, Device } from '../../src/domain/account.ts';
import type { Boot } from '../../src/domain/deadline.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { PosternError } from '../../src/errors.ts';
import type { PamPorts } from '../../src/pam/ports.ts';
import type { AuditEntry, Store, StoreChange, StoreTransaction } from '../../src/ports/store.ts';

/** The secret of RFC 6238 appendix B ("12345678901234567890"). Its code at 59 s is 287082 (8 digits: 94287082). */
export const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
export const nowMs = 59_000;
export const rightCode = '287082';

export const settingsOn: Settings = {
  two_factor: {
    enabled: true,
    services: { ssh: true },
    window: 1,
    otp_digits: 6,
    interval: 30,
    issuer: 'lab',
    unenrolled: 'allow',
    exempt_groups: [],
    exempt_networks: [],
    security_keys: false,
    remember: 0,
  },
  pending: null,
  ssh: { passwordauth: null, rootlogin: null },
};

export function makeDevice(more: Partial<Device> = {}): Device {
  return {
    name: 'default',
    secret,
    otp_digits: 6,
    interval: 30,
    confirmed: true,
    created_ms: 0,
    last_used_step: null,
    last_used_ms: null,
    ...more,
  };
}

export function makeAccount(username: string, more: Partial<Account> = {}): Account {
  return {
    username,
    full_name: '',
    admin: false,
    locked: false,
    devices: [makeDevice()],
    recovery_codes: [],
    failures: 0,
    lockouts: 0,
    locked_until_ms: null,
    ...more,
  };
}

/** What happens in a fake world, and what of it can be broken. */
export type FakeWorld = {
  settings: Settings;
  accounts: Map<string, Account>;
  /** Names whose files are damaged beyond the last good copy. */
  damaged: Set<string>;
  exists: boolean;
  clockMs: number;
  boot: Boot | undefined;
  /** Members by the names of groups. */
  groups: Map<string, readonly string[]>;
  saveError: PosternError | undefined;
  switchError: Error | undefined;
  auditError: Error | undefined;
  /** Everything that happened, in order: `lock`, `save`, `unlock`, `audit`, and the lines written. */
  readonly events: string[];
  readonly audit: AuditEntry[];
  readonly timersStarted: string[];
  readonly pausesMs: number[];
};

export function makeWorld(accounts: readonly Account[] = [], settings = settingsOn): FakeWorld {
  return {
    settings,
    accounts: new Map(accounts.map((account) => [account.username, account])),
    damaged: new Set(),
    exists: true,
    clockMs: nowMs,
    boot: undefined,
    groups: new Map(),
    saveError: undefined,
    switchError: undefined,
    auditError: undefined,
    events: [],
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
export function makePorts(world: FakeWorld, incoming: readonly string[], written: string[] = []): PamPorts {
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
    openStore: () => makeStore(world),
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

function makeStore(world: FakeWorld): Store {
  const readAccount = (username: string) => {
    if (world.damaged.has(username)) {
      throw new PosternError({ code: 'store.damaged', message: `accounts/${username}.json is damaged` });
    }
    return world.accounts.get(username);
  };
  const transaction: StoreTransaction = {
    settings: () => world.settings,
    account: readAccount,
    accountNames: () => [...world.accounts.keys()],
    save(change: StoreChange) {
      if (world.saveError) throw world.saveError;
      world.events.push('save');
      if (change.settings) world.settings = change.settings;
      for (const [name, account] of change.accounts ?? []) {
        if (account) world.accounts.set(name, account);
      }
    },
  };
  return {
    ...transaction,
    directory: '/var/lib/postern',
    exists: () => world.exists,
    stage: () => Promise.reject(new Error('a sign-in stages nothing')),
    async withLock(work) {
      world.events.push('lock');
      try {
        return await work(transaction);
      } finally {
        world.events.push('unlock');
      }
    },
    takeNotices: () => [],
  };
}
