import type { Enrolled, Enrolment } from '../domain/two-factor/enrol.ts';
import type { JsonObject } from '../output/view.ts';
import type { Snapshot, WriteResult } from '../registry/spec.ts';
import { answerAccountChange, answerReplacement, warnIfNobodyEnrolled } from './account.ts';

/** An enrolment as a value, in the words of the command line. */
export function enrolmentView(enrolment: Enrolment): JsonObject {
  return {
    username: enrolment.username,
    device: enrolment.device,
    secret: enrolment.secret,
    provisioning_uri: enrolment.uri,
    algorithm: 'SHA1',
    otp_digits: enrolment.digits,
    interval: enrolment.periodSeconds,
    recovery_codes: enrolment.recoveryCodes,
  };
}

type SecretInput = {
  readonly username: string;
  readonly device: string;
  readonly otp_digits?: number;
  readonly interval?: number;
  readonly secret?: string;
};

/** What a new secret is to be by a command and the settings. `lostMs`: when the account was found lost. */
export async function orderOf(
  { device, otp_digits, interval, secret }: SecretInput,
  snapshot: Snapshot,
  lostMs?: number,
) {
  const { forgottenOf } = await import('../domain/two-factor/used-steps.ts');
  const { two_factor } = snapshot.settings;
  return {
    device,
    secret,
    otp_digits: otp_digits ?? two_factor.otp_digits,
    interval: interval ?? two_factor.interval,
    issuer: two_factor.issuer,
    forgotten: forgottenOf(snapshot.settings, lostMs),
    random: snapshot.random,
    nowMs: snapshot.nowMs,
  };
}

/** The answer of a new secret; `lost`: nothing of the account could be kept. */
export function answerEnrolment(
  snapshot: Snapshot,
  before: Enrolled['account'] | 'lost',
  { account, enrolment, warnings }: Enrolled,
): WriteResult {
  const more = {
    warnings: [...warnings, ...warnIfNobodyEnrolled(snapshot, account, account.username)],
    data: enrolmentView(enrolment),
    enrolment,
  };
  if (before !== 'lost') return answerAccountChange(before, account, more);
  const { username } = account;
  const lost = `full_name, admin and locked of ${username} are lost: set them with "account user update ${username}"`;
  return answerReplacement(username, account, { ...more, warnings: [lost, ...more.warnings] });
}
