// A line of its own in each document, so that a person can take it out to have an edit accepted, and an older program
// keeps it as a key that it does not know. It covers the text without that line.

const line = /^ {2}"checksum": "([0-9a-f]{8})",\n/m;

/** A document as it is written: indented JSON with its checksum as the first line. */
export function sealDocument(document: object): string {
  // U+FFFD is escaped, so that one in the file itself always means bytes that are not UTF-8: damage.
  const text = `${JSON.stringify(document, undefined, 2).replaceAll('\ufffd', '\\ufffd')}\n`;
  return `{\n  "checksum": "${takeChecksum(text)}",${text.slice(1)}`;
}

/** Whether a text that is a JSON object is as it was written. One without a checksum, of an older version, is. */
export function isIntact(text: string, document: object): boolean {
  if (!Object.hasOwn(document, 'checksum')) return true;
  const found = line.exec(text);
  if (found === null) return false;
  return found[1] === takeChecksum(text.slice(0, found.index) + text.slice(found.index + found[0].length));
}

function takeChecksum(text: string): string {
  return takeCrc32(Buffer.from(text, 'utf8')).toString(16).padStart(8, '0');
}

/** CRC-32 as in gzip (RFC 1952 section 8); not by node:zlib, which costs a start and lacks it in Node 18. */
export function takeCrc32(bytes: Uint8Array): number {
  let crc = -1;
  // Four bits at a time: the table of eight takes longer to make than a document to read.
  for (let index = 0; index < bytes.length; index++) {
    crc ^= bytes[index] as number;
    crc = (crc >>> 4) ^ (halfBytes[crc & 15] as number);
    crc = (crc >>> 4) ^ (halfBytes[crc & 15] as number);
  }
  return ~crc >>> 0;
}

/** What four bits that leave the register add to it. */
const halfBytes = [
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320,
  0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
];

/** FNV-1a of a text's UTF-16 units, 32 bits, with the upper half folded in: a place for a name, not a proof of it. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash ^ (hash >>> 16)) >>> 0;
}
