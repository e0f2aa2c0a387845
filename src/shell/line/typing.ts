import type { Completion } from '../../registry/candidates.ts';
import { isQuestionPlace } from '../../registry/cursor.ts';
import type { Frame } from './draw.ts';
import { cleanText, type Editing, editLine, emptyLine, insertText, replaceText } from './edit.ts';
import { type Browsing, browse, lineOf, startBrowsing } from './history.ts';
import { type Key, nameChord } from './key.ts';
import { commonStart } from './list-candidates.ts';
import type { LineEvent, LineHelp } from './reader.ts';
import { type Searching, searchFor, searchOlder, startSearching } from './search.ts';

/** A line while it is typed, and where its keys have led. */
export type Typing = {
  readonly line: Editing;
  readonly browsing: Browsing | undefined;
  readonly searching: Searching | undefined;
  /** The line is one that was offered, and no key was pressed yet. */
  readonly isOffered?: boolean;
};

/** What a key asks for beyond the line itself. */
export type Effect =
  | { readonly kind: 'finish'; readonly event: LineEvent }
  | { readonly kind: 'list'; readonly completion: Completion }
  | { readonly kind: 'note'; readonly note: string }
  | { readonly kind: 'interrupt' | 'suspend' | 'clear' | 'bell' };

export type Pressed = { readonly typing: Typing; readonly effect?: Effect };

/** A line that begins with `initial`, or with one that is offered. */
export function startTyping(initial: string, offered = ''): Typing {
  const line = insertText(emptyLine, initial === '' ? offered : initial);
  return { line, browsing: undefined, searching: undefined, isOffered: initial === '' && offered !== '' };
}

/** What is on the screen. */
export function frameOf({ line, searching }: Typing, prompt: string): Frame {
  if (!searching) return { prompt, text: line.text, cursor: line.cursor };
  const { lines, at, query, found } = searching;
  const text = lines[at] ?? line.text;
  const label = query === '' ? 'search back' : `${found ? '' : 'nothing '}found: ${query}`;
  return { prompt: `(${label}) `, text, cursor: Math.max(0, text.indexOf(query)) };
}

/** What a key does. `isLast`: nothing came after it in the same moment, so it was not pasted. Pure but for `help`. */
export function pressKey(typing: Typing, key: Key, isLast: boolean, help: LineHelp): Pressed {
  if (typing.isOffered) return pressKey(answerOffer(typing, key, isLast), key, isLast, help);
  if (key.pasted) return pressPasted(typing, key);
  if (typing.searching) return pressSearching(typing, typing.searching, key, isLast, help);
  const { line } = typing;
  const chord = nameChord(key);
  if (key.name === 'tab' && !key.ctrl && !key.meta) return pressTab(typing, help);
  switch (chord) {
    case 'return':
    case 'enter':
      return finishLine(typing);
    case 'ctrl-c':
      return { typing, effect: { kind: 'interrupt' } };
    case 'ctrl-z':
      return { typing, effect: { kind: 'suspend' } };
    case 'ctrl-l':
      return { typing, effect: { kind: 'clear' } };
    case 'up':
    case 'ctrl-p':
      return goBack(typing, -1, help);
    case 'down':
    case 'ctrl-n':
      return goBack(typing, 1, help);
    case 'ctrl-r':
      return help.history
        ? { typing: { ...typing, searching: startSearching(help.history.list()) } }
        : { typing };
    case 'ctrl-d':
      return line.text === ''
        ? { typing, effect: { kind: 'finish', event: { kind: 'end' } } }
        : edit(typing, key);
    default:
      return asksQuestion(line, key, isLast, help)
        ? { typing, effect: { kind: 'finish', event: { kind: 'explain', text: line.text } } }
        : edit(typing, key);
  }
}

/**
 * The first key at an offered line: Enter by itself takes it, and a key that edits goes on with it. What is typed or
 * pasted is a line of its own, for whoever types ahead does not know of the offer; and Ctrl-D leaves as ever.
 */
