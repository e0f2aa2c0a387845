import type { FirstFactor } from '../domain/policy.ts';

/** What the module tells of a sign-in before anything is asked. */
export type SignIn = {
  /** The store's directory. */
  readonly stateDirectory: string;
  /** Login name, in the system's own spelling where the system knows it. Anything at all otherwise. */
  readonly username: string;
  /** Whether the system knows an account of that name. */
  readonly isSystemAccount: boolean;
  /** PAM service: `sshd`. */
  readonly service: string;
  /** Where the person comes from, as sshd saw it; empty: unknown. */
  readonly remoteHost: string;
  /** What sshd accepted before: a password or nothing yet, a public key, or a key on a FIDO authenticator. */
  readonly by: FirstFactor;
};

/** The module's end of the wire: one line at a time, without newlines. */
export type Lines = {
  /** The next line of the module; undefined: it is gone, or the person took too long. */
  read(): string | undefined;
  write(line: string): void;
};

/** What is decided elsewhere. `log` is for syslog: printable ASCII, one line. */
export type Gate = {
  /** Whether this sign-in is asked for a code at all. */
  admit(signIn: SignIn): Promise<{ readonly ask: true } | { readonly ask: false; readonly log: string }>;
  /** Whether what was typed lets the person in; then it is used up already. */
  accept(signIn: SignIn, token: string): Promise<{ readonly accepted: boolean; readonly log: string }>;
};

export type Verdict = 'OK' | 'FAIL' | 'SKIP';

/** The words of the prompt, the same for everyone. */
export const prompt = 'Verification code: ';

const attempts = 2;
/** The module refuses longer lines. */
const longestLine = 500;
const heading = ['STATE', 'USER', 'KNOWN', 'SERVICE', 'RHOST', 'KEY'] as const;

/**
 * Holds one conversation with the PAM module, up to and including the line with the verdict, which it answers.
 * Everyone who is asked meets the same prompts; a module that breaks the protocol or ends meets FAIL.
 */
export async function converse(lines: Lines, gate: Gate): Promise<Verdict> {
  const signIn = readSignIn(lines);
  return signIn === undefined ? conclude(lines, 'FAIL') : conclude(lines, await judge(lines, gate, signIn));
}

async function judge(lines: Lines, gate: Gate, signIn: SignIn): Promise<Verdict> {
  const admission = await gate.admit(signIn);
  if (!admission.ask) {
    writeLog(lines, admission.log);
    return 'SKIP';
  }
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    lines.write(`PROMPT ${prompt}`);
    const token = readValue(lines, 'ANSWER');
    if (token === undefined) return 'FAIL';
    const { accepted, log } = await gate.accept(signIn, token);
    writeLog(lines, log);
    if (accepted) return 'OK';
  }
  return 'FAIL';
}

/** The opening lines, each "WORD value" and in this order; undefined where it is not exactly that. */
function readSignIn(lines: Lines): SignIn | undefined {
  const values: string[] = [];
  for (const word of heading) {
    const value = readValue(lines, word);
    if (value === undefined) return undefined;
    values.push(value);
  }
  const [stateDirectory = '', username = '', known, service = '', remoteHost = '', key = ''] = values;
  const isAnswered = (known === 'yes' || known === 'no') && key !== '';
  if (!isAnswered || username === '' || !stateDirectory.startsWith('/')) return undefined;
  return {
    stateDirectory,
    username,
    isSystemAccount: known === 'yes',
    service,
    remoteHost,
    by: readFirstFactor(key),
  };
}

/** The algorithms of keys on FIDO authenticators, and of their certificates (OpenSSH's PROTOCOL.u2f). */
const securityKeys = [
  'sk-ssh-ed25519@openssh.com',
  'sk-ssh-ed25519-cert-v01@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'sk-ecdsa-sha2-nistp256-cert-v01@openssh.com',
];

/** `key`: `no`, the algorithm of a key, or `yes`: a key of which no more is known, as an older module says. */
function readFirstFactor(key: string): FirstFactor {
  if (key === 'no') return 'password';
  return securityKeys.includes(key) ? 'security_key' : 'key';
}

function readValue(lines: Lines, word: string): string | undefined {
  const line = lines.read();
  return line?.startsWith(`${word} `) ? line.slice(word.length + 1) : undefined;
}

function writeLog(lines: Lines, text: string): void {
  lines.write(`LOG ${text.replace(/[^ -~]/g, '?')}`.slice(0, longestLine));
}

function conclude(lines: Lines, verdict: Verdict): Verdict {
  lines.write(verdict);
  return verdict;
}
