import { isPosternError } from '../errors.ts';
import { quoteWord } from '../language/quote.ts';
import { escapeForTerminal } from '../output/escape.ts';
import type { Enrolment, View } from '../output/view.ts';
import { wrapCells } from '../output/width.ts';
import { findFacts, layOutEnrolment, layOutRecoveryCodes } from './enrolment-screen.ts';
import type { ShellIo } from './io.ts';
import { openShell, type Shell } from './open-shell.ts';
import { runLine } from './session.ts';
import type { World } from './world.ts';

/**
 * Shows a secret to somebody at a terminal: the QR code with its key, then (after a change) the first code is asked
 * for, then the recovery codes, and screen and scrollback are cleared. Kernel messages are held off meanwhile. The
 * secret is in the store already: giving up loses nothing. Answers the last words to print.
 */
export async function runEnrolment(view: View, world: World, io: ShellIo): Promise<string> {
  const { enrolment } = view;
  if (!enrolment) return '';
  const letThrough = io.terminal.holdKernelMessages();
  const facts = await findFacts(io);
  const shell = await openShell(io, facts.columns || 80);
  const columns = facts.columns || 80;
  try {
    const screen = layOutEnrolment(enrolment, facts, io.qr);
    if (io.canEdit) io.terminal.write('\x1b[H\x1b[2J');
    io.terminal.write(`${screen.lines.join('\n')}\n`);
    const isNew = view.shape === 'changes';
    const dialogue = { enrolment, world, shell, columns, rest: screen.rest };
    const words = isNew ? await askFirstCode(dialogue) : await waitUntilSeen(dialogue);
    await showRecoveryCodes(dialogue, words);
    io.terminal.clearScreenAndScrollback();
    return words.join('\n');
  } finally {
    shell.close();
    letThrough();
  }
}

type Dialogue = {
  readonly enrolment: Enrolment;
  readonly world: World;
  readonly shell: Shell;
  readonly columns: number;
  /** What did not fit beside the QR code. */
  readonly rest: readonly string[];
};

/** Asks until a code fits or the person leaves it for later; what came of it, in lines. */
async function askFirstCode(dialogue: Dialogue): Promise<readonly string[]> {
  const { enrolment, shell, rest } = dialogue;
  const prompt = `First code (Enter: later${rest.length > 0 ? ', k: the key' : ''}): `;
  for (;;) {
    const event = await shell.reader.read({ prompt });
    const typed = event.kind === 'line' ? event.text.trim() : '';
    if (typed === '') return explainLater(enrolment);
    if (typed === 'k' && rest.length > 0) say(rest, dialogue);
    else {
      const wrong = await confirm(typed, dialogue);
      if (wrong === undefined) return [`Device ${nameDevice(enrolment)} is confirmed.`];
      say([wrong], dialogue);
    }
  }
}

async function waitUntilSeen(dialogue: Dialogue): Promise<readonly string[]> {
  const { shell, rest } = dialogue;
  const prompt = `Enter when done${rest.length > 0 ? ', k: the key' : ''}: `;
  for (;;) {
    const event = await shell.reader.read({ prompt });
    if (event.kind !== 'line' || event.text.trim() !== 'k') return [];
    say(rest, dialogue);
  }
}

/** Runs the line that anybody could type; why the code was refused, or undefined. */
async function confirm(token: string, { enrolment, world }: Dialogue): Promise<string | undefined> {
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
    `Device ${nameDevice(enrolment)} is not confirmed yet. With a code of it:`,
    `  ${confirmLine(enrolment)} token=CODE`,
  ];
}

function confirmLine({ username, device }: Enrolment): string {
  const more = device === 'default' ? '' : ` device=${quoteWord(device)}`;
  return `account user confirm_2fa_secret username=${quoteWord(username)}${more}`;
}

function nameDevice({ username, device }: Enrolment): string {
  return escapeForTerminal(`${device} of ${username}`);
}

/** On a screen of their own, until somebody says that they are written down. */
async function showRecoveryCodes(dialogue: Dialogue, words: readonly string[]): Promise<void> {
  const { enrolment, shell, columns } = dialogue;
  if (enrolment.recoveryCodes.length === 0) return;
  shell.io.terminal.clearScreenAndScrollback();
  say([...words, '', ...layOutRecoveryCodes(enrolment, columns), ''], dialogue);
  await shell.reader.read({ prompt: 'Write them down, then press Enter: ' });
}

function say(lines: readonly string[], { shell, columns }: Dialogue): void {
  const wrapped = lines.flatMap((line) =>
    /^\S+ +otpauth:/.test(line) ? [line] : wrapCells(line, columns - 1),
  );
  shell.io.terminal.write(`${wrapped.join('\n')}\n`);
}
