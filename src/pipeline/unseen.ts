import { isPosternError, PosternError } from '../errors.ts';
import { quoteWord } from '../language/quote.ts';
import type { JsonObject, View } from '../output/view.ts';

/** Exit code where the reader of standard output went away: what a shell says of a program that SIGPIPE ended. */
export const readerGone = 141;

/** Whether the answer holds a secret, for which alone the line was typed. */
export function showsSecret({ enrolment, data }: View): boolean {
  return enrolment !== undefined || readRecoveryCodes(data) !== undefined || readDevice(data) !== undefined;
}

/** The error for an answer that did not get through, though what was asked for has been done: how to see it again. */
export function explainUnseen(view: View, cause?: unknown): PosternError {
  const why =
    cause === undefined ? 'standard output is closed' : isPosternError(cause) ? cause.message : String(cause);
  return new PosternError(
    {
      code: 'store.output',
      message: `${why}; ${isChange(view) ? 'the command was carried out' : 'the secret was not seen'}${describeLost(view)}`,
      hint: hintToSee(view) ?? 'df .',
    },
    cause,
  );
}

function describeLost({ enrolment }: View): string {
  if (enrolment === undefined || enrolment.recoveryCodes.length === 0) return '';
  return `, and its recovery codes were not shown: account user renew_recovery_codes ${quoteWord(enrolment.username)} makes new ones`;
}

function hintToSee({ enrolment, data }: View): string | undefined {
  if (enrolment) {
    const { username, device } = enrolment;
    return `account user show_2fa_qr username=${quoteWord(username)} device=${quoteWord(device)}`;
  }
  const username = readRecoveryCodes(data);
  if (username !== undefined) return `account user renew_recovery_codes ${quoteWord(username)}`;
  const shown = readDevice(data);
  return (
    shown &&
    `account user show_2fa_qr username=${quoteWord(shown.username)} device=${quoteWord(shown.device)}`
  );
}

function isChange({ data }: View): boolean {
  return data !== null && typeof data === 'object' && 'changed' in data;
}

/** Whose secret an answer shows again. */
function readDevice(data: View['data']): { readonly username: string; readonly device: string } | undefined {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return undefined;
  const { username, device } = data as JsonObject;
  if (!('provisioning_uri' in data) || typeof username !== 'string' || typeof device !== 'string')
    return undefined;
  return { username, device };
}

/** Whose recovery codes an answer shows. */
function readRecoveryCodes(data: View['data']): string | undefined {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return undefined;
  if (!('recovery_codes' in data) || !('username' in data)) return undefined;
  return typeof data.username === 'string' ? data.username : undefined;
}
