import { PosternError } from '../errors.ts';
import type { Json } from '../json.ts';
import { findQuoteEnd, scanBrackets } from './brackets.ts';
import { findHidden } from './characters.ts';
import { type Escaped, readEscapes } from './escapes.ts';
import { quoteValue } from './quote.ts';
import { addFault, type Faults } from './repair.ts';
import { findPairEnd } from './wrapping.ts';

const maxDepth = 64;
const shape = 'JSON is written {"key":"text","on":true,"list":[1,2]}';
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const constants = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

type Reading = {
  readonly text: string;
  at: number;
  slip: { at: number; end: number; message: string } | undefined;
};

/**
 * Reads the JSON object or array that opens at `start`. It is strict, but reads on past slips that people make
 * (bare keys, single quotes, a last comma), so that the repaired line can be offered.
 */
export function readJson(
  text: string,
  start: number,
  lineEnd: number,
  faults: Faults,
): { value: Json; end: number } {
  const brackets = scanBrackets(text, start, lineEnd);
  switch (brackets.kind) {
    case 'closed':
      if (brackets.depth <= maxDepth) return readClosed(text, start, brackets.end, faults);
      reportJson(faults, start, start + 1, `brackets nest at most ${maxDepth} deep`);
      return { value: null, end: brackets.end };
    case 'open': {
      const span = { start: brackets.openAt, end: brackets.openAt + 1 };
      const message = `a ${text[brackets.openAt]} opens here and nothing closes it`;
      // Closed at once it would be a value that says nothing.
      const isEmpty = text.slice(brackets.openAt + 1, lineEnd).trim() === '';
      const edit = isEmpty ? undefined : { span: { start: lineEnd, end: lineEnd }, text: brackets.closers };
      const hint = `close it with ${brackets.closers.slice(0, 1)}`;
      addFault(faults, { code: 'lex.unclosed_bracket', message, span, hint }, edit);
      return { value: null, end: lineEnd };
    }
    case 'quote': {
      const quote = text[brackets.at] as string;
      const span = { start: brackets.at, end: brackets.at + 1 };
      const message = `a ${quote} opens here and nothing closes it`;
      addFault(
        faults,
        { code: 'lex.unclosed_quote', message, span, hint: `close it with ${quote}` },
        undefined,
      );
      return { value: null, end: lineEnd };
    }
    case 'mismatch':
      reportJson(
        faults,
        brackets.at,
        brackets.at + 1,
        `${brackets.expected} is expected here, not ${text[brackets.at]}`,
      );
      return { value: null, end: lineEnd };
    default:
      return brackets satisfies never;
  }
}

function readClosed(text: string, start: number, end: number, faults: Faults): { value: Json; end: number } {
  const reading: Reading = { text, at: start, slip: undefined };
  try {
    const value = readNode(reading);
    if (reading.slip !== undefined) {
      const { message, ...span } = reading.slip;
      const edit = { span: { start, end }, text: quoteValue(value) };
      addFault(
        faults,
        { code: 'lex.json', message, span: { start: span.at, end: span.end }, hint: shape },
        edit,
      );
    }
    return { value, end };
  } catch (error) {
    if (!(error instanceof PosternError)) throw error;
    for (const problem of error.problems) addFault(faults, problem, undefined);
    return { value: null, end };
  }
}

function reportJson(faults: Faults, start: number, end: number, message: string): void {
  addFault(faults, { code: 'lex.json', message, span: { start, end }, hint: shape }, undefined);
}

function readNode(reading: Reading): Json {
  skipSpace(reading);
  const character = reading.text[reading.at];
  if (character === '{') return readObject(reading);
  if (character === '[') return readArray(reading);
  if (isQuote(character)) return readString(reading);
  const start = reading.at;
  const word = readWord(reading);
  const constant = constants.get(word);
  if (constant !== undefined) return constant;
  if (number.test(word)) {
    if (Number.isFinite(Number(word))) return Number(word);
    return stop(start, reading.at, 'a number of this size cannot be kept');
  }
  if (word === '') return stop(start, start + 1, 'a value is expected here');
  slip(reading, start, reading.at, 'text in JSON is in double quotes');
  return word;
}

function readObject(reading: Reading): Json {
  const entries = new Map<string, Json>();
  for (reading.at++; !closes(reading, '}'); ) {
    const start = reading.at;
    const isQuoted = isQuote(reading.text[start]);
    const key = isQuoted ? readString(reading) : readWord(reading);
    if (key === '' && !isQuoted) return stop(start, start + 1, 'a key in double quotes is expected here');
    if (!isQuoted) slip(reading, start, reading.at, 'a key in JSON is in double quotes');
    if (entries.has(key)) return stop(start, reading.at, `the key ${quoteValue(key)} is given twice`);
    skipSpace(reading);
    if (reading.text[reading.at] !== ':') return stop(reading.at, reading.at + 1, 'a : is expected here');
    reading.at++;
    entries.set(key, readNode(reading));
    readComma(reading, '}');
  }
  return Object.fromEntries(entries);
}

function readArray(reading: Reading): Json {
  const items: Json[] = [];
  for (reading.at++; !closes(reading, ']'); ) {
    items.push(readNode(reading));
    readComma(reading, ']');
  }
  return items;
}

function closes(reading: Reading, closer: string): boolean {
  skipSpace(reading);
  if (reading.text[reading.at] !== closer) return false;
  reading.at++;
  return true;
}

function readComma(reading: Reading, closer: string): void {
  skipSpace(reading);
  const comma = reading.at;
  if (reading.text[comma] === closer) return;
  if (reading.text[comma] !== ',') stop(comma, comma + 1, `a , or ${closer} is expected here`);
  reading.at++;
  skipSpace(reading);
  if (reading.text[reading.at] === closer)
    slip(reading, comma, comma + 1, 'there is no comma after the last item');
}

function readString(reading: Reading): string {
  const { text, at } = reading;
  const isPlain = text[at] === '"' || text[at] === "'";
  const end = isPlain ? findQuoteEnd(text, at, text.length) : findPairEnd(text, at, text.length);
  if (end < 0) return stop(at, at + 1, `a ${text[at]} opens here and nothing closes it`);
  const content = text.slice(at + 1, end);
  reading.at = end + 1;
  if (text[at] === "'") slip(reading, at, at + 1, 'text in JSON is in double quotes');
  const hidden = findHidden(content);
  if (hidden >= 0)
    slip(reading, at + 1 + hidden, at + 2 + hidden, 'write this character as an escape such as \\u0009');
  const read: Escaped = text[at] === "'" ? { text: content, badAt: -1 } : readEscapes(content);
  if (read.badAt >= 0)
    slip(reading, at + 1 + read.badAt, at + 3 + read.badAt, 'a \\ itself is written \\\\ here');
  return read.text;
}

/** Plain quotes, and those that a document has made of them. */
function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'" || /^[\u201c-\u201f\u2018-\u201b]$/.test(character ?? '');
}

function readWord(reading: Reading): string {
  const start = reading.at;
  while (!/^[\s,:[\]{}"']?$/.test(reading.text[reading.at] ?? '')) reading.at++;
  return reading.text.slice(start, reading.at);
}

function skipSpace(reading: Reading): void {
  while (/^[ \t\r\n]$/.test(reading.text[reading.at] ?? '')) reading.at++;
}

function slip(reading: Reading, at: number, end: number, message: string): void {
  reading.slip ??= { at, end, message };
}

function stop(start: number, end: number, message: string): never {
  throw new PosternError({ code: 'lex.json', message, span: { start, end }, hint: shape });
}
