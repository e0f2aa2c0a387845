/** Rules that ask for the password, with what they do to somebody who types a wrong one. */
export type PasswordRules = {
  readonly because: string;
  /** What stands before the line that asks for the code. */
  readonly rules: string;
  readonly services?: Readonly<Record<string, string>>;
  /** Who types it: an account, or a name that the system does not know. */
  readonly user?: 'nobody-there';
  /** The rule after whose failure the code is asked for; null: the sign-in ends before it. */
  readonly unguarded: string | null;
};

const commonAuth = `
auth [success=1 default=ignore] pam_unix.so nullok
auth requisite pam_deny.so
auth required pam_permit.so
auth optional pam_cap.so`;

export const passwordRules: readonly PasswordRules[] = [
  { because: 'Debian jumps over a deny', rules: commonAuth, unguarded: null },
  {
    because: 'Debian does so in an included file',
    rules: '@include its-auth',
    services: { 'its-auth': commonAuth },
    unguarded: null,
  },
  {
    because: 'a second source of accounts jumps, too',
    rules: `auth [success=2 default=ignore] pam_unix.so
      auth [success=1 default=ignore] pam_unix.so use_first_pass
      auth requisite pam_deny.so
      auth required pam_permit.so`,
    unguarded: null,
  },
  { because: 'requisite ends the sign-in', rules: 'auth requisite pam_unix.so', unguarded: null },
  {
    because: 'what checks nobody may fail before it',
    rules: 'auth optional pam_wheel.so\nauth requisite pam_unix.so',
    unguarded: null,
  },
  {
    because: 'lockout by faillock ends the sign-in',
    rules: `auth required pam_faillock.so preauth
      auth [success=1 default=bad] pam_unix.so
      auth [default=die] pam_faillock.so authfail`,
    unguarded: null,
  },
  {
    because: 'sufficient forgives, and nothing denies after it',
    rules: 'auth sufficient pam_unix.so',
    unguarded: 'sufficient pam_unix.so',
  },
  {
    because: 'what permits everybody makes up for it',
    rules: 'auth sufficient pam_unix.so\nauth required pam_permit.so',
    unguarded: 'sufficient pam_unix.so',
  },
  {
    because: 'the deny behind it is optional',
    rules: 'auth sufficient pam_unix.so\nauth optional pam_deny.so',
    unguarded: 'sufficient pam_unix.so',
  },
  {
    because: 'required fails at the end only, after the question',
    rules: 'auth required pam_unix.so',
    unguarded: 'required pam_unix.so',
  },
  { because: 'optional forgives', rules: 'auth optional pam_unix.so', unguarded: 'optional pam_unix.so' },
  {
    because: 'a failure jumps over the deny',
    rules: 'auth [success=ok default=1] pam_unix.so\nauth requisite pam_deny.so',
    unguarded: '[success=ok default=1] pam_unix.so',
  },
  {
    because: 'a jump goes too short',
    rules: `auth [success=1 auth_err=1 default=ignore] pam_unix.so
      auth requisite pam_deny.so
      auth required pam_permit.so`,
    unguarded: '[success=1 auth_err=1 default=ignore] pam_unix.so',
  },
  {
    because: 'a reset forgets the failure',
    rules: 'auth [success=ok default=reset] pam_unix.so',
    unguarded: '[success=ok default=reset] pam_unix.so',
  },
  {
    because: 'a deny ends only the substack that it is in',
    rules: 'auth substack its-auth',
    services: { 'its-auth': 'auth sufficient pam_unix.so\nauth requisite pam_deny.so' },
    unguarded: 'sufficient pam_unix.so',
  },
  {
    because: 'those whom the system does not know are passed on',
    rules: 'auth [success=ok user_unknown=ignore default=die] pam_unix.so',
    user: 'nobody-there',
    unguarded: '[success=ok user_unknown=ignore default=die] pam_unix.so',
  },
];
