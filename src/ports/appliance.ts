import type { ClockStatus } from '../domain/clock.ts';
import type {
  EnforcementStatus,
  EnforcementSummary,
  EnforcementTest,
  ServiceStatus,
} from '../domain/enforcement.ts';
import type { Settings } from '../domain/settings.ts';
import type { AccountReader } from './store.ts';

/** The machine around the store, looked at: sign-in services, clock, accounts. Nothing here changes any of it. */
export interface ApplianceView {
  /** False: the trial mode, for answers that say so. Nothing of the system is then touched. */
  readonly manages: boolean;
  isAccount(username: string): Promise<boolean>;
  /** Login names by which someone could sign in over SSH; none in trial mode. */
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
  inspect(settings: Settings, accounts: AccountReader): Promise<EnforcementStatus>;
  /** Holds real sign-in conversations as far as the code. */
  test(username: string): Promise<EnforcementTest>;
  service(): Promise<ServiceStatus>;
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

/** The machine around the store, with what changes it. In trial mode `apply` only saves. */
export interface Appliance extends ApplianceView {
  /**
   * Puts `settings` in force: stages and checks every file, calls `save`, swaps, reloads. Where anything fails after
   * `save` it calls `restore`, puts the files back and throws `apply.*`. `former`: the settings before, where the line
   * is not about asking for codes: a switch that someone threw then stays as it is.
   */
  apply(
    settings: Settings,
    accounts: AccountReader,
    store: { save(): void; restore(): void; readonly former?: Settings },
  ): Promise<AppliedReport>;
  /**
   * Lets people in on their password at once, whatever else is wrong; where `settings` say for how long, until then,
   * though no Postern runs. `until: 'boot'`: the switch could only be set in
   * /run. `wasAsking`: SSH sign-ins met the module before. undefined: the trial mode, in which nothing asks for codes.
   * Error: `store.read_only` where it can be set nowhere.
   */
  switchOff(settings?: Settings): Promise<SwitchReport | undefined>;
  /** Lets files and services follow settings that ask for no codes, as far as possible; what fails is a warning. */
  tidy(settings: Settings, accounts: AccountReader): Promise<AppliedReport>;

  // What follows is for commands of the system alone; in trial mode each throws `permission.trial_mode`.

  /** Checks everything, repairs what differs and reloads sshd. */
  install(settings: Settings, accounts: AccountReader): Promise<SystemReport>;
  /**
   * Tells the system log of what asks for codes and is not as Postern left it; null: nothing new. Repairs what a package
   * has rewritten. The store's lock is held.
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

/** What a change did outside the store. */
export type AppliedReport = { readonly warnings: readonly string[] };

/** What became of the switch that the PAM module reads first. */
export type SwitchReport = AppliedReport & {
  readonly until: 'changed' | 'boot';
  readonly wasAsking: boolean;
};

/** What would be done to files. */
export type FilesRehearsal = {
  readonly changed: readonly string[];
  /** Unified diff of those files. */
  readonly diff: string;
  readonly warnings: readonly string[];
};

/** What was done to files and services. */
export type SystemReport = {
  /** Paths written or removed. */
  readonly changed: readonly string[];
  /** What became of sshd. */
  readonly sshd: 'reloaded' | 'not_running' | 'unchanged' | 'not_reloaded';
  readonly warnings: readonly string[];
};
