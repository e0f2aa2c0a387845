import { createHash } from 'node:crypto';

/** Longest encoded name: leaves room for the suffixes of temporary files in the 128 bytes that conf keeps whole. */
const maxEncodedLength = 80;
/** In no encoded name otherwise, so the two forms never meet. */
const hashPrefix = 'long+';

/**
 * The file name, without `.json`, of an account: lower-case letters, digits, `-` and `_` stay, every other byte of
 * its UTF-8 becomes `%xx`; a name that is too long or not well-formed becomes a hash. Never two names to one file,
 * also where the file system ignores case, and never a dot or a slash.
 */
export function encodeName(username: string): string {
  const bytes = Buffer.from(username, 'utf8');
  if (bytes.length === 0 || bytes.toString('utf8') !== username) return hashName(username);
  let encoded = '';
  for (const [index, byte] of bytes.entries()) {
    const safe = isSafeByte(byte) && !(index === 0 && byte === 0x2d);
    encoded += safe ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return encoded.length <= maxEncodedLength ? encoded : hashName(username);
}

/** The account that an encoded name stands for; null: a hash, the name is in the file; undefined: not ours. */
export function decodeName(encoded: string): string | null | undefined {
  if (/^long\+[0-9a-f]{64}$/.test(encoded)) return null;
  if (!/^(?:[a-z0-9_-]|%[0-9a-f]{2})+$/.test(encoded)) return undefined;
  const bytes = encoded.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const username = Buffer.from(bytes, 'latin1').toString('utf8');
  return encodeName(username) === encoded ? username : undefined;
}

function isSafeByte(byte: number): boolean {
  const isLetter = byte >= 0x61 && byte <= 0x7a;
  const isDigit = byte >= 0x30 && byte <= 0x39;
  return isLetter || isDigit || byte === 0x2d || byte === 0x5f;
}

function hashName(username: string): string {
  return hashPrefix + createHash('sha256').update(Buffer.from(username, 'utf16le')).digest('hex');
}
