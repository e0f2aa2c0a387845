import type { QrMode } from './draw.ts';

/** How bright the colours are that codes are drawn in, 0 to 1; one is missing where the terminal did not say. */
export type Palette = {
  /** SGR 40. */
  readonly black?: number;
  /** SGR 47. */
  readonly white?: number;
  /** SGR 37 in bold. */
  readonly brightWhite?: number;
  /** What text has without any colour, and what is behind it. */
  readonly ink?: number;
  readonly paper?: number;
};

/** Whether what `mode` draws dark is the brighter on this terminal. In doubt it is not. */
export function isSwapped(mode: QrMode, palette: Palette = {}): boolean {
  const { black, white, brightWhite, ink, paper } = palette;
  switch (mode) {
    case 'half':
      return isBrighter(black, brightWhite ?? white);
    case 'column':
    case 'wide':
      return isBrighter(black, white);
    case 'reverse':
    case 'ascii':
      return isBrighter(paper, ink);
    case 'sixel':
      return false;
    default:
      return mode satisfies never;
  }
}

function isBrighter(dark: number | undefined, light: number | undefined): boolean {
  return dark !== undefined && light !== undefined && dark > light;
}
