import type { Enrolment } from '../../domain/two-factor/enrol.ts';
import { measureCells, wrapCells } from '../../output/width.ts';
import type { TerminalFacts } from '../../qr/fit.ts';
import type { Shell } from '../open-shell.ts';
import {
  type EnrolmentScreen,
  findFacts,
  findNextMode,
  layOutEnrolment,
  layOutHelp,
  layOutKey,
  layOutRecoveryCodes,
  type QrWish,
} from './screen.ts';

/** Cells behind a prompt for what is typed there: a code of 8 digits, and the cursor. */
const roomForAnswer = 9;

/**
 * Screens of an enrolment, one in the place of the other, with a prompt at their foot: nothing scrolls, so nothing of a
 * secret is left where some terminals cannot clear. When nothing is typed for `limitMs` the reading ends.
 */
export function openEnrolmentDialogue(
  enrolment: Enrolment,
  firstFacts: TerminalFacts,
  shell: Shell,
  limitMs: number,
) {
  const { io, reader } = shell;
  let facts = firstFacts;
  let wish: QrWish = io.qr;
  let drawn: ReturnType<typeof layOutEnrolment> | undefined;
  let redraw = () => {};
  let message = '';
  let isUnattended = false;
  let timer: NodeJS.Timeout | undefined;

  const columns = () => io.terminal.size().columns || facts.columns || 80;
  const rows = () => io.terminal.size().rows || facts.rows || 24;
  const show = (lines: readonly string[]) => {
    if (io.canEdit) io.terminal.clearScreen();
    io.terminal.write(`${lines.join('\n')}\n`);
  };
  const showCode = () => {
    redraw = showCode;
    drawn = layOutEnrolment(enrolment, facts, wish);
    show(drawn.lines);
  };
  const showText = (layOut: () => readonly string[]) => {
    redraw = () => show(layOut());
    redraw();
  };
  const showAgain = async () => {
    // The window may be another one by now, and an answer may have come too late before.
    if (drawn) facts = await findFacts(io);
    redraw();
  };

  /** Whether what was typed is about the screen, and so done. */
  const changeScreen = async (typed: string): Promise<boolean> => {
    if (!drawn) return false;
    switch (typed.toLowerCase()) {
      case 'q':
        redraw = showCode;
        await showAgain();
        return true;
      case 'm': {
        const next = findNextMode(enrolment, facts, drawn.mode);
        if (next === undefined) message = `No other drawing fits in ${columns()}x${rows()}.`;
        else wish = { requested: next, invert: undefined };
        showCode();
        return true;
      }
      case 'i':
        wish = { ...wish, invert: !drawn.isInverted };
        showCode();
        return true;
      case 'k':
        showText(() => [...layOutKey(enrolment, facts), ...wayBack(drawn)]);
        return true;
      case '?':
      case 'h':
      case 'help':
        showText(() => layOutHelp(columns()));
        return true;
      default:
        return false;
    }
  };

  /** One row with the last message where both fit; a message that does not gets a screen of its own. */
  const choosePrompt = (prompts: readonly string[]): string => {
    const said = message;
    message = '';
    const shortest = prompts.at(-1) ?? '';
    const fits = (prompt: string) => measureCells(prompt) + roomForAnswer <= columns();
    if (said === '') return prompts.find(fits) ?? shortest;
    if (!io.canEdit) {
      io.terminal.write(`${said}\n`);
      return prompts[0] ?? '';
    }
    const together = prompts.map((prompt) => `${said} ${prompt}`).find(fits);
    if (together !== undefined || !drawn) return together ?? prompts.find(fits) ?? shortest;
    show([...wrapCells(said, columns() - 1), ...wayBack(drawn)]);
    return prompts.find(fits) ?? shortest;
  };

  const read = async (prompt: string, initial: string) => {
    timer = setTimeout(() => {
      isUnattended = true;
      reader.stop();
    }, limitMs);
    try {
      return await reader.read({ prompt, initial, atFoot: true });
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    showCode,
    showRecoveryCodes: (words: readonly string[]) => {
      drawn = undefined;
      showText(() => {
        const codes = [...layOutRecoveryCodes(enrolment, columns()), ''];
        const above = [...words.flatMap((line) => wrapCells(line, columns() - 1)), ''];
        // The words come again at the end; the codes have to be on the screen whole.
        return above.length + codes.length < rows() ? [...above, ...codes] : codes;
      });
    },
    /** Says something beside the next prompt. */
    answer: (said: string) => {
      message = `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
    },
    /**
     * Asks by the first of `prompts` that has room, until something comes that is not about the screen. undefined:
     * Ctrl-C, or the end of the input.
     */
    ask: async (prompts: readonly string[]): Promise<string | undefined> => {
      let initial = '';
      for (;;) {
        const event = await read(choosePrompt(prompts), initial);
        initial = event.kind === 'redraw' ? event.text : '';
        if (event.kind === 'redraw') await showAgain();
        else if (event.kind !== 'line') return undefined;
        else if (!(await changeScreen(event.text.trim()))) return event.text.trim();
      }
    },
    isUnattended: () => isUnattended,
    /** Whether nobody is there to answer. */
    isOver: () => isUnattended || shell.stopCode() !== undefined,
    close: () => clearTimeout(timer),
  };
}

/** Where no QR code has room, the first screen says why. */
function wayBack(drawn: EnrolmentScreen | undefined): readonly string[] {
  return ['', drawn?.mode === 'none' ? 'q shows the first screen again.' : 'q shows the QR code again.'];
}
