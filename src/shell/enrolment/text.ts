import type { Enrolment } from '../../domain/two-factor/enrol.ts';
import { groupSecret } from '../../domain/two-factor/secret.ts';
import { escapeForTerminal } from '../../output/escape.ts';
import type { View } from '../../output/view.ts';
import { canMoveCursor } from '../../platform/shell-io.ts';
import { guessTerminalFacts } from '../../qr/facts.ts';
import type { QrRequest, TerminalFacts } from '../../qr/fit.ts';
import { planQr } from '../../qr/plan.ts';

/** A secret as text, for wherever nobody is asked anything: QR code if it can be shown, key, parameters, URI, recovery codes. */
export function describeEnrolment(
  view: View,
  terminal: { readonly isTty: boolean; readonly requested: QrRequest; readonly invert: boolean },
): string {
  const { enrolment } = view;
  if (!enrolment) return '';
  const { isTty, requested } = terminal;
  const invert = terminal.invert || undefined;
  const size = isTty
    ? { columns: process.stdout.columns ?? 0, rows: process.stdout.rows ?? 0 }
    : { columns: 0, rows: 0 };
  const facts: TerminalFacts = guessTerminalFacts(process.env, {
    isTty,
    movesCursor: canMoveCursor(process.env),
    ...size,
  });
  const plan = planQr({ text: enrolment.uri, requested, invert, terminal: facts, reservedRows: 1 });
  const picture = plan.mode === 'none' ? (isTty ? [`(no QR code: ${plan.reason})`] : []) : plan.drawing.lines;
  return [...picture, ...describeKey(enrolment), ...describeRecoveryCodes(enrolment)].join('\n');
}

/** Whose secret it is, the key in groups of four, the parameters and the URI: a line each. */
export function describeKey({
  username,
  device,
  secret,
  uri,
  digits,
  periodSeconds,
}: Enrolment): readonly string[] {
  return [
    `account     ${escapeForTerminal(username)} (device ${escapeForTerminal(device)})`,
    `key         ${groupSecret(secret)}`,
    `parameters  TOTP, SHA-1, ${digits} digits, ${periodSeconds} s`,
    `URI         ${uri}`,
  ];
}

/** The recovery codes in two columns, with what they are for; empty where none were made. */
export function describeRecoveryCodes({
  recoveryCodes,
}: Pick<Enrolment, 'recoveryCodes'>): readonly string[] {
  if (recoveryCodes.length === 0) return [];
  const half = Math.ceil(recoveryCodes.length / 2);
  const rows = Array.from({ length: half }, (_, row) =>
    `  ${recoveryCodes[row]}  ${recoveryCodes[row + half] ?? ''}`.trimEnd(),
  );
  return ['Recovery codes. Each works once in place of a code:', ...rows];
}
