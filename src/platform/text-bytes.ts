import { isUtf8 } from 'node:buffer';

/**
 * Text of a file such that `encodeText` gives back its very bytes. A line that is not UTF-8 (an old comment in Latin-1)
 * holds a lone surrogate U+DC80..U+DCFF for each byte from 0x80, which no UTF-8 text can.
 */
export function decodeText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return bytes
    .toString('latin1')
    .split('\n')
    .map((line) => {
      const ofLine = Buffer.from(line, 'latin1');
      return isUtf8(ofLine)
        ? ofLine.toString('utf8')
        : line.replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(0xdc00 + byte.charCodeAt(0)));
    })
    .join('\n');
}

/** Bytes of a text, UTF-8 but for what `decodeText` made of other bytes. */
export function encodeText(text: string): Buffer {
  const pieces = text.split(/([\udc80-\udcff]+)/u);
  return Buffer.concat(
    // Every second piece is what the brackets matched; the low byte of each of its units is the byte it stands for.
    pieces.map((piece, index) => Buffer.from(piece, index % 2 === 0 ? 'utf8' : 'latin1')),
  );
}
