import type { TerminalFacts } from './fit.ts';
import type { Palette } from './palette.ts';

/** The environment variables that say something about the terminal. */
export type TerminalEnvironment = { readonly [name: string]: string | undefined };

/**
 * What can be known of a terminal without asking it: its size from the kernel (0x0 where a serial line has none), its
 * charset from the locale, its family from TERM. A `vt100` or `vt220` is taken to have colours: what calls itself that
 * today is an emulator at the end of a serial line.
 */
export function guessTerminalFacts(
  environment: TerminalEnvironment,
  {
    movesCursor,
    ...window
  }: {
    readonly isTty: boolean;
    /** Whether it knows the sequences of a VT100: `canMoveCursor`. */
    readonly movesCursor: boolean;
    readonly columns: number;
    readonly rows: number;
  },
): TerminalFacts {
  const term = environment.TERM ?? '';
  const kind = movesCursor ? term.split('-')[0]! : 'dumb';
  return {
    ...window,
    utf8: namesUtf8(environment) ? true : undefined,
    colours: kind !== 'dumb' && !/-m(ono)?$/.test(term),
    sixel: undefined,
    kind,
    halfBlocksInFont: undefined,
  };
}

/** What a terminal said when it was asked; a field is missing where no answer came in time. */
export type TerminalAnswers = {
  readonly size?: { readonly columns: number; readonly rows: number };
  readonly utf8?: boolean;
  readonly switchesToUtf8?: boolean;
  readonly sixel?: boolean;
  readonly cellPixels?: { readonly width: number; readonly height: number };
  readonly palette?: Palette;
  /** Whether the Linux console's font has U+2580, U+2584 and U+2588. */
  readonly halfBlocksInFont?: boolean;
};

/**
 * Facts corrected by the terminal's own answers. A multiplexer answers for itself and not for the screen in front of
 * it, so of `screen` and `tmux` UTF-8 is believed only where the locale says the same.
 */
export function correctFacts(facts: TerminalFacts, answers: TerminalAnswers): TerminalFacts {
  const { size, utf8, ...others } = answers;
  const multiplexed = facts.kind === 'screen' || facts.kind === 'tmux';
  return {
    ...facts,
    ...size,
    ...others,
    ...(utf8 === undefined || (multiplexed && utf8) ? {} : { utf8 }),
  };
}

/** The first of these variables that is set and not empty decides (POSIX, XBD 8.2). */
function namesUtf8(environment: TerminalEnvironment): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return /utf-?8/i.test(locale);
}
