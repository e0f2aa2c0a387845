import { createRegistry } from '../../src/commands/registry.ts';
import type { Account } from '../../src/domain/account.ts';
import type { EnforcementTest } from '../../src/domain/enforcement.ts';
import type { ExportFile } from '../../src/domain/export.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { PosternError } from '../../src/errors.ts';
import type { OutputMode } from '../../src/output/render.ts';
import { runOne } from '../../src/pipeline/script.ts';
import type { Display } from '../../src/pipeline/show.ts';
import { createTrialAppliance as createTrial } from '../../src/pipeline/trial-appliance.ts';
import type { SessionOptions, SessionState, World } from '../../src/pipeline/world.ts';
import type { Appliance } from '../../src/ports/appliance.ts';
import type { AuditEntry, LongWork, Store, StoreTransaction } from '../../src/ports/store.ts';
import { builtinCommands } from '../../src/shell/builtins.ts';
import { createControl } from '../../src/shell/control.ts';
import { describeEnrolment } from '../../src/shell/enrolment/text.ts';
import { defaultSettings, firstAccount } from '../../src/store/defaults.ts';
import { readExport } from '../../src/store/export-file.ts';
import { makeRandom } from './accounts.ts';

export const fakeNowMs = Date.UTC(2026, 0, 15, 12, 0, 10);

/** A store in memory, with the promises of the real one as far as one process can see them, and what can break of it. */
export type MemoryStore = Store & {
  settingsNow: Settings;
  readonly accountsNow: Map<string, Account>;
  /** Names whose files are damaged beyond the last good copy. */
  readonly damaged: Set<string>;
  isThere: boolean;
  saveError: PosternError | undefined;
  /** What happened, in order: `lock`, `save`, `unlock`. */
  readonly events: string[];
};

export function createMemoryStore(
  settings: Settings = defaultSettings('nas'),
  accounts: readonly Account[] = [firstAccount()],
): MemoryStore {
  const transaction: StoreTransaction = {
    settings: () => store.settingsNow,
    account: (username) => {
      if (store.damaged.has(username))
        throw new PosternError({ code: 'store.damaged', message: `accounts/${username}.json is damaged` });
      return store.accountsNow.get(username);
    },
    accountNames: () => [...store.accountsNow.keys()].sort(),
    save(change, beforePut) {
      if (store.saveError) throw store.saveError;
      beforePut?.();
      store.events.push('save');
      if (change.settings) store.settingsNow = change.settings;
      for (const [name, account] of change.accounts ?? []) {
        if (account) store.accountsNow.set(name, account);
        else store.accountsNow.delete(name);
      }
    },
  };
  const store: MemoryStore = {
    settings: transaction.settings,
    account: transaction.account,
    accountNames: transaction.accountNames,
    directory: '/var/lib/postern',
    settingsNow: settings,
    accountsNow: new Map(accounts.map((account) => [account.username, account])),
    damaged: new Set(),
    isThere: true,
    saveError: undefined,
    events: [],
    exists: () => store.isThere,
    stage: () => Promise.reject(new Error('a store in memory stages nothing')),
    takeNotices: () => [],
    async withLock(work) {
      store.events.push('lock');
      try {
        return await work(transaction);
      } finally {
        store.events.push('unlock');
      }
    },
  };
  return store;
}

/** The program's own trial mode, on a machine whose clock is right and where sshd runs. */
export function createTrialAppliance(
  clock: Partial<Awaited<ReturnType<Appliance['readClock']>>> = {},
): Appliance {
  const sshd = { installed: true, running: true, pid: 812 };
  return createTrial('/home/ann/.local/state/postern', {
    ownAddresses: async () => ['192.0.2.1'],
    readClock: async () => ({
      synchronised: true,
      by: 'chrony',
      offset_seconds: 0.001,
      source: '192.0.2.1',
      detail: 'the clock follows 192.0.2.1',
      ...clock,
    }),
    summary: async () => ({ expected: false, enforced: false, findings: [] }),
    inspect: async () => ({
      expected: false,
      enforced: false,
      switch: { state: 'absent', override: 'absent' },
      sshd: { ...sshd, configuration: 'current', detail: 'it has read the present files' },
      watch: { by: null, alert: null },
      findings: [],
    }),
    service: async () => ({ ...sshd, service: 'ssh', enable: true }),
    explainSsh: async () => 'everyone signs in with a password or a public key',
  });
}

