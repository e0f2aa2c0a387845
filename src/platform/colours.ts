import type { Palette } from '../qr/palette.ts';

/** The numbers of the colours in questions and answers: of the palette (OSC 4), or by a code of their own (OSC 10, 11). */
const colourNames: Readonly<Record<string, keyof Palette>> = {
  '4;0': 'black',
  '4;7': 'white',
  '4;15': 'brightWhite',
  '10': 'ink',
  '11': 'paper',
};

/** Asks for every colour of a palette (xterm's control sequences, OSC). */
export const paletteQuestions = Object.keys(colourNames)
  // Ended by BEL, for urxvt ends its answer as the question was, but of ST it sends the first half alone.
  .map((number) => `\x1b]${number};?\x07`)
  .join('');

/** One answer to `paletteQuestions`. */
export const colourReport =
  /\x1b\](4;\d+|1[01]);rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})[^\x07\x1b]*(?:\x07|\x1b\\)/i;

/** What an answer says. */
export function readColour([, number = '', ...parts]: readonly string[]): Palette {
  const name = colourNames[number];
  const [red = 0, green = 0, blue = 0] = parts.map(
    (hex) => Number.parseInt(hex, 16) / (16 ** hex.length - 1),
  );
  return name === undefined ? {} : { [name]: 0.2126 * red + 0.7152 * green + 0.0722 * blue };
}
