import type { Account } from './domain/account.ts';
import type { ClockStatus } from './domain/clock.ts';
import type { Boot } from './domain/deadline.ts';
import type { Settings } from './domain/settings.ts';
import type { JsonObject } from './json.ts';
import type { TerminalAnswers } from './qr/facts.ts';

/** Wall clock. */
export interface Clock {
  /** Unix time in milliseconds. */
  nowMs(): number;
  /** undefined: the kernel does not say. */
  readonly boot?: () => Boot | undefined;
}

/** Cryptographically secure random bytes. */
export interface Random {
  bytes(count: number): Uint8Array;
}

/** What is to be saved as one: all of it or none. `null` deletes the account. */
export type StoreChange = {
  readonly settings?: Settings;
  readonly accounts?: ReadonlyMap<string, Account | null>;
  /** Accounts written by `Store.stage`: they and all others take the place of the present ones. */
  readonly staged?: Staging;
  /** The accounts come back that these have taken the place of, in the same transaction. */
  readonly unstaged?: Staging;
};

/**
 * A change of many accounts while it is written beside the store, outside of its lock. Nothing of it is in force before
 * it is saved as `staged`. Errors: those of writing; nothing is left behind then.
 */
export interface Staging {
  /** Writes an account, in the place of one that was put before. */
  put(account: Account): void;
  /** An account as it was put; undefined: it was not. */
  find(username: string): Account | undefined;
  /** Adds what makes the store whole: the accounts that were not put, and the roster. `step` gets from 0 to 1. */
  complete(step: (done: number) => Promise<void>): Promise<void>;
  /**
   * The accounts that other processes have changed since this was called last, or since the beginning; undefined: that
   * is not known any more, and nothing staged can be saved. Under the lock: else one may be on its way.
   */
  takeChanged(): readonly string[] | undefined;
  /** Takes an account as it is now in the store, which was not put. */
  refresh(username: string): void;
  /** Brings what was written to the disk, so that little is left to be brought under the lock. */
  sync(): void;
}

/** What the roster holds of an account: what changes rarely, and is asked of many accounts at once. */
export type AccountFacts = {
  readonly username: string;
  readonly admin: boolean;
  readonly locked: boolean;
  /** Whether it is never asked for a code. */
  readonly exempt: boolean;
  readonly hasDevice: boolean;
  /** Whether it has a confirmed device. */
  readonly isEnrolled: boolean;
};

/**
 * Reads, each validated. A damaged file is answered from its last good copy, with a line in `notices`.
 * Errors: `store.damaged` (no good copy either), `store.newer_version`, `store.unreadable`, `store.permission`.
 */
export interface StoreReader {
  settings(): Settings;
  /** undefined: there is no such account. Never undefined for a damaged one, nor for one whose files are gone. */
  account(username: string): Account | undefined;
  /**
   * Every account's name, sorted. Cost grows with their number, but no account is read. With `mayBe`, those of which the
   * roster's facts pass, or of which it has none: whoever asks reads them, and judges for himself.
   */
  accountNames(mayBe?: (facts: AccountFacts) => boolean): readonly string[];
}

/** What a change is for: on a full disk only the way back in and a sign-in may spend the room kept for each. */
export type StorePurpose = 'change' | 'sign_in' | 'recovery';

/** The store while its lock is held. */
export interface StoreTransaction extends StoreReader {
  /**
   * Writes all of `change` or nothing, synced to disk and read back. Errors: `store.full`, `store.read_only`,
   * `store.write_failed`; the former content is then in place. Where it is in force and the disk has not confirmed it,
   * a notice says so; for a sign-in that is `store.write_failed`. `beforePut` is called when all is written and only
   * the renames are left, for an audit line that must not come later than the change. It throws nothing.
   */
  save(change: StoreChange, beforePut?: () => void): void;
}

