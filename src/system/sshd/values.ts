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
