import { type CellPixels, measureQr, type QrMode } from './draw.ts';
import type { Palette } from './palette.ts';

/** What is known about the terminal that a code is to be shown on. */
export type TerminalFacts = {
  readonly isTty: boolean;
  /** 0: not known, as on a serial line; 80 is then taken. */
  readonly columns: number;
  /** 0: not known; 24 is then taken. */
  readonly rows: number;
  /** true: the terminal, or the locale, says UTF-8; false: the terminal said 8-bit; undefined: nothing says so. */
  readonly utf8: boolean | undefined;
  /** Whether the terminal was seen to switch to UTF-8 and back on request. */
  readonly switchesToUtf8?: boolean;
  /** Whether it can show colours; what NO_COLOR wishes is another matter. */
  readonly colours: boolean;
  /** undefined: it was not asked. */
  readonly sixel: boolean | undefined;
  readonly cellPixels?: CellPixels;
  readonly palette?: Palette;
  /** The family of TERM: `dumb`, `linux`, `xterm`, `vt100`, ... */
  readonly kind: string;
  /** Whether the console's font has U+2580, U+2584 and U+2588; undefined: not known. */
  readonly halfBlocksInFont: boolean | undefined;
};

export type QrRequest = 'auto' | QrMode | 'none';

/** `reason` is one clause for a person, with no full stop: why this mode, or why none. */
export type QrChoice = {
  readonly mode: QrMode | 'none';
  readonly reason: string;
  /** For `drawQr`. */
  readonly switchToUtf8: boolean;
};

/** The order of `auto`: fewest rows and bytes first. `ascii` is not among them, for it scans by luck. */
const preference = ['half', 'sixel', 'column', 'reverse'] as const satisfies readonly QrMode[];

/**
 * Chooses how to draw a code of `moduleCount` modules a side with `reservedRows` rows beside it on the screen. `auto`
 * answers `none` rather than a drawing that cannot be scanned. A mode that was asked for is taken, unless it does not
 * fit or the terminal is known not to show it.
 *
 * NO_COLOR is not asked: a QR code's colours are not decoration, and without them it scans on dark screens only.
 */
export function chooseQrMode(question: {
  readonly requested: QrRequest;
  readonly terminal: TerminalFacts;
  readonly moduleCount: number;
  readonly reservedRows: number;
}): QrChoice {
  const { requested, terminal } = question;
  if (requested === 'none') return choose('none', '--qr none was asked for', terminal);
  if (requested !== 'auto') {
    const obstacle = findObstacle(requested, question) ?? findKnownLack(requested, terminal);
    return obstacle === undefined
      ? choose(requested, `--qr ${requested} was asked for`, terminal)
      : choose('none', obstacle, terminal);
  }
  if (!terminal.isTty) return choose('none', 'the output is not a terminal', terminal);
  if (terminal.kind === 'dumb')
    return choose('none', 'this terminal cannot draw (TERM is dumb or not set)', terminal);
  const shown = preference.filter((mode) => findDoubt(mode, terminal) === undefined);
  const fitting = shown.find((mode) => findObstacle(mode, question) === undefined);
  if (fitting !== undefined) return choose(fitting, describeGround(fitting, terminal), terminal);
  const reasons = [findDoubt('half', terminal), shown[0] && findObstacle(shown[0], question)];
  return choose('none', reasons.filter((reason) => reason !== undefined).join('; '), terminal);
}

function choose(mode: QrMode | 'none', reason: string, terminal: TerminalFacts): QrChoice {
  return { mode, reason, switchToUtf8: mode === 'half' && switchNeeded(terminal) };
}

function switchNeeded(terminal: TerminalFacts): boolean {
  return terminal.utf8 === false && terminal.switchesToUtf8 === true;
}

/**
 * A font with half blocks, of package console-setup-linux, for cells of 8x16 as most consoles have them. It is only
 * named: a person's font is theirs to change.
 */
export const blockFontName = 'FullGreek-VGA16';

/** Why the drawing does not fit the screen. */
function findObstacle(
  mode: QrMode,
  { terminal, moduleCount, reservedRows }: Parameters<typeof chooseQrMode>[0],
): string | undefined {
  if (!terminal.isTty) return undefined;
  const columns = terminal.columns > 0 ? terminal.columns : 80;
  const rows = terminal.rows > 0 ? terminal.rows : 24;
  const needed = measureQr(moduleCount, mode, terminal.cellPixels);
  if (needed.columns <= columns && needed.rows + reservedRows <= rows) return undefined;
  return `as ${mode} it needs ${needed.columns} columns and ${needed.rows + reservedRows} rows; this window has ${columns} and ${rows}`;
}

/** What the terminal is known to lack for `mode`. */
function findKnownLack(mode: QrMode, terminal: TerminalFacts): string | undefined {
  if (mode === 'half' && terminal.halfBlocksInFont === false) {
    return `the font of this console has no half blocks ("setfont ${blockFontName}" loads one that has)`;
  }
  if (mode === 'half' && terminal.utf8 === false && !switchNeeded(terminal)) {
    return 'the terminal does not read UTF-8';
  }
  if (mode === 'sixel' && (terminal.sixel === false || terminal.kind === 'linux')) {
    return 'the terminal has no sixel graphics';
  }
  return undefined;
}

/** Why a person should not count on `mode` being shown right. */
function findDoubt(mode: (typeof preference)[number], terminal: TerminalFacts): string | undefined {
  const lack = findKnownLack(mode, terminal);
  if (lack !== undefined) return lack;
  switch (mode) {
    case 'half':
      if (terminal.kind === 'linux' && terminal.halfBlocksInFont === undefined) {
        return 'it is not known whether the console font has half blocks';
      }
      // xterm in an 8-bit locale reads UTF-8 when told to, and then shows nothing: its font is an 8-bit one.
      if (terminal.utf8 === false && terminal.halfBlocksInFont !== true) {
        return 'the terminal uses an 8-bit charset';
      }
      return terminal.utf8 === undefined ? 'it is not known whether the terminal reads UTF-8' : undefined;
    case 'sixel':
      return terminal.sixel === true ? undefined : 'the terminal does not report sixel graphics';
    case 'column':
      return terminal.colours ? undefined : 'the terminal has no colours';
    case 'reverse':
      return terminal.colours ? 'colours are the safer way' : undefined;
    default:
      return mode satisfies never;
  }
}

function describeGround(mode: (typeof preference)[number], terminal: TerminalFacts): string {
  switch (mode) {
    case 'half':
      return switchNeeded(terminal) ? 'the terminal reads UTF-8 when told to' : 'the terminal reads UTF-8';
    case 'sixel':
      return 'the terminal has sixel graphics';
    case 'column':
      return 'background colours work in every font and charset';
    case 'reverse':
      return 'the terminal has no colours';
    default:
      return mode satisfies never;
  }
}
