import type { Clock, Files, Processes, Runner } from '../ports/machine.ts';
import type { AccountNames } from './sshd/asked.ts';
import type { SshdScan } from './sshd/scan.ts';
import type { SshdBase } from './sshd/values.ts';

/** What `system/` reaches the machine through. */
export type SystemPorts = {
  readonly files: Files;
  readonly runner: Runner;
  readonly processes: Processes;
  readonly clock: Clock;
};

/** Where Postern itself lies on this machine. */
export type Places = {
  /** The store's directory, absolute. */
  readonly stateDirectory: string;
  /** How to start this program from anywhere, absolute: `[node, …/bin/postern.js]` or `[/usr/bin/postern]`. */
  readonly program: readonly [string, ...string[]];
  /** The one file that the PAM module starts as `postern pam`, absolute, executable by itself. */
  readonly helper: string;
  /** The folder in whose `dist` lies what `program` and `helper` load, absolute, free of symbolic links. */
  readonly programDirectory: string;
  /** Effective user id of this process. */
  readonly uid: number;
  /** Where to look for `pam_postern.so` and `postern-pam-check` beside the system's PAM folders, absolute. */
  readonly moduleDirectories: readonly string[];
};

/** A Node, by an absolute path that is to hold over its upgrades. */
export type Interpreter = {
  readonly path: string;
  /** What of it, of its libraries or of the folders above them users other than root can change; null: nothing. */
  readonly untrusted: string | null;
};

/** A file of the system as it is, symbolic links followed. */
export type FileFact = {
  readonly content: string;
  readonly mode: number;
  /** How users other than root come to have a say in it; absent: they have none. */
  readonly fault?: FileFault;
};

/** What is wrong with a file, and the line that mends it. */
export type FileFault = { readonly message: string; readonly hint: string };

/** What `planSystem` needs to know of the machine. Read by `readFacts`. */
export type SystemFacts = {
  /** False: the trial mode, or not root. Then nothing of the system is touched. */
  readonly managesSystem: boolean;
  readonly stateDirectory: string;
  readonly program: readonly [string, ...string[]];
  readonly helper: string;
  readonly programDirectory: string;
  /** A path of the program, or above it, that users other than root can change; null: there is none. */
  readonly untrusted: string | null;
  /** The Node that is to run the helper; null: the helper needs none. */
  readonly interpreter: Interpreter | null;
  /** Whether the module knows every word that is to be written behind it: an older one denies for a new word. */
  readonly moduleIsCurrent: boolean;
  /** Which accounts sshd asks by name, and which it leaves alone. */
  readonly accountNames: AccountNames;
  /** Login names of the administrators, for whom sshd's effective values are asserted. */
  readonly administrators: readonly string[];
  /** Whether sshd is installed. */
  readonly sshdInstalled: boolean;
  /** `pam_postern.so` as it is to be written into the PAM stack; null: it is not built or installed. */
  readonly modulePath: string | null;
  /** `postern-pam-check`; null: it is not built or installed. */
  readonly checkerPath: string | null;
  /** What starts this machine's services, as far as Postern can make use of it. */
  readonly init: 'systemd' | 'sysv' | null;
  /** Every service file of /etc/pam.d by its name. */
  readonly pamServices: Readonly<Record<string, string>>;
  /** Those of `administrators` who have no public key in their home folder. */
  readonly withoutKey: readonly string[];
  /** null: sshd's configuration could not be asked. */
  readonly base: SshdBase | null;
  /** Whether sshd uses PAM by its own configuration; true where it could not be asked. */
  readonly usesPam: boolean;
  readonly sshdScan: SshdScan;
  /** What the options `-o` of the running sshd say, a line of sshd_config each. */
  readonly sshdOptions: readonly string[];
  /** Login names of uid 0. */
  readonly superusers: readonly string[];
  /** Login names that a Match block names, or one of its groups has as members. */
  readonly matchedUsers: readonly string[];
  /** Present content of every file Postern may write, by path; a file that is not there is absent. */
  readonly present: Readonly<Record<string, FileFact>>;
};

/** One file as it is and as it should be. `null`: there is no such file. */
export type FileChange = {
  readonly kind: 'pam' | 'sshd' | 'unit' | 'switch';
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly mode: number;
};

/** What should be on this machine. Pure data; `applyPlan` puts it in force, `diffPlan` prints it. */
export type SystemPlan = {
  readonly managesSystem: boolean;
  /** Whether SSH sign-ins are to ask for a code. */
  readonly enforced: boolean;
  /** Whether, for all that, the switch says off and stays: nobody is asked until it is thrown back. */
  readonly switchedOff: boolean;
  /** Whether codes are asked for already, and the files only follow another change. */
  readonly follows: boolean;
  /** Every file of Postern's, in the order in which they are put in force; unchanged ones too. */
  readonly files: readonly FileChange[];
  readonly facts: SystemFacts;
  /** Where no codes are asked for: effective values that `sshd -T` must answer, by user. */
  readonly expected: readonly ExpectedValues[];
  /** Where codes are asked for: whom sshd is asked about. */
  readonly probes: readonly SshdProbe[];
  /** Postern's drop-in if codes were not asked for; null: there would be none. */
  readonly sshdWithoutCodes: string | null;
  /** One sentence each. */
  readonly warnings: readonly string[];
};

/** Someone who signs in from somewhere. */
export type SshdProbe = {
  readonly user: string;
  readonly address: string;
  /** Whether the account's uid is 0. */
  readonly isSuperuser: boolean;
  readonly isAdministrator: boolean;
  /** Whether sshd is to ask for a code here; `perhaps`: a group may be exempt. */
  readonly isAsked: boolean | 'perhaps';
};

/** What `sshd -T -C user=USER,…` has to answer once the plan is in force. */
export type ExpectedValues = {
  readonly user: string;
  readonly values: Readonly<Record<string, string>>;
};
