/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];
/** What is on one character cell, its colours resolved: `ink` is the glyph's, `paper` what is behind it. */
export type Cell = { readonly character: string; readonly ink: Rgb; readonly paper: Rgb };
/** Colours of a terminal: its own ink and paper, and its 16 palette entries. */
export type Theme = { readonly ink: Rgb; readonly paper: Rgb; readonly palette: readonly Rgb[] };

const xtermPalette: readonly Rgb[] = readPalette(
  '000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff',
);
const vgaPalette: readonly Rgb[] = readPalette(
  '000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff',
);

/** The screens to read codes from. */
export const themes = {
  dark: { ink: [192, 192, 192], paper: [0, 0, 0], palette: xtermPalette },
  light: { ink: [0, 0, 0], paper: [255, 255, 255], palette: xtermPalette },
  linuxConsole: { ink: [170, 170, 170], paper: [0, 0, 0], palette: vgaPalette },
} as const satisfies Record<string, Theme>;

type Colour = number | Rgb | null;
type Style = { ink: Colour; paper: Colour; bold: boolean; reverse: boolean };

/** Text with its SGR sequences (ECMA-48, 8.3.117), as drawn or as tmux captured it, to rows of cells. */
export function readScreen(text: string, theme: Theme): readonly (readonly Cell[])[] {
  const style: Style = { ink: null, paper: null, bold: false, reverse: false };
  return text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => {
      const cells: Cell[] = [];
      for (const [token] of line.matchAll(/\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b[ -/]+[0-~]|\x1b.|[^\x1b]/gu)) {
        if (token[0] !== '\x1b') cells.push(makeCell(token, style, theme));
        else if (token.startsWith('\x1b[') && token.endsWith('m')) applySgr(style, token.slice(2, -1));
      }
      return cells;
    });
}

function makeCell(character: string, style: Style, theme: Theme): Cell {
  const bright = style.bold && typeof style.ink === 'number' && style.ink < 8;
  const ink = resolve(bright ? (style.ink as number) + 8 : style.ink, theme.ink, theme);
  const paper = resolve(style.paper, theme.paper, theme);
  return style.reverse ? { character, ink: paper, paper: ink } : { character, ink, paper };
}

function resolve(colour: Colour, otherwise: Rgb, theme: Theme): Rgb {
  if (colour === null) return otherwise;
  if (typeof colour !== 'number') return colour;
  if (colour < 16) return theme.palette[colour]!;
  if (colour >= 232) return [8 + 10 * (colour - 232), 8 + 10 * (colour - 232), 8 + 10 * (colour - 232)];
  const cube = (step: number) => (step === 0 ? 0 : 55 + 40 * step);
  const index = colour - 16;
  return [cube(Math.floor(index / 36)), cube(Math.floor(index / 6) % 6), cube(index % 6)];
}

function applySgr(style: Style, parameters: string): void {
  const codes = parameters.split(/[;:]/).map(Number);
  while (codes.length > 0) {
    const code = codes.shift()!;
    if (code === 0) Object.assign(style, { ink: null, paper: null, bold: false, reverse: false });
    else if (code === 1) style.bold = true;
    else if (code === 22) style.bold = false;
    else if (code === 7) style.reverse = true;
    else if (code === 27) style.reverse = false;
    else if (code >= 30 && code <= 37) style.ink = code - 30;
    else if (code === 38) style.ink = takeExtendedColour(codes);
    else if (code === 39) style.ink = null;
    else if (code >= 40 && code <= 47) style.paper = code - 40;
    else if (code === 48) style.paper = takeExtendedColour(codes);
    else if (code === 49) style.paper = null;
    else if (code >= 90 && code <= 97) style.ink = code - 82;
    else if (code >= 100 && code <= 107) style.paper = code - 92;
  }
}

function takeExtendedColour(codes: number[]): Colour {
  if (codes.shift() === 5) return codes.shift() ?? null;
  return codes.splice(0, 3) as unknown as Rgb;
}

function readPalette(text: string): readonly Rgb[] {
  return text.split(' ').map((colour) => [...Buffer.from(colour, 'hex')] as unknown as Rgb);
}
