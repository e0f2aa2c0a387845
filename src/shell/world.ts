import type { ExportedConfig } from '../domain/export.ts';
import type { NewFile } from '../node/new-file.ts';
import type { Appliance, AuditLog, Clock, Prompter, Random, Store } from '../ports.ts';
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
  readonly readExport: (path: string) => ExportedConfig;
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
