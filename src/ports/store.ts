import type { Account } from '../domain/account.ts';
import type { Settings } from '../domain/settings.ts';
import type { JsonObject } from '../json.ts';

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

/** Reads of accounts alone. */
export type AccountReader = Pick<StoreReader, 'account' | 'accountNames'>;

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
   * someone has pressed Ctrl-C: the work then leaves everything as it was.
   */
  step(what: string, done: number): Promise<void>;
  /** Shows what is left to do once the change is in force: it is not ended any more. */
  finish(what: string): void;
}
