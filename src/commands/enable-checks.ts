import { allowedDriftSeconds, judgeClock } from '../domain/clock.ts';
import { readAccount } from '../domain/read-account.ts';
import type { Settings } from '../domain/settings.ts';
import { findShutOut, listNames } from '../domain/shut-out.ts';
import { writeWord } from '../domain/two-factor/names.ts';
import { PosternError } from '../errors.ts';
import type { Snapshot } from '../registry/spec.ts';
import { findEnrolledAdministrator } from './account.ts';

/**
 * What speaks against asking for codes from now on: warnings, or where `force` is not given, a refusal.
 * Errors: `rule.no_administrator_enrolled`, `rule.clock_wrong`.
 */
export async function checkEnabling(
  snapshot: Snapshot,
  next: Settings,
  force: boolean,
): Promise<readonly string[]> {
  const { isThere, warnings: ofDamage } = findEnrolledAdministrator(snapshot);
  const warnings = [...ofDamage];
  if (!isThere) {
    const message = 'no administrator has a confirmed device: nobody could sign in with a code';
    if (!force) {
      throw new PosternError({
        code: 'rule.no_administrator_enrolled',
        message: `two-factor authentication stays off, because ${message}`,
        hint: `account user renew_2fa_secret username=${firstAdministrator(snapshot)}`,
      });
    }
    warnings.push(message);
  }
  return [...warnings, ...(await checkClock(snapshot, next, force))];
}

/** What speaks against asking for codes by this machine's clock: warnings, or a refusal. Error: `rule.clock_wrong`. */
export async function checkClock(
  snapshot: Snapshot,
  next: Settings,
  force: boolean,
): Promise<readonly string[]> {
  const judgement = judgeClock(await snapshot.clock(), allowedDriftSeconds(next.two_factor));
  if (judgement.verdict === 'wrong' && !force) {
    throw new PosternError({
      code: 'rule.clock_wrong',
      message: `two-factor authentication stays off, because ${judgement.reason}`,
      hint: 'system clock',
    });
  }
  return judgement.verdict === 'right' ? [] : [judgement.reason];
}

/** Whom `unenrolled=deny` is about to shut out of SSH. */
export async function warnShutOut(snapshot: Snapshot): Promise<readonly string[]> {
  const names = findShutOut(await snapshot.loginAccounts(), (name) => readAccount(snapshot, name));
  const [first] = names;
  if (first === undefined) return [];
  const who = names.length === 1 ? `${first} has` : `${listNames(names)} have`;
  return [
    `${who} no device and cannot sign in over SSH: account user renew_2fa_secret username=${writeWord(first)}`,
  ];
}

function firstAdministrator(snapshot: Snapshot): string {
  return (
    snapshot.accountNames(({ admin }) => admin).find((name) => readAccount(snapshot, name).account?.admin) ??
    'root'
  );
}

/** What to know about digits and steps that common authenticators ignore. */
export function warnAuthenticators({
  otp_digits,
  interval,
}: {
  readonly otp_digits?: number;
  readonly interval?: number;
}): readonly string[] {
  const odd = [
    ...(otp_digits !== undefined && otp_digits !== 6 ? [`${otp_digits} digits`] : []),
    ...(interval !== undefined && interval !== 30 ? [`a step of ${interval} s`] : []),
  ];
  return odd.length === 0
    ? []
    : [
        `many authenticators ignore ${odd.join(' and ')} and then show wrong codes; 6 digits and 30 s work everywhere`,
      ];
}
