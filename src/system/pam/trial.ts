import { PosternError } from '../../errors.ts';
import { withStaging } from '../enforcement/staging.ts';
import type { SystemPorts } from '../types.ts';
import { hasPamBlock, pamServicePath } from './block.ts';
import { tracePamPaths } from './bypass.ts';

/** What a PAM stack asked and how it ended. */
export type PamConversation = {
  /** Prompts and messages in their order. */
  readonly said: readonly { readonly kind: 'prompt' | 'echoed' | 'info' | 'error'; readonly text: string }[];
  /** Whether the person would be in. */
  readonly authenticated: boolean;
  /** PAM's number and words for the end (pam(3)); null: the check itself failed. */
  readonly result: string | null;
};

/** What the module asks for. */
const codePrompt = 'Verification code: ';

/** Holds one real conversation with sshd's PAM stack; breaks off when the answers are used up. */
export function holdConversation(
  ports: SystemPorts,
  request: {
    readonly checker: string;
    readonly username: string;
    readonly answers: readonly string[];
    /** Says that a public key was accepted before. */
    readonly afterKey: boolean;
    /** Folder to read service files from; default /etc/pam.d. */
    readonly directory?: string;
  },
): PamConversation {
  const { stdout } = ports.runner.run(
    [
      request.checker,
      ...(request.directory === undefined ? [] : ['-d', request.directory]),
      ...(request.afterKey ? ['-k'] : []),
      'sshd',
      request.username,
    ],
    { input: request.answers.map((answer) => `${answer}\n`).join('') },
  );
  const lines = stdout.split('\n').flatMap((line) => {
    const [, word = '', text = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
    return word === '' ? [] : [{ word, text }];
  });
  const result = lines.find(({ word }) => word === 'result')?.text ?? null;
  return {
    said: lines.flatMap(({ word, text }) =>
      word === 'prompt' || word === 'echoed' || word === 'info' || word === 'error'
        ? [{ kind: word, text }]
        : [],
    ),
    authenticated: result?.startsWith('0 ') ?? false,
    result,
  };
}

/** A login name that no machine has: what happens to it counts against nobody. */
export const nobody = 'postern-nobody';

/** As many wrong passwords as a stack with several sources of accounts may ask for. */
const wrongPasswords = Array<string>(4).fill('no password, but a trial of Postern');

/** Results by which libpam or a module says that the stack is out of order: pam(3), by their numbers. */
const outOfOrder = /^(4|26|28) /;

/**
 * Proves a new /etc/pam.d/sshd before it counts: its rules offer no way round the module nor to it with a wrong
 * password, and in a real conversation through a copy of the whole folder every module loads, a password is asked for,
 * and a wrong one does not get to the code. Where the rules ask no stranger for a password (pam_succeed_if, say),
 * `accounts` are tried in their turn: one that is asked has then had one failed try, which pam_faillock counts; null:
 * nobody is to be charged with one, and a stack that asks no stranger for a password is taken as it is. Errors:
 * `apply.pam_bypass`, `apply.pam_unguarded`, `apply.pam_check`.
 */
export function checkStagedPam(
  ports: SystemPorts,
  staged: string,
  services: Readonly<Record<string, string>>,
  checker: string,
  accounts: readonly string[] | null,
): void {
  const { bypass, unguarded } = tracePamPaths(staged, (name) => services[name]);
  if (bypass !== null) {
    throw new PosternError({
      code: 'apply.pam_bypass',
      message: `${pamServicePath} lets users in without a code after its rule '${bypass}'; nothing was changed`,
      hint: 'make that rule neither sufficient nor a jump past the block of Postern',
    });
  }
  if (unguarded !== null) {
    throw new PosternError({
      code: 'apply.pam_unguarded',
      message: `${pamServicePath} would ask for the code even though its rule '${unguarded}' refused the password; nothing was changed`,
      hint: "make that rule requisite, or put auth requisite pam_deny.so after it, as in Debian's common-auth",
    });
  }
  withStaging(ports, (directory) => {
    for (const [name, content] of Object.entries(services)) {
      ports.files.writeAtomic(`${directory}/${name}`, name === 'sshd' ? staged : content, 0o600);
    }
    const hold = (username: string) =>
      holdConversation(ports, { checker, username, answers: wrongPasswords, afterKey: false, directory });
    const usernames = [...new Set([nobody, ...(accounts ?? [])])];
    if (assertPasswordStops(hold, usernames) || accounts === null) return;
    throw new PosternError({
      code: 'apply.pam_check',
      message: `trial sign-ins through the new ${pamServicePath} as ${usernames.join(', ')} ended before the password prompt; nothing was changed`,
      hint: 'enrol an administrator who is let in by the rules of that file and not locked out by faillock',
    });
  });
}

/**
 * Asserts that a wrong password, of the first of these names that is asked for one, ends the sign-in. False: none of them
 * is asked for one.
 */
function assertPasswordStops(
  hold: (username: string) => PamConversation,
  usernames: readonly string[],
): boolean {
  for (const username of usernames) {
    const conversation = hold(username);
    const { authenticated, result } = conversation;
    if (authenticated || result === null || outOfOrder.test(result) || asksForCode(conversation)) {
      throw new PosternError({
        code: 'apply.pam_check',
        message: `a trial sign-in of ${username} with a wrong password, through the new ${pamServicePath}, failed (${describe(conversation)}); nothing was changed`,
        hint: 'system enforcement status',
      });
    }
    if (conversation.said.some(({ kind }) => kind === 'prompt' || kind === 'echoed')) return true;
  }
  return false;
}

/** Whether the module's question came. */
export function asksForCode({ said }: PamConversation): boolean {
  return said.some(({ kind, text }) => kind === 'prompt' && `${text.trimEnd()} ` === codePrompt);
}

/**
 * Signs in as an enrolled user whose key was accepted, as far as the prompt for the code. Answers undefined where the
 * stack in force asks for it, else what it did instead.
 */
export function findCodePromptFault(
  ports: SystemPorts,
  checker: string,
  username: string,
): string | undefined {
  const content = ports.files.read(pamServicePath);
  if (content === undefined || !hasPamBlock(content)) return `${pamServicePath} does not run pam_postern.so`;
  const conversation = holdConversation(ports, { checker, username, answers: [], afterKey: true });
  return asksForCode(conversation) && !conversation.authenticated ? undefined : describe(conversation);
}

function describe(conversation: PamConversation): string {
  const said = conversation.said.map(({ text }) => `"${text.trim()}"`).join(', ') || 'nothing';
  const end = conversation.authenticated
    ? 'let the user in'
    : `ended with: ${conversation.result ?? 'no answer'}`;
  return `it said ${said} and ${end}`;
}
