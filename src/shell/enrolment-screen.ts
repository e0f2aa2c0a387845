import { escapeForTerminal } from '../output/escape.ts';
import type { Enrolment } from '../output/view.ts';
import { measureCells, wrapCells } from '../output/width.ts';
import { correctFacts, guessTerminalFacts } from '../qr/facts.ts';
import type { TerminalFacts } from '../qr/fit.ts';
import { planQr } from '../qr/plan.ts';
import { describeKey, describeRecoveryCodes } from './enrolment-text.ts';
import type { ShellIo } from './io.ts';

/** The first screen: `rest` did not fit on it. */
export type EnrolmentScreen = { readonly lines: readonly string[]; readonly rest: readonly string[] };

/** What this terminal is, by its own answers; without them by what can be guessed. */
export async function findFacts({ terminal, environment }: ShellIo): Promise<TerminalFacts> {
  const guessed = guessTerminalFacts(environment, { isTty: terminal.isTty, ...terminal.size() });
  // Ctrl-C here must not take away a secret that is in force already.
  return correctFacts(guessed, await terminal.ask().catch(() => ({})));
}

/**
 * The QR code with as much of key, parameters and URI below it as fits above a prompt of one row, in that order. Where
 * no code can be shown that would scan: why, and how to type the key instead.
 */
export function layOutEnrolment(
  enrolment: Enrolment,
  terminal: TerminalFacts,
  qr: ShellIo['qr'],
): EnrolmentScreen {
  const columns = terminal.columns || 80;
  const rows = terminal.rows || 24;
  const plan = planQr({ text: enrolment.uri, ...qr, terminal, reservedRows: 1 });
  const told = describeKey(enrolment);
  if (plan.mode === 'none')
    return { lines: [...explainTyping(enrolment, plan.reason, columns), ...told.slice(-1)], rest: [] };
  const [account = '', ...wanted] = told;
  let left = rows - 1 - plan.drawing.rows;
  const fits = (line: string) => {
    left -= Math.max(1, Math.ceil(measureCells(line) / columns));
    return left >= 0;
  };
  const count = wanted.findIndex((line) => !fits(line));
  const below = count < 0 ? wanted : wanted.slice(0, count);
  const above = count < 0 && fits(account) ? [account] : [];
  return { lines: [...above, ...plan.drawing.lines, ...below], rest: wanted.slice(below.length) };
}

/** The recovery codes, with what is to be done with them. */
export function layOutRecoveryCodes(enrolment: Enrolment, columns: number): readonly string[] {
  return describeRecoveryCodes(enrolment).flatMap((line) => wrapCells(line, columns - 1));
}

/** How to type the key into an authenticator, for eyes and thumbs. */
function explainTyping(enrolment: Enrolment, reason: string, columns: number): readonly string[] {
  const [, key = '', parameters = ''] = describeKey(enrolment);
  const account = escapeForTerminal(`${enrolment.username} (device ${enrolment.device})`);
  return [
    `No QR code here: ${reason}.`,
    `In the authenticator app choose to enter a key by hand, for the account ${account}, time-based:`,
    '',
    `  ${key.replace(/^key\s+/, '')}`,
    '',
    parameters,
  ].flatMap((line) => wrapCells(line, columns - 1));
}
