import type { Enrolment } from '../../domain/two-factor/enrol.ts';
import { measureCells, padCells, wrapCells } from '../../output/width.ts';
import { canMoveCursor } from '../../platform/shell-io.ts';
import { type Drawing, type QrMode, qrModes } from '../../qr/draw.ts';
import { correctFacts, guessTerminalFacts } from '../../qr/facts.ts';
import type { QrRequest, TerminalFacts } from '../../qr/fit.ts';
import { planQr } from '../../qr/plan.ts';
import type { ShellIo } from '../io.ts';
import { describeKey, describeRecoveryCodes } from './text.ts';

/** How the code is asked to be drawn. `invert` undefined: as the terminal's colours want it. */
export type QrWish = { readonly requested: QrRequest; readonly invert: boolean | undefined };

/** A screen with room for a prompt of one row, and how its code is drawn. */
export type EnrolmentScreen = {
  readonly lines: readonly string[];
  readonly mode: QrMode | 'none';
  readonly isInverted: boolean;
};

/** What this terminal is, by its own answers; without them by what can be guessed. */
export async function findFacts({ terminal, environment }: ShellIo): Promise<TerminalFacts> {
  const guessed = guessTerminalFacts(environment, {
    isTty: terminal.isTty,
    movesCursor: canMoveCursor(environment),
    ...terminal.size(),
  });
  // Ctrl-C here must not take away a secret that is in force already.
  return correctFacts(guessed, await terminal.ask().catch(() => ({})));
}

/**
 * The QR code with as much of key, parameters and URI below it as fits above a prompt of one row, in that order, and
 * beside it what to do if the phone does not read it. Where no code can be shown that would scan: why, and how to type
 * the key instead.
 */
export function layOutEnrolment(
  enrolment: Enrolment,
  terminal: TerminalFacts,
  wish: QrWish,
): EnrolmentScreen {
  const columns = terminal.columns || 80;
  const rows = terminal.rows || 24;
  const plan = planQr({ text: enrolment.uri, ...wish, terminal, reservedRows: 1 });
  if (plan.mode === 'none')
    return {
      lines: layOutKey(enrolment, terminal, plan.reason),
      mode: 'none',
      isInverted: wish.invert === true,
    };
  const [account = '', ...wanted] = describeKey(enrolment);
  let left = rows - 1 - plan.drawing.rows;
  const fits = (line: string) => {
    left -= Math.max(1, Math.ceil(measureCells(line) / columns));
    return left >= 0;
  };
  const count = wanted.findIndex((line) => !fits(line));
  const below = count < 0 ? wanted : wanted.slice(0, count);
  const above = count < 0 && fits(account) ? [account] : [];
  return {
    lines: [...above, ...placeBeside(plan.drawing, screenKeys, columns), ...below],
    mode: plan.mode,
    isInverted: plan.isInverted,
  };
}

/** Another drawing that fits this terminal, in the order of `qrModes`; undefined: there is none. */
export function findNextMode(
  enrolment: Enrolment,
  terminal: TerminalFacts,
  present: QrMode | 'none',
): QrMode | undefined {
  const at = present === 'none' ? 0 : qrModes.indexOf(present) + 1;
  return (
    [...qrModes.slice(at), ...qrModes.slice(0, at)]
      // A terminal without sixel graphics would show a page of letters.
      .filter((mode) => mode !== present && (mode !== 'sixel' || terminal.sixel === true))
      .find((mode) => {
        const wish = { requested: mode, invert: undefined };
        return planQr({ text: enrolment.uri, ...wish, terminal, reservedRows: 1 }).mode === mode;
      })
  );
}

/** The letters that the prompt of a QR code knows. */
const screenKeys = [
  'If the phone does not read it,',
  'type a letter and press Enter:',
  '  m  draw it another way',
  '  i  swap dark and light',
  '  q  draw it again (Ctrl-L)',
  '  k  show the key to type',
];

/** What `?` answers. */
export function layOutHelp(columns: number): readonly string[] {
  return [
    ...screenKeys,
    'Other drawings need a larger window. You can skip the code now and give it later.',
    '',
  ].flatMap((line) => wrapCells(line, columns - 1));
}

/** How to type the key into an authenticator, for eyes and thumbs. The URI only where there is room. */
export function layOutKey(
  enrolment: Enrolment,
  terminal: Pick<TerminalFacts, 'columns' | 'rows'>,
  reason?: string,
): readonly string[] {
  const columns = terminal.columns || 80;
  const rows = terminal.rows || 24;
  const [account = '', key = '', parameters = '', uri = ''] = describeKey(enrolment);
  const gap = rows < 18 ? [] : [''];
  const why = reason === undefined ? [] : [`No QR code: ${reason}. After resizing the window, type q.`];
  const text = [
    ...why,
    'In the app, choose to enter a key by hand (time-based), and type:',
    ...gap,
    `  ${key.replace(/^key\s+/, '')}`,
    ...gap,
    account,
    parameters,
  ].flatMap((line) => wrapCells(line, columns - 1));
  const uriRows = Math.ceil(measureCells(uri) / columns);
  return text.length + uriRows < rows ? [...text, uri] : text;
}

/** The recovery codes, with what is to be done with them. */
export function layOutRecoveryCodes(enrolment: Enrolment, columns: number): readonly string[] {
  return describeRecoveryCodes(enrolment).flatMap((line) => wrapCells(line, columns - 1));
}

/** The lines of a drawing with a text to their right, where there is room for all of it. */
function placeBeside({ lines, columns: taken }: Drawing, notes: readonly string[], columns: number) {
  const room = columns - taken - 3;
  if (lines.length < notes.length + 2 || notes.some((note) => measureCells(note) > room)) return lines;
  const first = Math.floor((lines.length - notes.length) / 2);
  return lines.map((line, row) => {
    const note = notes[row - first];
    return note === undefined ? line : `${line}${padCells('', 2)}${note}`;
  });
}
