/** The quotes that people and documents put around what is to be typed, each with those that close it. */
const closers: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': "`'´",
  '´': '´`',
  '\u201c': '\u201d"',
  '\u201d': '\u201d"',
  '\u201e': '\u201c\u201d"',
  '\u201f': '\u201d"',
  '\u2018': "\u2019'",
  '\u2019': "\u2019'",
  '\u201a': "\u2018\u2019'",
  '\u201b': "\u2019'",
  '\u00ab': '\u00bb',
  '\u00bb': '\u00ab',
};

/** The program's own name in front of a line, as a document prints it; not with options, which mean something. */
const programName = /^\s*(?:\$\s+)?(?:sudo\s+)?postern(?=\s+[^\s-])/;

/** Where the quote of any kind at `at` closes; -1: it is none, or nothing closes it before `end`. */
export function findPairEnd(text: string, at: number, end: number): number {
  const close = closers[text[at] ?? ''];
  if (close === undefined) return -1;
  for (let i = at + 1; i < end; i++) if (close.includes(text[i] as string)) return i;
  return -1;
}

/**
 * The line without what only is around it: quotes of any kind around the whole, and the program's name. Blanks take
 * their place, so that every offset stays what it was.
 */
export function unwrapLine(text: string): string {
  let line = text;
  for (let before = ''; before !== line; ) {
    before = line;
    line = blankQuotes(line).replace(programName, (name) => ' '.repeat(name.length));
  }
  return line;
}

function blankQuotes(line: string): string {
  const start = line.length - line.trimStart().length;
  const end = line.trimEnd().length;
  if (end - start < 3 || findPairEnd(line, start, end) !== end - 1) return line;
  // A second opening one inside would make two values of it.
  if (line.slice(start + 1, end - 1).includes(line[start] as string)) return line;
  return `${line.slice(0, start)} ${line.slice(start + 1, end - 1)} ${line.slice(end)}`;
}
