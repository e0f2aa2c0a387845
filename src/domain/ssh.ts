/** What the settings ask of sshd; null: as the machine's own sshd_config has it. */
export type SshWishes = { readonly passwordauth: boolean | null; readonly rootlogin: boolean | null };

/** What sshd does by its own configuration, Postern's file left out. */
export type SshdBase = {
  readonly permitRootLogin: 'yes' | 'no' | 'prohibit-password' | 'forced-commands-only';
  /** Whether a password is asked for in any way (`password` or keyboard-interactive). */
  readonly passwordAuthentication: boolean;
};

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
};

/** Debian's sshd as it comes: what is assumed where sshd cannot be asked. */
export const stockSshdBase: SshdBase = { permitRootLogin: 'prohibit-password', passwordAuthentication: true };

/** Decides who may sign in how. `rootlogin=false` means no password for root; its keys stay good. */
export function decideSshPolicy(codes: boolean, wishes: SshWishes, base: SshdBase): SshPolicy {
  const byPassword = wishes.passwordauth ?? base.passwordAuthentication;
  const root = decideRoot(wishes.rootlogin, base);
  return {
    codes,
    everybody: { byPassword, byKey: true },
    root: {
      byPassword: byPassword && root === 'yes',
      byKey: root !== 'no',
    },
    rootForcedCommandsOnly: root === 'forced-commands-only',
  };
}

/** Says in one sentence what a policy means to the people who sign in. */
export function describeSshPolicy(policy: SshPolicy): string {
  const everybody = describeSignIn(policy.everybody, policy.codes);
  const root = policy.rootForcedCommandsOnly
    ? 'root only runs the commands that its keys name'
    : `root signs in with ${describeSignIn(policy.root, policy.codes)}`;
  if (sameSignIn(policy.everybody, policy.root) && !policy.rootForcedCommandsOnly) {
    return `everybody, root too, signs in with ${everybody}`;
  }
  return policy.root.byKey
    ? `everybody signs in with ${everybody}; ${root}`
    : `everybody signs in with ${everybody}; root cannot sign in over SSH`;
}

function decideRoot(rootlogin: boolean | null, base: SshdBase): SshdBase['permitRootLogin'] {
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
