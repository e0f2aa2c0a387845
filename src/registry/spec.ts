import type { Account } from '../domain/account.ts';
import type { ClockStatus } from '../domain/clock.ts';
import type { Boot } from '../domain/deadline.ts';
import type { ExportFile } from '../domain/export.ts';
import type { Settings } from '../domain/settings.ts';
import type { Json, JsonObject, View } from '../output/view.ts';
import type { Appliance, ApplianceView } from '../ports/appliance.ts';
import type { Random } from '../ports/machine.ts';
import type { AccountFacts, AuditEntry, StoreChange } from '../ports/store.ts';
import type { Kind, ValueOf } from './kinds.ts';

/** One parameter of a command: the source of its parsing, checking, help, completion and redaction. */
export type ParamSpec = {
  readonly kind: Kind;
  /** One line: what it is. */
  readonly brief: string;
  readonly required?: true;
  /** May be given without its key, in the order of declaration. */
  readonly positional?: true;
  /** Takes all remaining positional words, joined by a space. */
  readonly rest?: true;
  /** Shown as *** in the history, the audit log and errors; asked for without showing it. */
  readonly secret?: true;
  /** `-` as its value means: read one line of standard input. */
  readonly stdin?: true;
  readonly default?: string | number | boolean;
  /**
   * What its values are completed to: account names, the devices of the account named in the line, the words of the
   * path of a command, names of files.
   */
  readonly completes?: 'account' | 'device' | 'path' | 'file';
};

export type Params = { readonly [name: string]: ParamSpec };

type IsPresent<P extends ParamSpec> = P extends { required: true } | { default: unknown } ? true : false;

/** The typed input of a command, inferred from its parameters. */
export type InputOf<P extends Params> = {
  readonly [N in keyof P as IsPresent<P[N]> extends true ? N : never]: ValueOf<P[N]['kind']>;
} & {
  readonly [N in keyof P as IsPresent<P[N]> extends true ? never : N]?: ValueOf<P[N]['kind']>;
};

/** The appliance as a command sees it: a snapshot, its costly parts read when asked for. */
export type Snapshot = {
  /** Unix time in milliseconds. */
  readonly nowMs: number;
  /** undefined: the kernel does not say. */
  readonly boot: Boot | undefined;
  readonly random: Random;
  readonly hostName: string;
  readonly stateDirectory: string;
  readonly settings: Settings;
  account(username: string): Account | undefined;
  accountNames(mayBe?: (facts: AccountFacts) => boolean): readonly string[];
  /** Whether the system knows an account of this name; always true in trial mode. */
  isSystemAccount(username: string): Promise<boolean>;
  /** Login names by which someone could sign in over SSH; none in trial mode. */
  loginAccounts(): Promise<readonly string[]>;
  /** Those of these groups that the system has; all in trial mode. */
  knownGroups(groups: readonly string[]): Promise<readonly string[]>;
  /** What the settings are in a store that is new. */
  readonly defaultSettings: Settings;
  /** The audit log, oldest first. */
  auditEntries(): readonly AuditEntry[];
  /**
   * A file of `system config export`, validated whole. Errors: `not_found.file`, `rule.not_an_export`,
   * `cancelled.by_user`.
   */
  readExport(path: string): Promise<ExportFile>;
  /** How right the clock is; asks the time service, so only where the answer matters. */
  clock(): Promise<ClockStatus>;
};

/** What a writing command answers: what to save (nothing: unchanged) and what to show. */
export type WriteResult = { readonly change: StoreChange; readonly view: View };

/** What a command gets that looks beyond the store. Nothing in it changes anything. */
export interface ObservePorts {
  readonly appliance: ApplianceView;
  /** Throws what `writeNewFile` would throw for that path, and makes nothing. Answers the full path. */
  checkNewFile(path: string): string;
  /** What runs here: for `system info`. */
  readonly program: { readonly version: string; readonly node: string; readonly path: string };
}

/** What the few commands get that change the machine beyond the store. Filled by the composition root. */
export interface ActPorts extends ObservePorts {
  readonly appliance: Appliance;
  /** Creates a file of mode 0600. Errors: `rule.file_exists`, `rule.file_not_writable`. */
  writeNewFile(path: string, content: string): void;
}

/** What an act would do. */
export type Rehearsal = {
  /** Goes on after "would"; undefined: there is nothing to do. */
  readonly would: string | undefined;
  /** The answer of the act itself, as far as it is known before. */
  readonly data: JsonObject;
  /** Unified diff of the files that it would write. */
  readonly diff?: string;
  readonly warnings?: readonly string[];
};

/** What a builtin can do to the session it runs in. */
export interface SessionControl {
  /** What a path leads to, explained; undefined: what is needed first, `all`: everything. Error: `resolve.unknown_word`. */
  help(path: string | undefined): Promise<View>;
  /** The words that can be at a path; undefined: where the session is. Error: `resolve.unknown_word`. */
  list(path: string | undefined): Promise<View>;
  enter(path: readonly string[]): void;
  leave(): void;
  /** How answers are written: table, json, yaml or csv. */
  mode(): string;
  setMode(mode: string): void;
  setPager(on: boolean): void;
  /** `invert` undefined: as the colours of the terminal want it. */
  setQr(mode: string, invert: boolean | undefined): void;
  historyLines(): readonly string[];
  clearScreen(): void;
  openMenu(): Promise<void>;
}