/** What a sign-in that is asked for a code answers to `system enforcement test`. */
export async function answerSignInTest(username: string): Promise<EnforcementTest> {
  return {
    username,
    asked_for_code: true,
    let_in_without_code: false,
    code_after_wrong_password: false,
    conversations: [],
  };
}

export type FakeWorld = World & {
  readonly store: MemoryStore;
  readonly entries: AuditEntry[];
  readonly files: Map<string, string>;
  readonly inputLines: string[];
  nowMs: number;
};

/** A world in memory: fixed time, repeatable random bytes, no system; `changed` takes the place of parts of it. */
export function createFakeWorld({
  yes = false,
  dryRun = false,
  ...changed
}: Partial<World & SessionOptions> = {}): FakeWorld {
  const registry = createRegistry(builtinCommands);
  const store = createMemoryStore();
  const entries: AuditEntry[] = [];
  const files = new Map<string, string>();
  const appliance = changed.appliance ?? createTrialAppliance();
  const inputLines: string[] = [];
  const checkNewFile = (path: string) => {
    if (files.has(path))
      throw new PosternError({ code: 'rule.file_exists', message: `${path} is there already` });
    return path;
  };
  const openNewFile = (path: string) => {
    checkNewFile(path);
    files.set(path, '');
    return { write: (text: string) => void files.set(path, text), discard: () => void files.delete(path) };
  };
  const world: FakeWorld = {
    registry,
    store,
    entries,
    files,
    inputLines,
    nowMs: fakeNowMs,
    audit: { append: (entry) => void entries.push(entry), read: () => entries },
    clock: { nowMs: () => world.nowMs },
    random: makeRandom('postern test'),
    hostName: 'nas',
    caller: () => ({ actor: 'root', from: 'tty1' }),
    appliance,
    options: { yes, dryRun },
    prompter: undefined,
    readInputLine: () => inputLines.shift(),
    openNewFile,
    readExport: (path) => readExportText(files.get(path) ?? 'null', path),
    runLong: (work) => work({ step: async () => {}, finish: () => {} }),
    actPorts: {
      appliance,
      checkNewFile,
      writeNewFile: (path, content) => openNewFile(path).write(content),
      program: { version: '0.0.0', node: 'v20', path: '/usr/bin/postern' },
    },
    control: (state) => createControl(state, world, {}),
    ...(changed as Partial<FakeWorld>),
  };
  return world;
}

/** An export as it is read from a file with that text. */
export function readExportText(text: string, path: string, long?: LongWork): Promise<ExportFile> {
  return readExport(
    async function* () {
      yield { bytes: Buffer.from(text), share: 1 };
    },
    path,
    long,
  );
}

export type Ran = { readonly code: number; readonly out: string; readonly err: string; readonly all: string };

/** Runs one line as a script would, and gives back what it printed. */
export async function runText(
  world: World,
  text: string,
  {
    state = { location: [], navigates: true },
    mode = 'table' as OutputMode,
  }: { state?: SessionState; mode?: OutputMode } = {},
): Promise<Ran> {
  let [out, err, all] = ['', '', ''];
  const display: Display = {
    output: () => ({ mode, isTty: false, columns: 0, colours: false, utf8: true }),
    error: { colours: false, columns: undefined, utf8: true },
    writeOut: (more) => {
      out += more;
      all += more;
      return true;
    },
    writeError: (more) => {
      err += more;
      all += more;
      return true;
    },
    drawEnrolment: async (view) =>
      describeEnrolment(view, { isTty: false, requested: 'auto', invert: false }),
  };
  const code = await runOne({ text, location: state.location }, state, world, display);
  return { code, out, err, all };
}