/** The local configuration store: one file for the settings and one an account, below `directory`. */
export interface Store extends StoreReader {
  readonly directory: string;
  /** Whether the directory holds a store already; reads of a store that does not exist answer its first content. */
  exists(): boolean;
  /**
   * Runs `work` while no other process changes the store. Breaks the lock of a dead holder, waits for a live one.
   * Errors: `store.busy` (names the holder's pid), `store.no_links`, and what `work` throws; the lock is released in
   * every case. `purpose` (default `change`) says what it may spend on a full disk.
   */
  withLock<T>(work: (transaction: StoreTransaction) => Promise<T> | T, purpose?: StorePurpose): Promise<T>;
  /**
   * Runs `work`, which writes many accounts and saves them in a transaction of its own. Other processes sign in and
   * change the store meanwhile. Errors: `store.busy` (another process does the same), and what `work` throws.
   */
  stage<T>(work: (staging: Staging) => Promise<T>): Promise<T>;
  /** Takes the sentences collected since the last call: repairs, last good copies used, dead locks broken. */
  takeNotices(): readonly string[];
}

/** One line of the audit log. Secrets are redacted before they come here. */
export type AuditEntry = {
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  /** Login name of who did it (SUDO_USER where root came by sudo). */
  readonly actor: string;
  /** Terminal or address it came from; null: none. */
  readonly from: string | null;
  readonly line: string;
  readonly outcome: 'done' | 'unchanged' | 'refused' | 'failed';
  /** Error code where there is one. */
  readonly code?: string;
  readonly details?: JsonObject;
};

/** Append-only log, JSON lines. */
export interface AuditLog {
  append(entry: AuditEntry): void;
  /** Oldest first; a torn line is left out. */
  read(): readonly AuditEntry[];
}

/** Work that takes long, while it goes on. */
export interface LongWork {
  /**
   * Shows how far it is, from 0 to 1, and lets a signal in. To be called often. Error: `cancelled.by_user`, where
   * somebody has pressed Ctrl-C: the work then leaves everything as it was.
   */
  step(what: string, done: number): Promise<void>;
  /** Shows what is left to do once the change is in force: it is not ended any more. */
  finish(what: string): void;
}

