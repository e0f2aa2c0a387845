import { PosternError } from '../../errors.ts';
import type { RandomBytes } from './recovery-codes.ts';
import { decodeBase32, encodeBase32, isBase32Character, minSecretBytes } from './totp.ts';
import { readUri } from './uri.ts';
import { stripSeparators } from './verify.ts';

const newSecretBytes = 20;
const recommendedSecretBytes = 16;
/** The longest secret whose URI still fits the largest QR code that 80x24 cells can show (134 bytes). */
export const maxSecretBytes = 48;

/** A secret given from outside, and what came with it. */
export type ImportedSecret = {
  /** Base32, upper case, no padding, bits after the last byte zero: equal text means an equal secret. */
  readonly secret: string;
  /** Given where the secret came as a URI. */
  readonly parameters?: { readonly otp_digits: number; readonly interval: number };
  readonly warnings: readonly string[];
};

/** A new secret: 20 random bytes (RFC 4226 R6), as 32 base32 characters. */
export function makeSecret(random: RandomBytes): string {
  return encodeBase32(random.bytes(newSecretBytes));
}

/**
 * Reads a secret as people have it: base32 with spaces, dashes, small letters and padding, or a whole otpauth:// URI.
 * 10 to 15 bytes are accepted with a warning (RFC 4226 R6 asks for 16, but many systems issued 10), fewer refused.
 * Errors: `rule.secret`; none of them repeats the secret.
 */
export function normaliseSecret(text: string): ImportedSecret {
  const bare = text.trim();
  if (/^otpauth(-migration)?:/i.test(bare)) {
    const { secret, otp_digits, interval } = readUri(bare);
    return { ...normaliseBase32(secret), parameters: { otp_digits, interval } };
  }
  return normaliseBase32(bare);
}

/** A secret in groups of four characters, for reading aloud and typing. */
export function groupSecret(secret: string): string {
  return secret.match(/.{1,4}/gu)?.join(' ') ?? '';
}

function normaliseBase32(text: string): ImportedSecret {
  const characters = [...stripSeparators(text).replace(/=+$/, '').toUpperCase()];
  if (characters.length === 0) throw refuseSecret('the secret is empty');
  const strange = characters.findIndex((character) => !isBase32Character(character));
  if (strange >= 0) throw refuseCharacter(characters[strange] as string, strange + 1);
  const count = characters.length === 1 ? '1 character' : `${characters.length} characters`;
  if ([1, 3, 6].includes(characters.length % 8))
    throw refuseSecret(
      `the secret has ${count}, which is no possible length in base32: one is missing or too many`,
    );
  const bytes = decodeBase32(characters.join(''));
  if (bytes.length < minSecretBytes)
    throw refuseSecret(`the secret has ${count}; at least 16 (${minSecretBytes} bytes) are needed`);
  if (bytes.length > maxSecretBytes)
    throw refuseSecret(`the secret has ${count}; at most 77 (${maxSecretBytes} bytes) fit a QR code`);
  const warnings =
    bytes.length < recommendedSecretBytes
      ? [
          `the secret has only ${bytes.length} bytes; ${recommendedSecretBytes} or more are advised (RFC 4226); some authenticators warn about it`,
        ]
      : [];
  return { secret: encodeBase32(bytes), warnings };
}

const confusions: Readonly<Record<string, string>> = {
  '0': 'the letter O',
  '1': 'I or L',
  '8': 'the letter B',
};

function refuseCharacter(character: string, place: number): PosternError {
  const confusion = confusions[character];
  if (confusion !== undefined)
    return refuseSecret(
      `character ${place} of the secret is the digit ${character}, which base32 does not have: perhaps ${confusion}`,
    );
  return refuseSecret(`character ${place} of the secret is not one of A to Z and 2 to 7`);
}

function refuseSecret(message: string): PosternError {
  return new PosternError({
    code: 'rule.secret',
    message,
    hint: 'secret=- asks for it; omit it for a new secret',
  });
}
