import { hasUnsafeCharacter } from '../../output/escape.ts';
import { type Key, nameChord } from './key.ts';

/** A line being typed. `cursor` is an offset in UTF-16 units; `killed` is what Ctrl-Y brings back. */
export type Editing = { readonly text: string; readonly cursor: number; readonly killed: string };

/** An empty line. */
export const emptyLine: Editing = { text: '', cursor: 0, killed: '' };

/** The line after a key that edits it (the keys of readline(3) in its emacs mode); undefined: the key edits nothing. */
export function editLine(line: Editing, key: Key): Editing | undefined {
  const chord = nameChord(key);
  if (chord !== undefined) return commands.get(chord)?.(line);
  const typed = cleanText(key.text);
  return typed === '' ? undefined : insertText(line, typed);
}

/** The line with `typed` at the cursor, which is behind it then. */
export function insertText(line: Editing, typed: string): Editing {
  return replaceText(line, line.cursor, line.cursor, typed);
}

/** The line with `by` in the place of `start` to `end`, the cursor behind it. */
export function replaceText(line: Editing, start: number, end: number, by: string): Editing {
  const text = line.text.slice(0, start) + by + line.text.slice(end);
  return { ...line, text, cursor: start + by.length };
}

/** What of a text can be in a line: a tab is a space, and what would move the cursor or be invisible is left out. */
export function cleanText(text: string): string {
  const spaced = text.replaceAll('\t', ' ');
  if (!hasUnsafeCharacter(spaced) && !spaced.includes('\ufffd')) return spaced;
  return [...spaced].filter((character) => character !== '\ufffd' && !hasUnsafeCharacter(character)).join('');
}

type Command = (line: Editing) => Editing;

const moveTo =
  (find: (line: Editing) => number): Command =>
  (line) => ({ ...line, cursor: find(line) });

const killTo =
  (find: (line: Editing) => number): Command =>
  (line) => {
    const [start, end] = [find(line), line.cursor].sort((a, b) => a - b) as [number, number];
    return start === end
      ? line
      : { ...replaceText(line, start, end, ''), killed: line.text.slice(start, end) };
  };

const eraseTo =
  (find: (line: Editing) => number): Command =>
  (line) => ({ ...killTo(find)(line), killed: line.killed });

const lineStart = () => 0;
const lineEnd = ({ text }: Editing) => text.length;

const commands: ReadonlyMap<string, Command> = new Map([
  ['left', moveTo(previousCharacter)],
  ['ctrl-b', moveTo(previousCharacter)],
  ['right', moveTo(nextCharacter)],
  ['ctrl-f', moveTo(nextCharacter)],
  ['home', moveTo(lineStart)],
  ['ctrl-a', moveTo(lineStart)],
  ['end', moveTo(lineEnd)],
  ['ctrl-e', moveTo(lineEnd)],
  ['meta-b', moveTo(previousWord)],
  ['ctrl-left', moveTo(previousWord)],
  ['meta-left', moveTo(previousWord)],
  ['meta-f', moveTo(nextWord)],
  ['ctrl-right', moveTo(nextWord)],
  ['meta-right', moveTo(nextWord)],
  ['backspace', eraseTo(previousCharacter)],
  ['ctrl-h', eraseTo(previousCharacter)],
  ['delete', eraseTo(nextCharacter)],
  ['ctrl-d', eraseTo(nextCharacter)],
  ['ctrl-k', killTo(lineEnd)],
  ['ctrl-u', killTo(lineStart)],
  ['ctrl-w', killTo(previousSpace)],
  ['meta-backspace', killTo(previousWord)],
  ['meta-d', killTo(nextWord)],
  ['ctrl-y', (line) => insertText(line, line.killed)],
  ['ctrl-t', swapCharacters],
]);

let segmenter: Intl.Segmenter | undefined;

function splitCharacters(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

/** A letter and its accents are one character to a person. */
function previousCharacter({ text, cursor }: Editing): number {
  if (isAscii(text)) return Math.max(0, cursor - 1);
  let last = 0;
  for (const { index } of splitCharacters(text.slice(0, cursor))) last = index;
  return last;
}

function nextCharacter({ text, cursor }: Editing): number {
  if (isAscii(text)) return Math.min(text.length, cursor + 1);
  const [first] = splitCharacters(text.slice(cursor));
  return cursor + (first?.segment.length ?? 0);
}

function previousWord({ text, cursor }: Editing): number {
  return Math.max(0, text.slice(0, cursor).search(/[\p{L}\p{N}\p{M}_]+[^\p{L}\p{N}\p{M}_]*$/u));
}

function nextWord({ text, cursor }: Editing): number {
  const match = /^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]+/u.exec(text.slice(cursor));
  return match ? cursor + match[0].length : text.length;
}

function previousSpace({ text, cursor }: Editing): number {
  return text.slice(0, cursor).trimEnd().lastIndexOf(' ') + 1;
}

function swapCharacters(line: Editing): Editing {
  const at = line.cursor === line.text.length ? previousCharacter(line) : line.cursor;
  const before = previousCharacter({ ...line, cursor: at });
  const after = nextCharacter({ ...line, cursor: at });
  if (at === 0) return line;
  return replaceText(line, before, after, line.text.slice(at, after) + line.text.slice(before, at));
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
