import { readRecoveryCode } from './recovery-codes.ts';

/** What was typed in the place of a code, after normalising. */
export type Token =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'recovery'; readonly code: string }
  | { readonly kind: 'malformed' };

/** Longer input cannot be a code, however it is spaced. */
const longestInput = 256;

/**
 * Reads what a person typed as a code (6 to 8 digits) or a recovery code. Spaces, dashes and invisible characters of
 * any kind are dropped and fullwidth digits are digits, before anything is compared or counted, so that no spelling of
 * a code counts as another code.
 */
export function parseToken(text: string): Token {
  if (text.length > longestInput) return { kind: 'malformed' };
  // Most are typed plainly, and compiling the expression for the others costs a sign-in most of a millisecond.
  const bare = /^[0-9A-Za-z]*$/.test(text) ? text : stripSeparators(text);
  if (/^[0-9]{6,8}$/.test(bare)) return { kind: 'code', code: bare };
  const recovery = readRecoveryCode(bare);
  return recovery === undefined ? { kind: 'malformed' } : { kind: 'recovery', code: recovery };
}

/** Text in compatibility form (NFKC) without spaces, dashes, control and invisible characters. */
export function stripSeparators(text: string): string {
  return text.normalize('NFKC').replace(/[\s\p{Z}\p{Pd}\p{Cc}\p{Cf}\u2212]/gu, '');
}
