import type { Enrolment, JsonObject } from '../output/view.ts';

/** An enrolment as a value, in the words of the command line. */
export function describeEnrolment(enrolment: Enrolment): JsonObject {
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
