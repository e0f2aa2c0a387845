/** What the settings ask of sshd; null: as the machine's own sshd_config has it. */
export type SshWishes = { readonly passwordauth: boolean | null; readonly rootlogin: boolean | null };

export type RootLogin = 'yes' | 'no' | 'prohibit-password' | 'forced-commands-only';

/** What sshd does by its own configuration for those whom no Match block concerns, Postern's file left out. */
export type SshdBase = {
  readonly permitRootLogin: RootLogin;
  readonly passwordAuthentication: boolean;
  /** Whether PAM asks, which with Debian's stack is a password prompt by another name. */
  readonly kbdInteractiveAuthentication: boolean;
  readonly methods: SufficientMethods;
};

/** What AuthenticationMethods lets in by itself, besides a public key. */
export type SufficientMethods = { readonly password: boolean; readonly kbdInteractive: boolean };

/** A Match block of sshd's own configuration: what it sets of these values for whom it concerns. */
export type SshdMatch = { readonly criteria: string; readonly values: Partial<SshdBase> };

/** How somebody may sign in over SSH. */
export type SignIn = {
  /** A password (with 2FA: and a code) is enough. */
  readonly byPassword: boolean;
  /** A public key (with 2FA: and a code) is enough. */
  readonly byKey: boolean;
};

/** What a combination of settings means, decided once for rendering, checking and explaining. */
export type SshPolicy = {
  /** A code is asked for in every sign-in. */
  readonly codes: boolean;
  readonly everybody: SignIn;
  readonly root: SignIn;
  /** Root may run only the commands its keys name; left to sshd_config. */
  readonly rootForcedCommandsOnly: boolean;
  /** For whom a Match block says otherwise, in sshd's order: the first that concerns somebody counts. */
  readonly exceptions: readonly SshException[];
};

/** What counts for those whom a Match block concerns; null: it does not say, and the next one may. */
export type SshException = {
  readonly criteria: string;
  readonly byPassword: boolean | null;
  readonly rootByPassword: boolean;
  readonly permitRootLogin: RootLogin | null;
};

/** Debian's sshd as it comes: what is assumed where sshd cannot be asked. */
export const stockSshdBase: SshdBase = {
  permitRootLogin: 'prohibit-password',
  passwordAuthentication: true,
  kbdInteractiveAuthentication: false,
  methods: { password: true, kbdInteractive: true },
};

/**
 * Reads AuthenticationMethods. undefined: lists that Postern cannot keep beside the code, for a key alone does not let
 * in, or only together with something else.
 */
export function readSufficientMethods(value: string): SufficientMethods | undefined {
  const lists = value
    .toLowerCase()
    .split(/\s+/)
    .map((list) => list.replace(/^keyboard-interactive:(pam|\*)$/, 'keyboard-interactive'));
  if (lists.includes('any')) return { password: true, kbdInteractive: true };
  const known = lists.every((list) => ['publickey', 'password', 'keyboard-interactive'].includes(list));
  if (!known || !lists.includes('publickey')) return undefined;
  return { password: lists.includes('password'), kbdInteractive: lists.includes('keyboard-interactive') };
}

/** Whether a password is enough to get in. */
export function takesPasswords(values: Omit<SshdBase, 'permitRootLogin'>): boolean {
  return (
    (values.passwordAuthentication && values.methods.password) ||
    (values.kbdInteractiveAuthentication && values.methods.kbdInteractive)
  );
}

/**
 * Decides who may sign in how, never wider than sshd's own configuration with these wishes. `rootlogin=false` means no
 * password for root; its keys stay good.
 */
export function decideSshPolicy(
  codes: boolean,
  wishes: SshWishes,
  base: SshdBase,
  matches: readonly SshdMatch[] = [],
): SshPolicy {
  const wished: SshdBase = {
    ...base,
    passwordAuthentication: wishes.passwordauth ?? base.passwordAuthentication,
    permitRootLogin: decideRoot(wishes.rootlogin, base),
  };
  const byPassword = wishes.passwordauth !== false && takesPasswords(wished);
  const root = wished.permitRootLogin;
  return {
    codes,
    everybody: { byPassword, byKey: true },
    root: {
      byPassword: byPassword && root === 'yes',
      byKey: root !== 'no',
    },
    rootForcedCommandsOnly: root === 'forced-commands-only',
    exceptions:
      matches.length <= overlapLimit
        ? listOverlaps(matches).map((match) => decideException(match, [], wished, wishes))
        : matches.map((match, index) => decideException(match, matches.slice(index + 1), wished, wishes)),
  };
}

/** More blocks than this are not told apart where they overlap: each one more doubles what is written. */
export const overlapLimit = 4;

