import { type Drawing, drawQr, type QrMode } from './draw.ts';
import { chooseQrMode, type QrRequest, type TerminalFacts } from './fit.ts';
import { makeMatrix } from './matrix.ts';
import { isSwapped } from './palette.ts';

/** `drawing` is there unless `mode` is `none`; `reason` is one clause for a person. */
export type QrPlan =
  | {
      readonly mode: QrMode;
      readonly reason: string;
      readonly drawing: Drawing;
      /** Dark and light are swapped. */
      readonly isInverted: boolean;
    }
  | { readonly mode: 'none'; readonly reason: string };

/** Text to a drawing that this terminal can show, or why there is none. Errors: those of `makeMatrix`. */
export function planQr(question: {
  readonly text: string;
  readonly requested: QrRequest;
  /** undefined: as the terminal's colours want it. */
  readonly invert: boolean | undefined;
  readonly terminal: TerminalFacts;
  /** Rows that have to be on the screen beside the code: the prompt's at least. */
  readonly reservedRows: number;
}): QrPlan {
  const { requested, terminal, reservedRows } = question;
  const matrix = makeMatrix(question.text);
  const choice = chooseQrMode({ requested, terminal, moduleCount: matrix.length, reservedRows });
  const { mode, reason, switchToUtf8 } = choice;
  if (mode === 'none') return { mode, reason };
  const { cellPixels, palette } = terminal;
  const isInverted = question.invert ?? isSwapped(mode, palette);
  const options = { invert: isInverted, switchToUtf8, ...(cellPixels === undefined ? {} : { cellPixels }) };
  return { mode, reason, drawing: drawQr(matrix, mode, options), isInverted };
}
