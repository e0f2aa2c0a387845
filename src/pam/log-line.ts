import type { SignIn } from './conversation.ts';

/** How a sign-in went. `failed` is the person's doing and what fail2ban counts; `impossible` is the system's. */
export type LogVerb = 'accepted' | 'failed' | 'skipped' | 'impossible';

/** Longest name or address written out; both come from outside. */
const longestWord = 64;

/**
 * The line for syslog: `verification failed for NAME from ADDRESS: reason`, printable ASCII. NAME and ADDRESS hold no
 * space whatever was typed, so that nobody can write a line that names someone else's address.
 */
export function renderLogLine(signIn: SignIn, verb: LogVerb, reason: string): string {
  return `verification ${verb} for ${escapeWord(signIn.username)} from ${escapeWord(signIn.remoteHost)}: ${reason}`;
}

/** A word from outside as one word of printable ASCII: other bytes than of names and addresses as `\xHH`; `-`: empty. */
export function escapeWord(word: string): string {
  if (word === '') return '-';
  const escaped = Array.from(Buffer.from(word), (byte) => {
    const sign = String.fromCharCode(byte);
    return /[A-Za-z0-9._@:%+-]/.test(sign) ? sign : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return escaped.length > longestWord ? `${escaped.slice(0, longestWord).join('')}...` : escaped.join('');
}
