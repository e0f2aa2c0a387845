import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { createRegistry } from '../../src/commands/registry.ts';
import type { Account } from '../../src/domain/account.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { exitCodeOf, isPosternError } from '../../src/errors.ts';
import type { LineResult } from '../../src/pipeline/run-line.ts';
import type { World } from '../../src/pipeline/world.ts';
import type { AuditEntry, StoreChange } from '../../src/ports/store.ts';
import type { Prompter, Question } from '../../src/ports/terminal.ts';
import type { TerminalAnswers } from '../../src/qr/facts.ts';
import { builtinCommands } from '../../src/shell/builtins.ts';
import { createControl } from '../../src/shell/control.ts';
import type { ShellIo } from '../../src/shell/io.ts';
import { defaultSettings, firstAccount } from '../../src/store/defaults.ts';
import { createTrialAppliance } from './fake-world.ts';

/** A world in memory, in trial mode, whose clock stands at 2026-01-02 03:04:05 UTC. */
export type FakeWorld = World & {
  settings: Settings;
  readonly accounts: Map<string, Account>;
  readonly entries: AuditEntry[];
};

export function createFakeWorld(changed: Partial<World> = {}): FakeWorld {
  const hostName = 'nas';
  const accounts = new Map<string, Account>([['root', firstAccount()]]);
  const entries: AuditEntry[] = [];
  const reads = {
    settings: () => world.settings,
    account: (username: string) => accounts.get(username),
    accountNames: () => [...accounts.keys()].sort(),
  };
  const save = ({ settings, accounts: changes }: StoreChange) => {
    if (settings) world.settings = settings;
    for (const [name, account] of changes ?? []) {
      if (account) accounts.set(name, account);
      else accounts.delete(name);
    }
  };
  const notUsed = () => {
    throw new Error('not used by these tests');
  };
  const world: FakeWorld = {
    settings: defaultSettings(hostName),
    accounts,
    entries,
    registry: createRegistry(builtinCommands),
    store: {
      ...reads,
      directory: '/nowhere',
      exists: () => true,
      withLock: async (work) => work({ ...reads, save }),
      stage: notUsed,
      takeNotices: () => [],
    },
    audit: { append: (entry) => void entries.push(entry), read: () => entries },
    clock: { nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5) },
    random: { bytes: (count) => Uint8Array.from({ length: count }, (_, index) => (index * 37 + 11) % 256) },
    hostName,
    caller: () => ({ actor: 'tester', from: null }),
    appliance: createTrialAppliance({ offset_seconds: 0, source: null, detail: 'right' }),
    options: { yes: false, dryRun: false },
    prompter: undefined,
    readInputLine: () => undefined,
    openNewFile: notUsed,
    readExport: notUsed,
    runLong: notUsed,
    actPorts: { program: { version: '0', node: 'v0', path: '/nowhere' }, writeNewFile: notUsed } as never,
    control: (state) => createControl(state, world, {}),
    ...changed,
  };
  return world;
}

/** Answers questions from a list, and keeps what was asked. An answer that the question refuses is a wrong one. */
export function createFakePrompter(
  answers: readonly string[],
): Prompter & { readonly asked: Question[]; readonly refused: string[]; readonly said: string[] } {
  const left = [...answers];
  const asked: Question[] = [];
  const refused: string[] = [];
  const said: string[] = [];
  return {
    asked,
    refused,
    said,
    say: (text) => void said.push(text),
    confirm: async (statement) => {
      asked.push({ message: statement });
      return left.shift() === 'y';
    },
    ask: async (question) => {
      asked.push(question);
      for (;;) {
        const typed = left.shift();
        if (typed === undefined) throw new Error(`nothing left to answer ${question.message}`);
        const answer = typed === '' ? (question.initial ?? '') : typed;
        const wrong = question.check?.(answer);
        if (wrong === undefined) return answer;
        refused.push(wrong);
      }
    },
    edit: async () => left.shift(),
  };
}

/** Stands where a fake console's screen was cleared. */
export const clearMark = '\u0001';

/** A terminal whose keys are written to `keys`, and whose bytes are kept. */
export type FakeConsole = ShellIo & {
  readonly keys: PassThrough;
  readonly signals: EventEmitter & { suspended: number };
  readonly rawModes: boolean[];
  written: string;
  columns: number;
  results: LineResult[];
  errors: string[];
  cleared: number;
  held: number;
};

export function createFakeConsole(
  options: {
    readonly canEdit?: boolean;
    readonly canClear?: boolean;
    readonly columns?: number;
    readonly rows?: number;
    readonly history?: string[];
    readonly answers?: TerminalAnswers;
  } = {},
): FakeConsole {
  const keys = new PassThrough();
  const rawModes: boolean[] = [];
  const lines = options.history ?? [];
  const signals = Object.assign(new EventEmitter(), {
    suspended: 0,
    suspend: () => {
      signals.suspended += 1;
    },
  });
  const io: FakeConsole = {
    keys,
    signals: signals as never,
    rawModes,
    written: '',
    columns: options.columns ?? 80,
    results: [],
    errors: [],
    cleared: 0,
    held: 0,
    input: Object.assign(keys, { setRawMode: (mode: boolean) => void rawModes.push(mode) }),
    terminal: {
      isTty: true,
      colours: false,
      size: () => ({ columns: io.columns, rows: options.rows ?? 24 }),
      write: (text) => {
        io.written += text;
      },
      clearScreen: () => {
        io.written += clearMark;
      },
      clearScreenAndScrollback: () => {
        io.cleared += 1;
        return options.canClear ?? true;
      },
      ask: async () => options.answers ?? {},
      holdKernelMessages: () => {
        io.held += 1;
        return () => {
          io.held -= 1;
        };
      },
    },
    environment: { TERM: 'xterm', LANG: 'C.UTF-8' },
    qr: { requested: 'auto', invert: undefined },
    isInteractive: true,
    canEdit: options.canEdit ?? true,
    marksPaste: false,
    history: {
      read: () => [...lines],
      append: (line) => {
        lines.push(line);
        return true;
      },
    },
    addresses: () => ['192.0.2.7'],
    mode: () => 'table',
    setMode: () => {},
    setPager: () => {},
    setQr: (requested, invert) => {
      Object.assign(io, { qr: { requested, invert } });
    },
    showResult: async (result) => {
      io.results.push(result);
      return 0;
    },
    showError: (error) => {
      const code = isPosternError(error) ? error.code : 'bug.unexpected';
      io.errors.push(isPosternError(error) ? code : String(error));
      return exitCodeOf(code);
    },
  };
  return io;
}

/** Waits until all that was written to a fake console has been taken. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