/** What a finished child process said. */
export type RunResult = {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs a program with no shell. Never throws for a failing or missing program: `status` is then 127. */
export interface Runner {
  run(
    argv: readonly [string, ...string[]],
    options?: {
      readonly input?: string;
      readonly timeoutMs?: number;
      readonly env?: Readonly<Record<string, string>>;
    },
  ): RunResult;
}

/** Whom a file belongs to, by number. */
export type FileOwner = { readonly uid: number; readonly gid: number };

/** Small synchronous file access outside the store, for `system/`; errors are Node's own. */
export interface Files {
  /** undefined: there is no such file. Bytes that are not UTF-8 are kept, as lone surrogates that `writeAtomic` knows. */
  read(path: string): string | undefined;
  /**
   * Whole or not at all, synced; creates parent directories. Takes the place of a symbolic link. Nobody but its owner
   * (default: this process's) may write the file, whatever `mode` says.
   */
  writeAtomic(path: string, content: string, mode: number, owner?: FileOwner): void;
  remove(path: string): void;
  list(directory: string): readonly string[];
  /** undefined: there is nothing. Does not follow a last symbolic link. */
  stat(path: string):
    | {
        readonly uid: number;
        readonly gid: number;
        readonly mode: number;
        readonly size: number;
        readonly mtimeMs: number;
        readonly isFile: boolean;
      }
    | undefined;
  /** Where a path leads, symbolic links followed; undefined: nowhere. */
  realPath(path: string): string | undefined;
  /** What a symbolic link says; undefined: there is none at `path`. */
  link(path: string): string | undefined;
  /**
   * Unix time in milliseconds of the last change to what stands at `path`, a link and its target both counted. Another
   * file moved here counts, however old its content. undefined: there is nothing.
   */
  changedMs(path: string): number | undefined;
}

/** Other processes of this machine. */
export interface Processes {
  /** The process id of this program itself. */
  readonly ownPid: number;
  /** False: there is no such process, or it may not be signalled. Signal 0 only asks. */
  signal(pid: number, signal: 'SIGHUP' | 'SIGTERM' | 0): boolean;
  /**
   * Starts a program in a session of its own, with `/` as directory and no terminal or open file of ours, so
   * that it outlives this process. Answers its pid.
   */
  startDetached(argv: readonly [string, ...string[]], env: Readonly<Record<string, string>>): number;
}

/** What a time server answered (RFC 5905), by its own words and by when they arrived. */
export type TimeAnswer = {
  /** Seconds this clock is ahead of the server's (negative: behind). */
  readonly offsetSeconds: number;
  /** Seconds the packets spent under way: the answer is right to half of it. */
  readonly delaySeconds: number;
  readonly stratum: number;
  /** Address that answered. */
  readonly address: string;
};

/** Asks time servers without changing the clock. */
export interface TimeServers {
  /**
   * Errors: `not_found.time_server` (the name), `rule.time_server_silent` (no answer in time),
   * `rule.time_server_unusable` (an answer that cannot be trusted).
   */
  ask(server: string, timeoutMs?: number): Promise<TimeAnswer>;
}

export type { TerminalAnswers } from './qr/facts.ts';

/** The terminal that a person sits at: standard output, and standard input where it is the same. */
export interface Terminal {
  readonly isTty: boolean;
  /** Whether colours are wanted and can be shown: not with --no-color, NO_COLOR, TERM=dumb or into a file. */
  readonly colours: boolean;
  /** Cells as the kernel has them; 0x0 where it does not know, as on a serial line. */
  size(): { readonly columns: number; readonly rows: number };
  write(text: string): void;
  /** Clears the screen row by row: what is cleared at once some terminals keep in their scrollback. */
  clearScreen(): void;
  /** Leaves nothing of a secret to be scrolled back to. False: this terminal cannot be cleared. */
  clearScreenAndScrollback(): boolean;
  /**
   * Asks the terminal itself, within a second in all, at the start of an empty line; `{}` where it cannot be asked.
   * What was typed meanwhile goes back to standard input. Errors: `cancelled.interrupted` for Ctrl-C.
   */
  ask(): Promise<TerminalAnswers>;
  /**
   * Holds kernel messages off a console until the function returned is called, or the process ends in whatever way.
   * Nothing happens where there are none, or without the right to.
   */
  holdKernelMessages(): () => void;
}

/** One question to a person. */
export type Question = {
  /** What is asked for, without a colon. */
  readonly message: string;
  /** Taken when nothing is typed. */
  readonly initial?: string;
  /** Never shown, on any key. */
  readonly hidden?: boolean;
  /** Answers what is wrong with what was typed; the question is then asked again. */
  readonly check?: (answer: string) => string | undefined;
};

/**
 * Asks a person on the terminal. Errors: `cancelled.by_user` for Escape, Ctrl-C, Ctrl-D; `cancelled.hangup` and
 * `cancelled.terminated` for the signals.
 */
export interface Prompter {
  /** `statement` says what will happen; no is the answer of an empty line. */
  confirm(statement: string): Promise<boolean>;
  ask(question: Question): Promise<string>;
  /** Shows text between questions. */
  say(text: string): void;
  /** Opens `text` in $EDITOR, answers what was saved; undefined: nothing was saved. */
  edit(text: string, fileName: string): Promise<string | undefined>;
}

/** What a change did outside the store. */
export type AppliedReport = { readonly warnings: readonly string[] };

/** How SSH sign-ins are enforced, in one record for `status`. */
export type EnforcementSummary = JsonObject;

/** Reads of accounts alone. */
export type AccountReader = Pick<StoreReader, 'account' | 'accountNames'>;

/** The machine around the store, looked at: sign-in services, clock, accounts. Nothing here changes any of it. */
export interface ApplianceView {
  /** False: the trial mode. Nothing of the system is then touched. */
  readonly manages: boolean;
  isAccount(username: string): Promise<boolean>;
  /** Login names by which somebody could sign in over SSH; none in trial mode. */
  loginAccounts(): Promise<readonly string[]>;
  /** Those of these groups that the system has, by exactly these names; all in trial mode. */
  knownGroups(groups: readonly string[]): Promise<readonly string[]>;
  /** Those of these groups that the system counts an account among; none in trial mode. */
  groupsOf(username: string, groups: readonly string[]): Promise<readonly string[]>;
  /** The addresses of the machine's interfaces. */
  ownAddresses(): Promise<readonly string[]>;
  readClock(server?: string): Promise<ClockStatus>;
  /** Unified diff of every file that `settings` would change; empty: none. `former` is that of `apply`. */
  diff(settings: Settings, accounts: AccountReader, former?: Settings): Promise<string>;
  summary(settings: Settings, accounts: AccountReader): Promise<EnforcementSummary>;
  /** What should be, held against what is. */
  inspect(settings: Settings, accounts: AccountReader): Promise<JsonObject>;
  /** Holds real sign-in conversations as far as the code. */
  test(username: string): Promise<JsonObject>;
  service(): Promise<JsonObject>;
  /** What SSH sign-in means under `settings`, as a sentence. */
  explainSsh(settings: Settings): Promise<string>;
  readonly rehearse: Rehearsals;
}

/** What the acts of the same names would do. Errors: theirs, as far as looking can find them. */
export interface Rehearsals {
  install(settings: Settings, accounts: AccountReader): Promise<FilesRehearsal>;
  remove(accounts: AccountReader): Promise<FilesRehearsal>;
  /** Answers whether something would be done. */
  controlService(verb: ServiceVerb): Promise<boolean>;
  setStartAtBoot(enable: boolean): Promise<boolean>;
  setPassword(username: string, password: string): Promise<void>;
  power(): Promise<void>;
  openSystemShell(): Promise<void>;
}

export type ServiceVerb = 'start' | 'stop' | 'reload';

/** The machine around the store, with what changes it. In trial mode `apply` and `switchOff` are never called. */
export interface Appliance extends ApplianceView {
  /**
   * Puts `settings` in force: stages and checks every file, calls `save`, swaps, reloads. Where anything fails after
   * `save` it calls `restore`, puts the files back and throws `apply.*`. `former`: the settings before, where the line
   * is not about asking for codes: a switch that somebody threw then stays as it is.
   */
  apply(
    settings: Settings,
    accounts: AccountReader,
    store: { save(): void; restore(): void; readonly former?: Settings },
  ): Promise<AppliedReport>;
  /**
   * Lets people in on their password at once, whatever else is wrong; where `settings` say for how long, until then,
   * though no Postern runs. `until: 'boot'`: the switch could only be set in
   * /run. `wasAsking`: SSH sign-ins met the module before. Error: `store.read_only` where it can be set nowhere.
   */
  switchOff(
    settings?: Settings,
  ): Promise<AppliedReport & { readonly until: 'changed' | 'boot'; readonly wasAsking: boolean }>;
  /** Lets files and services follow settings that ask for no codes, as far as it goes; what fails is a warning. */
  tidy(settings: Settings, accounts: AccountReader): Promise<AppliedReport>;

  // What follows is for commands of the system alone; in trial mode each throws `permission.trial_mode`.

  /** Checks everything, repairs what differs and reloads sshd. */
  install(settings: Settings, accounts: AccountReader): Promise<SystemReport>;
  /**
   * Tells the system log of what asks for codes and is not as Postern left it; null: nothing new. Repairs what a package
   * has written anew. The store's lock is held.
   */
  watch(
    settings: Settings,
    accounts: AccountReader,
  ): Promise<{ readonly alert: string | null; readonly outcome: 'done' | 'failed' }>;
  /** Leaves no trace in sshd, PAM and systemd. */
  remove(accounts: AccountReader): Promise<SystemReport>;
  /** Answers whether something was done. */
  controlService(verb: ServiceVerb): Promise<boolean>;
  setStartAtBoot(enable: boolean): Promise<boolean>;
  /** Through chpasswd's standard input. Error: `rule.password_refused`. */
  setPassword(username: string, password: string): Promise<void>;
  power(verb: 'reboot' | 'poweroff'): Promise<void>;
  /** Runs a login shell on this terminal until it is left; its exit status. */
  openSystemShell(): Promise<number>;
}

/** What would be done to files. */
export type FilesRehearsal = {
  readonly changed: readonly string[];
  /** Unified diff of those files. */
  readonly diff: string;
  readonly warnings: readonly string[];
};

/** What was done to files and services. */
export type SystemReport = {
  readonly changed: readonly string[];
  readonly sshd: string;
  readonly warnings: readonly string[];
};
