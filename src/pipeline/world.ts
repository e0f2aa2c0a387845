import type { ExportFile } from '../domain/export.ts';
import type { NewFile } from '../platform/new-file.ts';
import type { Appliance } from '../ports/appliance.ts';
import type { Clock, Random } from '../ports/machine.ts';
import type { AuditLog, LongWork, Store } from '../ports/store.ts';
import type { Prompter } from '../ports/terminal.ts';
import type { ActPorts, SessionControl } from '../registry/spec.ts';
import type { Registry } from '../registry/tree.ts';

/** Process options that shape how lines run. */
export type SessionOptions = {
  readonly yes: boolean;
  readonly dryRun: boolean;
};

/** Everything a line can reach: the real things from `main.ts`, small fakes from tests. */
export type World = {
  readonly registry: Registry;
  readonly store: Store;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly hostName: string;
  /** Who types, and from where, for the audit log; asked for only when something is logged. */
  readonly caller: () => { readonly actor: string; readonly from: string | null };
  readonly appliance: Appliance;
  readonly options: SessionOptions;
  /** undefined: there is nobody to ask. */
  readonly prompter: Prompter | undefined;
  /** One line of standard input, for values given as `-`. */
  readonly readInputLine: () => string | undefined;
  readonly openNewFile: (path: string) => NewFile;
  readonly readExport: (path: string, long: LongWork) => Promise<ExportFile>;
  /** Runs `work` with its progress shown where someone sees it, until it ends or Ctrl-C is pressed. */
  readonly runLong: <T>(work: (long: LongWork) => Promise<T>) => Promise<T>;
  readonly actPorts: ActPorts;
  control(state: SessionState): SessionControl;
};

/** What the shell remembers from one line to the next. */
export type SessionState = {
  /** The namespace that relative words start from. */
  location: readonly string[];
  /** Whether there are further lines: a namespace alone is then entered rather than listed. */
  readonly navigates: boolean;
  /** Set by `exit`: no further line is run. */
  isLeaving?: boolean;
};
