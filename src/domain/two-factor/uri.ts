import { PosternError } from '../../errors.ts';

/** Bytes of the longest URI whose QR code (version 6, level L) fits 80x24 cells with a prompt line. */
export const maxUriBytes = 134;

/** An issuer is shortened to no fewer characters before the account's name is. */
const shortestIssuer = 3;

export type UriParameters = {
  readonly issuer: string;
  readonly username: string;
  readonly device: string;
  /** Base32, upper case, no padding. */
  readonly secret: string;
  readonly digits: number;
  readonly periodSeconds: number;
};

/**
 * The otpauth:// URI of a device, at most 134 bytes, with what had to be left out as warnings. Label `issuer:account`,
 * with the device in parentheses unless it is `default`; issuer ASCII and the same in label and parameter; SHA-1;
 * parameters that are the default left out. Too long, it loses the device first, then the end of the issuer down to 3
 * characters, then the end of the account's name, then the issuer.
 */
export function makeUri(parameters: UriParameters): {
  readonly uri: string;
  readonly warnings: readonly string[];
} {
  const { device, username } = parameters;
  const issuer = toAsciiIssuer(parameters.issuer);
  // A label of blanks names nobody, and one that is a dot segment (RFC 3986 section 5.2.4) is taken out of the path.
  const account = /^\.{0,2}$/.test(username.trim()) ? '_' : username.replaceAll(':', '_');
  const warnings: string[] = [];
  if (issuer !== parameters.issuer)
    warnings.push(
      `the issuer is written '${issuer}' in the QR code: authenticators need plain ASCII, no colon`,
    );

  const whole = device === 'default' ? account : `${account} (${device})`;
  if (fits(parameters, issuer, whole)) return { uri: writeUri(parameters, issuer, whole), warnings };

  if (whole !== account)
    warnings.push("the device's name is left out of the QR code: the URI would be too long");
  const short = shortenText(
    issuer,
    (text) => text.length <= shortestIssuer || fits(parameters, text, account),
  );
  if (fits(parameters, short, account)) {
    if (short !== issuer)
      warnings.push(`the issuer is shortened to '${short}' in the QR code to make it fit 80x24`);
    return { uri: writeUri(parameters, short, account), warnings };
  }

  const withIssuer = shortenText(account, (text) => fits(parameters, short, text));
  const shown = withIssuer === '' ? '' : short;
  const name = withIssuer === '' ? shortenText(account, (text) => fits(parameters, '', text)) : withIssuer;
  warnings.push(
    shown === ''
      ? `the QR code names the account '${name}' and no issuer: the URI would be too long`
      : `the QR code names the account '${name}' and the issuer '${shown}': the URI would be too long`,
  );
  return { uri: writeUri(parameters, shown, name), warnings };
}

function writeUri({ secret, digits, periodSeconds }: UriParameters, issuer: string, account: string): string {
  const label = issuer === '' ? encodePart(account) : `${encodePart(issuer)}:${encodePart(account)}`;
  const parts = [`secret=${secret}`];
  if (issuer !== '') parts.push(`issuer=${encodePart(issuer)}`);
  if (digits !== 6) parts.push(`digits=${digits}`);
  if (periodSeconds !== 30) parts.push(`period=${periodSeconds}`);
  return `otpauth://totp/${label}?${parts.join('&')}`;
}

function fits(parameters: UriParameters, issuer: string, account: string): boolean {
  return writeUri(parameters, issuer, account).length <= maxUriBytes;
}

/** The longest beginning of text, in whole characters and without a space at its end, that is accepted; else ''. */
function shortenText(text: string, isAccepted: (text: string) => boolean): string {
  const characters = [...text.trimStart()];
  for (let length = characters.length; length > 0; length -= 1) {
    const beginning = characters.slice(0, length).join('').trimEnd();
    if (beginning !== '' && isAccepted(beginning)) return beginning;
  }
  return '';
}

/** Percent-encoded, `%20` for a space; `@` may be as it is in a path and a query (RFC 3986) and saves bytes. */
function encodePart(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '_')).replaceAll('%40', '@');
}

function toAsciiIssuer(issuer: string): string {
  const plain = issuer
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]|:/gu, '-')
    .trim();
  return plain === '' ? 'Postern' : plain;
}

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