/**
 * Every set of blocks that may concern somebody at once, larger ones first, as one block: what counts is the first value
 * for each keyword, as in sshd_config(5).
 */
function listOverlaps(matches: readonly SshdMatch[]): readonly SshdMatch[] {
  const sets = matches.reduce<readonly (readonly SshdMatch[])[]>(
    (all, match) => all.concat(all.map((set) => set.concat(match))),
    [[]],
  );
  return sets
    .filter((set) => set.length > 0)
    .sort((a, b) => b.length - a.length)
    .map((set) => ({
      criteria: joinCriteria(set.map(({ criteria }) => criteria)),
      values: Object.assign({}, ...set.map(({ values }) => values).reverse()) as SshdMatch['values'],
    }));
}

/** All of them at once; `all` stands alone in its line, and adds nothing. */
function joinCriteria(criteria: readonly string[]): string {
  return criteria.filter((each) => !/^all$/i.test(each)).join(' ') || 'all';
}

/**
 * What a block leaves open is said by one of the `later` blocks or by the base, whichever concerns somebody: the narrowest
 * of them is right for all.
 */
function decideException(
  { criteria, values }: SshdMatch,
  later: readonly SshdMatch[],
  base: SshdBase,
  wishes: SshWishes,
): SshException {
  const narrowest = [base, ...later.map((match) => match.values)].reduce<SshdBase>(narrow, base);
  const counting: SshdBase = { ...narrowest, ...values };
  const byPassword = wishes.passwordauth !== false && takesPasswords(counting);
  const saysPassword =
    values.passwordAuthentication !== undefined ||
    values.kbdInteractiveAuthentication !== undefined ||
    values.methods !== undefined;
  return {
    criteria,
    byPassword: saysPassword ? byPassword : null,
    rootByPassword: byPassword && counting.permitRootLogin === 'yes' && wishes.rootlogin !== false,
    permitRootLogin: values.permitRootLogin ?? null,
  };
}

function narrow(a: SshdBase, b: Partial<SshdBase>): SshdBase {
  return {
    permitRootLogin:
      rootLogins.find((value) => value === a.permitRootLogin || value === b.permitRootLogin) ?? 'no',
    passwordAuthentication: a.passwordAuthentication && b.passwordAuthentication !== false,
    kbdInteractiveAuthentication: a.kbdInteractiveAuthentication && b.kbdInteractiveAuthentication !== false,
    methods: {
      password: a.methods.password && b.methods?.password !== false,
      kbdInteractive: a.methods.kbdInteractive && b.methods?.kbdInteractive !== false,
    },
  };
}

/** PermitRootLogin's values, the narrowest first. */
const rootLogins: readonly RootLogin[] = ['no', 'forced-commands-only', 'prohibit-password', 'yes'];

/** Says in one sentence what a policy means to the people who sign in. */
export function describeSshPolicy(policy: SshPolicy): string {
  const otherwise = policy.exceptions.length > 0 ? '; Match blocks of sshd_config make exceptions' : '';
  return `${describeEverybody(policy)}${otherwise}`;
}

function describeEverybody({ codes, everybody, root, rootForcedCommandsOnly }: SshPolicy): string {
  const how = describeSignIn(everybody, codes);
  if (sameSignIn(everybody, root) && !rootForcedCommandsOnly) {
    return `everybody, root too, signs in with ${how}`;
  }
  // sshd asks nobody for a code whose keys only run commands.
  if (!root.byKey || (rootForcedCommandsOnly && codes)) {
    return `everybody signs in with ${how}; root cannot sign in over SSH`;
  }
  return rootForcedCommandsOnly
    ? `everybody signs in with ${how}; root only runs the commands that its keys name`
    : `everybody signs in with ${how}; root signs in with ${describeSignIn(root, codes)}`;
}

function decideRoot(rootlogin: boolean | null, base: SshdBase): RootLogin {
  switch (rootlogin) {
    case true:
      return 'yes';
    case false:
      // Never wider than it is: where the machine says `no`, no password stays no sign-in.
      return base.permitRootLogin === 'yes' ? 'prohibit-password' : base.permitRootLogin;
    case null:
      return base.permitRootLogin;
  }
}

function describeSignIn(signIn: SignIn, codes: boolean): string {
  const and = codes ? ' and a code' : '';
  if (signIn.byPassword && signIn.byKey) {
    return codes ? 'a password or a public key, and a code' : 'a password or a public key';
  }
  return signIn.byPassword ? `a password${and}` : `a public key${and}; a password is not asked for`;
}

function sameSignIn(a: SignIn, b: SignIn): boolean {
  return a.byPassword === b.byPassword && a.byKey === b.byKey;
}
