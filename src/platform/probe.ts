import { PosternError } from '../errors.ts';
import type { TerminalAnswers } from '../qr/facts.ts';
import { colourReport, paletteQuestions, readColour } from './colours.ts';
import { type RawInput, type RawTerminal, withRawInput } from './raw-input.ts';

/** Milliseconds in all that a terminal is given for its answers: a 9600-baud line with a slow modem still makes it. */
export const probeTimeoutMs = 1000;

/** What the terminal said, and what was typed meanwhile, for the line editor to have back. */
export type ProbeResult = { readonly answers: TerminalAnswers; readonly typedAhead: Buffer };

/** Two bytes that are one character in UTF-8 and two in any 8-bit charset; the cursor's column tells which. */
const charsetTest = '\ré\x1b[6n\r\x1b[K';
const sizeQuestion = '\x1b7\x1b[999;999H\x1b[6n\x1b8';
/** Every terminal answers this one (DA1), so its answer says that no other is still to come. */
const attributesQuestion = '\x1b[c';
const cellSizeQuestion = '\x1b[16t';

const cursorReport = /\x1b\[(\d+);(\d+)R/;
const attributesReport = /\x1b\[\?([\d;]*)c/;
const cellSizeReport = /\x1b\[6;(\d+);(\d+)t/;
const interrupt = '\x03';

/**
 * Asks the terminal itself for its charset, size and graphics, at the start of an empty line, which is empty again
 * afterwards. `asksColours`: it is of a family that shows no question for text. Takes `timeoutMs` at most, also in all. The input must be that same terminal, in the foreground, and is
 * given back in the mode it was in. Errors: `cancelled.interrupted` when Ctrl-C is typed meanwhile.
 */
export async function probeTerminal(
  terminal: RawTerminal,
  timeoutMs: number,
  asksColours: boolean,
): Promise<ProbeResult> {
  return await withRawInput(terminal, timeoutMs, async (input) => {
    const basics = await askBasics(input, asksColours);
    const answers = { ...basics, ...(await askMore(input, basics)) };
    const typedAhead = input.takeRest();
    if (typedAhead.includes(interrupt)) {
      throw new PosternError({ code: 'cancelled.interrupted', message: 'cancelled by Ctrl-C' });
    }
    return { answers, typedAhead };
  });
}

async function askBasics(input: RawInput, asksColours: boolean): Promise<TerminalAnswers> {
  input.write(charsetTest + sizeQuestion + (asksColours ? paletteQuestions : '') + attributesQuestion);
  const afterTwoBytes = await input.expect(cursorReport);
  const corner = afterTwoBytes && (await input.expect(cursorReport));
  const attributes = corner && (await input.expect(attributesReport));
  return {
    ...readCharset(afterTwoBytes),
    ...(corner ? { size: { rows: Number(corner[1]), columns: Number(corner[2]) } } : {}),
    ...(await takePalette(input, attributes !== undefined && asksColours)),
    ...(attributes ? { sixel: attributes[1]!.split(';').includes('4') } : {}),
  };
}

/** The colours that were told before the last answer; who knows no such question is silent. */
async function takePalette(input: RawInput, asked: boolean): Promise<Pick<TerminalAnswers, 'palette'>> {
  let palette: TerminalAnswers['palette'];
  for (let report = asked && input.take(colourReport); report; report = input.take(colourReport))
    palette = { ...palette, ...readColour(report) };
  return palette === undefined ? {} : { palette };
}

/** Asked only of those for whom the answer matters, and who answered all before: nobody else waits for it. */
async function askMore(input: RawInput, basics: TerminalAnswers): Promise<TerminalAnswers> {
  if (basics.sixel === undefined) return {};
  let more: TerminalAnswers = {};
  if (basics.utf8 === false) {
    input.write(`\x1b%G${charsetTest}\x1b%@`);
    more = { switchesToUtf8: readCharset(await input.expect(cursorReport)).utf8 === true };
  }
  if (basics.sixel) {
    input.write(cellSizeQuestion + attributesQuestion);
    const report = await input.expect(new RegExp(`${cellSizeReport.source}|${attributesReport.source}`));
    if (report?.[1] === undefined) return more;
    await input.expect(attributesReport);
    more = { ...more, cellPixels: { height: Number(report[1]), width: Number(report[2]) } };
  }
  return more;
}

function readCharset(report: RegExpMatchArray | undefined): { readonly utf8?: boolean } {
  if (report?.[2] === '2') return { utf8: true };
  return report?.[2] === '3' ? { utf8: false } : {};
}
