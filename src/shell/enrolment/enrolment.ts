import type { Enrolment } from '../../domain/two-factor/enrol.ts';
import { isPosternError } from '../../errors.ts';
import { quoteWord } from '../../language/quote.ts';
import { escapeForTerminal } from '../../output/escape.ts';
import type { View } from '../../output/view.ts';
import { runLine } from '../../pipeline/run-line.ts';
import type { World } from '../../pipeline/world.ts';
import type { ShellIo } from '../io.ts';
import { openShell } from '../open-shell.ts';
import { openEnrolmentDialogue } from './dialogue.ts';
import { findFacts } from './screen.ts';

/** How long a secret is left on a screen that nobody sits at. */
export const unattendedMs = 10 * 60_000;

type Dialogue = ReturnType<typeof openEnrolmentDialogue>;

/**
 * Shows a secret to someone at a terminal: the QR code with its key, then (after a change) the first code is asked
 * for, then the recovery codes, and screen and scrollback are cleared; cleared too when nothing is typed for
 * `unattendedMs`. Kernel messages are held off meanwhile. The secret is in the store already: giving up loses nothing.
 * Answers the last words to print.
 */
export async function runEnrolment(
  view: View,
  world: World,
  io: ShellIo,
  limitMs: number = unattendedMs,
): Promise<string> {
  const { enrolment } = view;
  if (!enrolment) return '';
  const letThrough = io.terminal.holdKernelMessages();
  const facts = await findFacts(io);
  const shell = await openShell(io, facts.columns || 80);
  const dialogue = openEnrolmentDialogue(enrolment, facts, shell, limitMs);
  try {
    dialogue.showCode();
    const isNew = view.shape === 'changes';
    const words = isNew ? await askFirstCode(enrolment, dialogue, world) : await waitUntilSeen(dialogue);
    const seen = await showRecoveryCodes(enrolment, dialogue, words);
    const isCleared = io.terminal.clearScreenAndScrollback();
    return [
      ...(dialogue.isUnattended() ? ['The screen was cleared, because nothing was typed for a while.'] : []),
      ...words,
      ...(seen ? [] : adviseNewRecoveryCodes(enrolment)),
      ...(isCleared ? [] : ['This terminal cannot be cleared: the secret is still on it. Close its window.']),
    ].join('\n');
  } finally {
    dialogue.close();
    shell.close();
    letThrough();
  }
}

/** Asks until a code fits or the person leaves it for later; what came of it, in lines. */
async function askFirstCode(
  enrolment: Enrolment,
  dialogue: Dialogue,
  world: World,
): Promise<readonly string[]> {
  for (;;) {
    const typed = await dialogue.ask([
      'Code shown by the app (Enter = skip for now, ? = help): ',
      'Code (Enter = skip, ? = help): ',
      'Code: ',
    ]);
    if (typed === undefined || typed === '') return explainLater(enrolment);
    const wrong = await confirm(typed, enrolment, world);
    if (wrong === undefined) return [`Device ${nameDevice(enrolment)} is confirmed.`];
    dialogue.answer(wrong);
  }
}

async function waitUntilSeen(dialogue: Dialogue): Promise<readonly string[]> {
  while (await dialogue.ask(['Enter = done, ? = help: ']));
  return [];
}

/** On a screen of their own, until someone says that they are written down. False: nobody did. */
async function showRecoveryCodes(
  enrolment: Enrolment,
  dialogue: Dialogue,
  words: readonly string[],
): Promise<boolean> {
  if (enrolment.recoveryCodes.length === 0) return true;
  if (dialogue.isOver()) return false;
  dialogue.showRecoveryCodes(words);
  // Keys pressed once too often must not take them away: one end of input is Ctrl-D, two are no terminal any more.
  for (let ends = 0; ends < 2 && !dialogue.isOver(); ) {
    const typed = await dialogue.ask([
      'They are never shown again. Write them down, then type done: ',
      'Written down? Type done: ',
    ]);
    if (typed?.toLowerCase() === 'done') return true;
    if (typed === undefined) ends += 1;
    else if (typed.toLowerCase() === 'again') dialogue.showRecoveryCodes(words);
    else dialogue.answer('Type done, or again to see them once more');
  }
  return false;
}

/** Runs the line that anybody could type; why the code was refused, or undefined. */
async function confirm(token: string, enrolment: Enrolment, world: World): Promise<string | undefined> {
  const line = `${confirmLine(enrolment)} token=${quoteWord(token)}`;
  try {
    await runLine(line, { location: [], navigates: false }, world);
    return undefined;
  } catch (error) {
    if (!isPosternError(error)) throw error;
    return error.message;
  }
}

function explainLater(enrolment: Enrolment): readonly string[] {
  return [
    `Device ${nameDevice(enrolment)} is not confirmed yet. When its app shows a code, type:`,
    `  ${confirmLine(enrolment)} token=CODE`,
  ];
}

function adviseNewRecoveryCodes({ username }: Enrolment): readonly string[] {
  return [
    'Its recovery codes were not written down. For new ones type:',
    `  account user renew_recovery_codes username=${quoteWord(username)}`,
  ];
}

function confirmLine({ username, device }: Enrolment): string {
  const more = device === 'default' ? '' : ` device=${quoteWord(device)}`;
  return `account user confirm_2fa_secret username=${quoteWord(username)}${more}`;
}

function nameDevice({ username, device }: Enrolment): string {
  return escapeForTerminal(`${device} of ${username}`);
}
