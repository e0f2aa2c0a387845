/** Something that is not as it should be. */
export type Finding = {
  readonly code: string;
  /** One sentence, lower case, no full stop. */
  readonly message: string;
  readonly hint?: string;
};

/** The data of `system enforcement status`. */
export type EnforcementStatus = {
  /** What the settings ask for. */
  readonly expected: boolean;
  /** What an SSH sign-in meets now; null: it cannot be said (the findings say why). */
  readonly enforced: boolean | null;
  /** The switch files' words; `absent` also where a file may not be trusted. */
  readonly switch: { readonly state: 'on' | 'off' | 'absent'; readonly override: 'on' | 'off' | 'absent' };
  readonly sshd: {
    readonly installed: boolean;
    readonly running: boolean;
    readonly pid: number | null;
    /** Whether the running sshd has read the present files; `unknown`: cannot be judged. */
    readonly configuration: 'current' | 'older' | 'unknown';
    readonly detail: string;
  };
  /** What looks at all this by itself, and the last alert it gave in this boot; null: nothing, none. */
  readonly watch: {
    readonly by: 'systemd' | 'cron' | null;
    readonly alert: string | null;
    /** Why nothing looks at it. */
    readonly note?: string;
  };
  readonly findings: readonly Finding[];
};

/** How SSH sign-ins are enforced, in one record for `auth two_factor status`: a finding is a sentence and what to do. */
export type EnforcementSummary = Pick<EnforcementStatus, 'expected' | 'enforced'> & {
  readonly findings: readonly string[];
};

/** The data of `system enforcement test`. */
export type EnforcementTest = {
  readonly username: string;
  /** Whether the user, password or key accepted, is asked for a code. */
  readonly asked_for_code: boolean;
  /** Whether the user gets in with no code at all. */
  readonly let_in_without_code: boolean;
  /** Whether someone with a wrong password gets as far as the code: must be false. */
  readonly code_after_wrong_password: boolean;
  /** What was said in the conversations, for a person. */
  readonly conversations: readonly {
    readonly as: string;
    readonly said: readonly string[];
    readonly result: string;
  }[];
};

/** The state of the SSH service. */
export type ServiceStatus = {
  readonly service: 'ssh';
  readonly installed: boolean;
  readonly running: boolean;
  /** Whether it starts with the machine; null: nothing here says. */
  readonly enable: boolean | null;
  readonly pid: number | null;
};
