import QRCode from 'qrcode-terminal/vendor/QRCode/index.js';
import errorCorrectLevels from 'qrcode-terminal/vendor/QRCode/QRErrorCorrectLevel.js';
import { PosternError } from '../errors.ts';

/** The modules of a QR code, row by row, without a quiet zone; true is dark. Square. */
export type Matrix = readonly (readonly boolean[])[];

/** Bytes that a version 40 code at level L holds (ISO/IEC 18004, table 7). */
const maxBytes = 2953;

/**
 * The QR code of `text` in byte mode at error correction level L, in the smallest version that holds it: 74 bytes
 * give 33 modules a side, 100 give 37, 134 give 41. Errors: `rule.qr_characters` for text that Latin-1 cannot say,
 * `rule.qr_too_long` beyond 2,953 bytes.
 */
export function makeMatrix(text: string): Matrix {
  const stranger = [...text].find((character) => character.codePointAt(0)! > 0xff);
  if (stranger !== undefined) {
    throw new PosternError({
      code: 'rule.qr_characters',
      message: `a QR code holds Latin-1 text only, which has no ${JSON.stringify(stranger)}`,
      hint: 'write it percent-encoded, or use ASCII in the issuer and the account name',
    });
  }
  if (text.length > maxBytes) {
    throw new PosternError({
      code: 'rule.qr_too_long',
      message: `a QR code holds at most ${maxBytes} bytes; this text has ${text.length}`,
      hint: 'shorten the issuer or the account name',
    });
  }
  const code = new QRCode(-1, errorCorrectLevels.L);
  code.addData(text);
  code.make();
  const side = Array.from({ length: code.getModuleCount() }, (_, index) => index);
  return side.map((row) => side.map((column) => code.isDark(row, column)));
}
