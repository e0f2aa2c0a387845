import type { Settings } from '../domain/settings.ts';
import type { AuditLog, Clock, Store } from '../ports.ts';
import type { Lines } from './conversation.ts';

/** All that a sign-in reaches: kept small, since every import is waited for at every sign-in. */
export type PamPorts = {
  readonly lines: Lines;
  readonly clock: Clock;
  readonly timer: Timer;
  openStore(directory: string): Store;
  openAudit(directory: string): AuditLog;
  /** Lets the system follow settings that a timer has just changed. What it throws is logged, nothing more. */
  putInForce(settings: Settings): Promise<void> | void;
};

/** Time that passes, whatever is done to the clock meanwhile. */
export type Timer = {
  /** Milliseconds since some moment in the past. */
  elapsedMs(): number;
  pause(milliseconds: number): Promise<void>;
};
