import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Font } from './picture.ts';

/** A console font and the characters it has glyphs for. */
export type ConsoleFont = Font & { readonly characters: ReadonlySet<string> };

type Layout = {
  readonly width: number;
  readonly height: number;
  readonly glyphBytes: number;
  readonly glyphs: Buffer;
  readonly glyphOf: ReadonlyMap<string, number>;
};

/** Reads a PSF1 or PSF2 font with its Unicode table, gzipped or not. */
export function readConsoleFont(path: string): ConsoleFont {
  const file = readFileSync(path);
  const data = file[0] === 0x1f && file[1] === 0x8b ? gunzipSync(file) : file;
  const layout = data.readUInt32LE(0) === 0x864ab572 ? readPsf2(data) : readPsf1(data);
  const { width, height, glyphBytes, glyphs, glyphOf } = layout;
  const rowBytes = Math.ceil(width / 8);
  // The kernel shows U+FFFD, or else a question mark, for what the font does not have.
  const replacement = glyphOf.get('\ufffd') ?? glyphOf.get('?') ?? 0;
  return {
    width,
    height,
    characters: new Set(glyphOf.keys()),
    isInk: (character, x, y) => {
      const start = (glyphOf.get(character) ?? replacement) * glyphBytes + y * rowBytes;
      return (glyphs[start + (x >> 3)]! & (0x80 >> (x & 7))) !== 0;
    },
  };
}

function readPsf1(data: Buffer): Layout {
  if (data.readUInt16LE(0) !== 0x0436) throw new Error('neither PSF1 nor PSF2');
  const mode = data[2]!;
  const glyphCount = mode & 1 ? 512 : 256;
  const height = data[3]!;
  const glyphOf = new Map<string, number>();
  let at = 4 + glyphCount * height;
  for (let glyph = 0; mode & 6 && glyph < glyphCount; glyph += 1) {
    let inSequence = false;
    for (; data.readUInt16LE(at) !== 0xffff; at += 2) {
      const code = data.readUInt16LE(at);
      if (code === 0xfffe) inSequence = true;
      else if (!inSequence) addOnce(glyphOf, String.fromCharCode(code), glyph);
    }
    at += 2;
  }
  return { width: 8, height, glyphBytes: height, glyphs: data.subarray(4, 4 + glyphCount * height), glyphOf };
}

function readPsf2(data: Buffer): Layout {
  const [headerBytes, flags, glyphCount, glyphBytes, height, width] = [8, 12, 16, 20, 24, 28].map((offset) =>
    data.readUInt32LE(offset),
  ) as [number, number, number, number, number, number];
  const glyphOf = new Map<string, number>();
  let at = headerBytes + glyphCount * glyphBytes;
  for (let glyph = 0; flags & 1 && glyph < glyphCount; glyph += 1) {
    const end = data.indexOf(0xff, at);
    const beforeSequences = data.subarray(at, end).toString('latin1').split('\xfe', 1)[0]!;
    for (const character of Buffer.from(beforeSequences, 'latin1').toString('utf8')) {
      addOnce(glyphOf, character, glyph);
    }
    at = end + 1;
  }
  return { width, height, glyphBytes, glyphs: data.subarray(headerBytes), glyphOf };
}

function addOnce(glyphOf: Map<string, number>, character: string, glyph: number): void {
  if (!glyphOf.has(character)) glyphOf.set(character, glyph);
}
