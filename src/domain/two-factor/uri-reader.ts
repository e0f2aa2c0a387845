import { PosternError } from '../../errors.ts';

/**
 * Reads the secret and parameters out of an otpauth:// URI. Errors: `rule.secret` where the URI is not one of a TOTP
 * with SHA-1, 6 to 8 digits and 15 to 300 seconds; none of them repeats the URI.
 */
export function readUri(text: string): {
  readonly secret: string;
  readonly otp_digits: number;
  readonly interval: number;
} {
  if (/^otpauth-migration:/i.test(text))
    throw refuseUri('an otpauth-migration:// URI contains many secrets; give one');
  const url = parseUrl(text);
  if (url.host.toLowerCase() !== 'totp')
    throw refuseUri('the URI is not for time-based codes (otpauth://totp/...)');
  const names = [...url.searchParams.keys()].map((key) => key.toLowerCase());
  const twice = ['secret', 'algorithm', 'digits', 'period'].find(
    (key) => names.indexOf(key) !== names.lastIndexOf(key),
  );
  if (twice !== undefined) throw refuseUri(`the URI has ${twice}= twice`);
  const parameters = new Map([...url.searchParams].map(([key, value]) => [key.toLowerCase(), value]));
  const secret = parameters.get('secret');
  if (secret === undefined) throw refuseUri('the URI has no secret=');
  const algorithm = (parameters.get('algorithm') ?? 'SHA1').toUpperCase().replace(/^HMAC|[-_]/g, '');
  if (algorithm !== 'SHA1')
    throw refuseUri('the URI names an algorithm other than SHA-1, the only one supported');
  return {
    secret,
    otp_digits: readWhole(parameters.get('digits') ?? '6', 'digits', 6, 8),
    interval: readWhole(parameters.get('period') ?? '30', 'period', 15, 300),
  };
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw refuseUri('the URI cannot be read');
  }
}

function readWhole(text: string, name: string, lowest: number, highest: number): number {
  const value = /^[0-9]{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= lowest && value <= highest) return value;
  throw refuseUri(`${name}= of the URI is not a number from ${lowest} to ${highest}`);
}

function refuseUri(message: string): PosternError {
  return new PosternError({
    code: 'rule.secret',
    message,
    hint: 'set SHA-1, 6 digits and 30 seconds on the other system, or omit secret= for a new secret',
  });
}
