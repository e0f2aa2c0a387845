import { createGuardrails, generateSync } from 'otplib';

/** What a code is made from: the secret (base32), its digits and its step in seconds. */
export type TotpParameters = {
  readonly secret: string;
  readonly otp_digits: number;
  readonly interval: number;
};

/** Fewest bytes of a secret that is still accepted; RFC 4226 R6 wants 16, older systems exported 10. */
export const minSecretBytes = 10;

const guardrails = createGuardrails({ MIN_SECRET_BYTES: minSecretBytes, MIN_PERIOD: 1, MAX_PERIOD: 3600 });

/** The time step (T of RFC 6238 section 4.2) that a moment lies in. */
export function stepAt(nowMs: number, periodSeconds: number): number {
  return Math.floor(nowMs / 1000 / periodSeconds);
}

/** The code of one time step: RFC 6238 with HMAC-SHA-1, T0 = 0. */
export function codeAtStep(parameters: TotpParameters, step: number): string {
  return makeCode(decodeBase32(parameters.secret), parameters, step);
}

/**
 * The steps from `fromStep` to `toStep`, both included, whose code is `code`, ascending. Every step is worked out and
 * compared in constant time, whatever matched before, so that the time tells nothing.
 */
export function findSteps(
  parameters: TotpParameters,
  code: string,
  fromStep: number,
  toStep: number,
): readonly number[] {
  const key = decodeBase32(parameters.secret);
  const found: number[] = [];
  for (let step = Math.max(0, fromStep); step <= toStep; step += 1) {
    if (isEqualText(makeCode(key, parameters, step), code)) found.push(step);
  }
  return found;
}

/** By otplib's own HMAC: node:crypto would take longer to load than everything else of a sign-in. */
function makeCode(key: Uint8Array, { otp_digits, interval }: TotpParameters, step: number): string {
  return generateSync({
    secret: key,
    guardrails,
    digits: otp_digits as 6 | 7 | 8,
    period: interval,
    epoch: step * interval,
  });
}

/** Whether two texts are equal, in a time that depends on their lengths only. */
export function isEqualText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 of bytes (RFC 4648 section 6), upper case, no padding. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let bitCount = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    bitCount += 8;
    while (bitCount >= 5) {
      bitCount -= 5;
      text += alphabet[(bits >> bitCount) & 31];
    }
  }
  return bitCount > 0 ? text + alphabet[(bits << (5 - bitCount)) & 31] : text;
}

/** The bytes of upper-case base32 without padding; bits after the last whole byte are dropped. Never throws. */
export function decodeBase32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let bitCount = 0;
  let length = 0;
  for (const character of text) {
    bits = ((bits << 5) | Math.max(0, alphabet.indexOf(character))) & 0xfff;
    bitCount += 5;
    if (bitCount >= 8) {
      bitCount -= 8;
      bytes[length++] = (bits >> bitCount) & 255;
    }
  }
  return bytes;
}

/** Whether a character belongs to the base32 alphabet (RFC 4648 section 6). */
export function isBase32Character(character: string): boolean {
  return character.length === 1 && alphabet.includes(character);
}
