import type { Clock, Random } from '../ports/machine.ts';
import type { AuditLog, Store } from '../ports/store.ts';
import type { Lines } from './conversation.ts';

/** All that a sign-in reaches: kept small, since every import is waited for at every sign-in. */
export type PamPorts = {
  readonly lines: Lines;
  readonly clock: Clock;
  readonly timer: Timer;
  /** Unique, for salts. */
  readonly random: Random;
  /** Those of these groups that the system counts the account among, nested ones of a directory included. */
  groupsOf(username: string, groups: readonly string[]): Promise<readonly string[]>;
  /** The addresses of the machine's interfaces. */
  ownAddresses(): Promise<readonly string[]>;
  openStore(directory: string): Store;
  openAudit(directory: string): AuditLog;
  /** Takes the end off a switch that says on for a time; before the settings lose theirs. */
  keepSwitchOn(directory: string): Promise<void>;
  /** Starts the process that puts due changes in force; resolves when it runs, not when it is done. Never rejects. */
  startTimers(directory: string): Promise<void>;
};

/** Time that passes, whatever is done to the clock meanwhile. */
export type Timer = {
  /** Milliseconds since some moment in the past. */
  elapsedMs(): number;
  pause(milliseconds: number): Promise<void>;
};
