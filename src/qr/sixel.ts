import type { Matrix } from './matrix.ts';

/** Rows of pixels that one sixel character paints. */
const bandPixels = 6;

/**
 * A matrix (its quiet zone included) as a sixel picture with `modulePixels` pixels a module, and nothing after it.
 * White is laid down first and black over it, so that the picture does not depend on the screen's own background.
 */
export function drawSixel(matrix: Matrix, modulePixels: number): string {
  const sidePixels = matrix.length * modulePixels;
  const bandCount = Math.ceil(sidePixels / bandPixels);
  const bands = Array.from({ length: bandCount }, (_, band) => {
    const firstPixel = band * bandPixels;
    const all = 2 ** Math.min(bandPixels, sidePixels - firstPixel) - 1;
    const dark = matrix[0]!.map((_, column) => darkBits(matrix, column, firstPixel, modulePixels));
    return `#1${repeat(all, sidePixels)}$#0${encodeRuns(dark, modulePixels)}`;
  });
  return `\x1bP0;1q"1;1;${sidePixels};${sidePixels}#0;2;0;0;0#1;2;100;100;100${bands.join('-')}\x1b\\`;
}

function darkBits(matrix: Matrix, column: number, firstPixel: number, modulePixels: number): number {
  let bits = 0;
  for (let pixel = 0; pixel < bandPixels; pixel += 1) {
    if (matrix[Math.floor((firstPixel + pixel) / modulePixels)]?.[column]) bits |= 1 << pixel;
  }
  return bits;
}

/** Trailing white is left out: it is there already. */
function encodeRuns(bitsOfColumns: readonly number[], modulePixels: number): string {
  let text = '';
  let end = bitsOfColumns.length;
  while (end > 0 && bitsOfColumns[end - 1] === 0) end -= 1;
  for (let start = 0; start < end; ) {
    let next = start + 1;
    while (next < end && bitsOfColumns[next] === bitsOfColumns[start]) next += 1;
    text += repeat(bitsOfColumns[start]!, (next - start) * modulePixels);
    start = next;
  }
  return text;
}

function repeat(bits: number, count: number): string {
  const sixel = String.fromCharCode(63 + bits);
  return count > 3 ? `!${count}${sixel}` : sixel.repeat(count);
}
