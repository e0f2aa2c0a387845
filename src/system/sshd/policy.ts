import { decideExceptions, type SshdMatch, type SshException } from './match.ts';
import { type RootLogin, type SshdBase, type SshWishes, takesPasswords } from './values.ts';

/** How someone may sign in over SSH. */
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
  /** For whom a Match block says otherwise, in sshd's order: the first that concerns someone counts. */
  readonly exceptions: readonly SshException[];
};

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
    exceptions: decideExceptions(matches, wished, wishes),
  };
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