function answerOffer(typing: Typing, key: Key, isLast: boolean): Typing {
  const isEnter = key.name === 'return' || key.name === 'enter';
  const isEnd = key.ctrl && key.name === 'd';
  const isOwnLine = key.pasted || isEnd || (isEnter ? !isLast : key.text !== '' && key.name !== 'tab');
  return { ...typing, line: isOwnLine ? emptyLine : typing.line, isOffered: false };
}

function finishLine(typing: Typing): Pressed {
  return { typing, effect: { kind: 'finish', event: { kind: 'line', text: typing.line.text } } };
}

function edit(typing: Typing, key: Key): Pressed {
  const line = editLine(typing.line, key);
  if (!line) return { typing };
  return { typing: { ...typing, line, ...(line.text === typing.line.text ? {} : { browsing: undefined }) } };
}

/** What is pasted means itself: no tab completes, no `?` asks; only its line ends run what is before them. */
function pressPasted(typing: Typing, key: Key): Pressed {
  const plain: Typing = { ...typing, searching: undefined, browsing: undefined };
  if (key.name === 'return' || key.name === 'enter') return finishLine(plain);
  const text = key.name === 'tab' ? ' ' : cleanText(key.text);
  return { typing: { ...plain, line: insertText(typing.line, text) } };
}

function asksQuestion(line: Editing, key: Key, isLast: boolean, help: LineHelp): boolean {
  const isAtEnd = line.cursor === line.text.length;
  return (
    help.answersQuestions === true && key.text === '?' && isLast && isAtEnd && isQuestionPlace(line.text)
  );
}

function goBack(typing: Typing, direction: -1 | 1, help: LineHelp): Pressed {
  if (!help.history) return { typing };
  const { text, cursor } = typing.line;
  const next = browse(typing.browsing ?? startBrowsing(help.history.list(), text, cursor), direction);
  return next
    ? { typing: { ...typing, browsing: next, line: setText(typing.line, lineOf(next)) } }
    : { typing };
}

function pressSearching(
  typing: Typing,
  searching: Searching,
  key: Key,
  isLast: boolean,
  help: LineHelp,
): Pressed {
  const chord = nameChord(key);
  switch (chord) {
    case 'ctrl-r':
    case 'up':
      return { typing: { ...typing, searching: searchOlder(searching) } };
    case 'backspace':
    case 'ctrl-h':
      return { typing: { ...typing, searching: searchFor(searching, searching.query.slice(0, -1)) } };
    case 'ctrl-g':
    case 'ctrl-c':
    case 'escape':
    case 'meta-escape':
      return { typing: { ...typing, searching: undefined } };
    case undefined:
      if (key.name !== 'tab')
        return {
          typing: { ...typing, searching: searchFor(searching, searching.query + cleanText(key.text)) },
        };
  }
  // Any other key takes what was found, and means what it always does.
  const found = searching.lines[searching.at];
  const line = found === undefined ? typing.line : setText(typing.line, found);
  return pressKey({ line, browsing: undefined, searching: undefined }, key, isLast, help);
}

/** Completes as far as it is certain; where that is no step, what can be there is listed. */
function pressTab(typing: Typing, help: LineHelp): Pressed {
  const { line } = typing;
  const completion = help.complete?.(line.text, line.cursor);
  if (!completion) return { typing };
  const { candidates, from, to, note, omitted } = completion;
  const [only] = candidates;
  if (!only) return { typing, effect: note === undefined ? { kind: 'bell' } : { kind: 'note', note } };
  const replace = (by: string): Pressed => ({
    typing: { ...typing, browsing: undefined, line: replaceText(line, from, to, by) },
  });
  if (candidates.length === 1 && omitted === 0) {
    return replace(/[=/]$/.test(only.text) || line.text[to] === ' ' ? only.text : `${only.text} `);
  }
  const common = commonStart(candidates.map(({ text }) => text));
  if (omitted === 0 && common.length > to - from) return replace(common);
  return { typing, effect: { kind: 'list', completion } };
}

function setText(line: Editing, text: string): Editing {
  return { ...line, text, cursor: text.length };
}