/** A line that works, with what it shows; run as a test on a prepared store. */
export type Example = { readonly line: string; readonly note: string };

type Common<P extends Params, I> = {
  /** Namespace words and the command word. */
  readonly path: readonly [string, ...string[]];
  /** Other paths that answer too, as written: the older generation's names. */
  readonly aliases?: readonly (readonly [string, ...string[]])[];
  /** One line, starting with a verb. */
  readonly brief: string;
  /** More for `help` and the manual: paragraphs. */
  readonly details?: string;
  readonly params: P;
  readonly examples: readonly [Example, ...Example[]];
  /** Takes the query grammar instead of `key=value`, and answers rows: the columns that can be named. */
  readonly query?: {
    readonly columns: readonly string[];
    readonly shown?: readonly string[];
    /** The newest row is the last one: `limit` and `offset` count from it, unless another order is asked for. */
    readonly endsInNewest?: true;
  };
  /** What will happen and to whom, as a question's first sentence; undefined: no need to ask. */
  confirm?(input: I, snapshot: Snapshot): string | undefined | Promise<string | undefined>;
};

export type ReadCommand<P extends Params = Params, I = Input> = Common<P, I> & {
  readonly effect: 'read';
  /** Written to the audit log although nothing changes: it shows a secret. */
  readonly audited?: true;
  /** `isEnough` is asked after each row of a query, in order: true where no further one is needed. */
  run(input: I, snapshot: Snapshot, isEnough: (row: JsonObject) => boolean): View | Promise<View>;
};

/**
 * A change of more accounts than the store's lock may be held for: it is planned and written before the lock is taken.
 */
export type ManyAccounts = {
  readonly count: number;
  /** What each account becomes, by what `snapshot` has of it. */
  accounts(snapshot: Snapshot): AsyncIterable<Account>;
  /** What one becomes that was planned and that `snapshot` has otherwise by now; undefined: it stays as it is. */
  planAgain(planned: Account, snapshot: Snapshot): Account | undefined;
  /** The rest of the change, and the answer, once all is planned. */
  finish(snapshot: Snapshot): Promise<WriteResult>;
};

export type WriteCommand<P extends Params = Params, I = Input> = Common<P, I> & {
  readonly effect: 'write';
  /** Takes the place of `run` where it answers something. */
  many?(input: I, snapshot: Snapshot): Promise<ManyAccounts | undefined>;
  /** Must never be refused for another fault of the appliance: the way back in. */
  isRecovery?(input: I): boolean;
  /** Whether the system must follow the settings afterwards even where they did not change: an override may stand. */
  reapply?(input: I): boolean;
  /**
   * What the parameters are set to now, by their keys: what `?` shows and `--` starts from. Absent: the command sets
   * nothing that is kept. `input` may hold as little as what was typed so far.
   */
  present?(input: Partial<I>, snapshot: Snapshot): JsonObject;
  run(input: I, snapshot: Snapshot): WriteResult | Promise<WriteResult>;
};

/** Looks at the machine: changes nothing, and leaves no line in the audit log. */
export type ObserveCommand<P extends Params = Params, I = Input> = Common<P, I> & {
  readonly effect: 'observe';
  run(input: I, snapshot: Snapshot, ports: ObservePorts): View | Promise<View>;
};

/** Changes the machine beyond the store. */
export type ActCommand<P extends Params = Params, I = Input> = Common<P, I> & {
  readonly effect: 'act';
  /** What a dry run answers, with ports that cannot change anything; what refuses the act refuses here too. */
  rehearse(input: I, snapshot: Snapshot, ports: ObservePorts): Rehearsal | Promise<Rehearsal>;
  run(input: I, snapshot: Snapshot, ports: ActPorts): View | Promise<View>;
};

export type SessionCommand<P extends Params = Params, I = Input> = Common<P, I> & {
  readonly effect: 'session';
  run(input: I, session: SessionControl): View | undefined | Promise<View | undefined>;
};

export type AnyCommand<P extends Params, I> =
  | ReadCommand<P, I>
  | WriteCommand<P, I>
  | ObserveCommand<P, I>
  | ActCommand<P, I>
  | SessionCommand<P, I>;

/** The input of a command whose parameters are known by name alone; `bindArguments` and `fillInput` make it. */
export type Input = Readonly<Record<string, Json>>;

/** A command whose parameter types are no longer known: what the registry holds. */
export type CommandSpec = AnyCommand<Params, Input>;

/** Types a command's `run` from its `params` and forgets them for the registry. */
export function defineCommand<const P extends Params>(spec: AnyCommand<P, InputOf<P>>): CommandSpec {
  return spec as unknown as CommandSpec;
}

/** A namespace word with its one line for `ls` and help. */
export type NamespaceBrief = { readonly path: readonly string[]; readonly brief: string };
