import { findQuoteEnd } from './brackets.ts';
import { codeAt, describeCharacter, findHidden } from './characters.ts';
import { readEscapes } from './escapes.ts';
import { type Draft, pushPiece } from './piece.ts';
import { addFault } from './repair.ts';
import { endsWord, type Source } from './source.ts';

const smartDouble = /[\u201c-\u201f\u2033\u2036\u00ab\u00bb]/;
const smartSingle = /[\u2018-\u201b\u2032\u2035]/;

/** Reads the quoted text that opens at `at`, or what a stray quote leaves; answers the offset after it. */
export function readQuote(draft: Draft, at: number): number {
  const { source, pieces } = draft;
  const last = pieces.at(-1);
  // Asked of the line, not of the piece: looking into a text that still grows would copy it every time.
  const isInWord = last !== undefined && (last.quoted || source.text[last.span.end - 1] !== ',');
  const close = findClose(source, at);
  if (close < 0) return readUnclosed(draft, at, isInWord);
  if (isInWord && isApostrophe(source.text, at) && isApostrophe(source.text, close)) {
    const span = { start: at, end: at + 1 };
    const message = "a ' opens in the middle of a word";
    const hint = 'put the whole value in double quotes';
    if (!draft.requote)
      addFault(source.faults, { code: 'lex.quote_in_word', message, span, hint }, 'covered');
    pushPiece(draft, { quoted: false, text: "'", span });
    draft.requote = true;
    return at + 1;
  }
  pushPiece(draft, {
    quoted: true,
    text: readContent(draft, at, close),
    span: { start: at, end: close + 1 },
  });
  return close + 1;
}

/** Reads a pair of typographic quotes as the plain ones that were meant; undefined where none is at `at`. */
export function readSmartQuote(draft: Draft, at: number): number | undefined {
  const { source, pieces } = draft;
  const character = source.text[at] as string;
  const kind = smartDouble.test(character)
    ? smartDouble
    : smartSingle.test(character)
      ? smartSingle
      : undefined;
  if (kind === undefined) return undefined;
  const span = { start: at, end: at + 1 };
  const message = `${character} is a typographic quote, not " or '`;
  const problem = { code: 'lex.smart_quote', message, span, hint: 'type plain " quotes' } as const;
  const offset = source.text.slice(at + 1, source.end).search(kind);
  const close = at + 1 + offset;
  if (pieces.length === 0 && offset >= 0) {
    if (!draft.requote) addFault(source.faults, problem, 'covered');
    draft.requote = true;
    const text = source.text.slice(at + 1, close);
    pushPiece(draft, { quoted: true, text, span: { start: at, end: close + 1 } });
    return close + 1;
  }
  if (endsWord(source, at + 1)) {
    addFault(source.faults, problem, draft.requote ? 'covered' : { span, text: '' });
    return at + 1;
  }
  if (!draft.requote) addFault(source.faults, problem, 'covered');
  draft.requote = true;
  pushPiece(draft, { quoted: false, text: character, span });
  return at + 1;
}

function findClose(source: Source, at: number): number {
  if (source.text[at] === '"' && source.openDouble) return -1;
  const close = findQuoteEnd(source.text, at, source.end);
  if (close < 0 && source.text[at] === '"') source.openDouble = true;
  return close;
}

/** O'Brien: the quote belongs to the text. */
function isApostrophe(text: string, at: number): boolean {
  return (
    text[at] === "'" &&
    /[\p{L}\p{M}\p{N}]/u.test(text[at - 1] ?? '') &&
    /[\p{L}\p{N}]/u.test(text[at + 1] ?? '')
  );
}

function readUnclosed(draft: Draft, at: number, isInWord: boolean): number {
  const { source } = draft;
  const quote = source.text[at] as string;
  const span = { start: at, end: at + 1 };
  if (isInWord && draft.requote) {
    pushPiece(draft, { quoted: false, text: quote, span });
    return at + 1;
  }
  const problem = {
    code: 'lex.unclosed_quote',
    message: `a ${quote} opens here and nothing closes it`,
    span,
    hint: `delete the ${quote}, or close it with another ${quote}`,
  } as const;
  if (at + 1 === source.end || (isInWord && endsWord(source, at + 1))) {
    addFault(source.faults, problem, draft.requote ? 'covered' : { span, text: '' });
    return at + 1;
  }
  if (isInWord) {
    let end = at + 1;
    while (!endsWord(source, end)) end++;
    addFault(source.faults, problem, 'covered');
    draft.requote = true;
    pushPiece(draft, { quoted: false, text: source.text.slice(at, end), span: { start: at, end } });
    return end;
  }
  const end = findNextKey(source, at);
  addFault(source.faults, problem, draft.requote ? 'covered' : { span: { start: end, end }, text: quote });
  const content = source.text.slice(at + 1, end);
  const text = quote === '"' ? readEscapes(content).text : content;
  pushPiece(draft, { quoted: true, text, span: { start: at, end } });
  return end;
}

/** Where an open quote was most likely meant to close: before the next `key=`, else at the end of the line. */
function findNextKey(source: Source, at: number): number {
  const next = /(?<=[ \t])[A-Za-z_][\w.-]*=/.exec(source.text.slice(at, source.end));
  if (next === null) return source.end;
  let end = at + next.index;
  while (/[ \t]/.test(source.text[end - 1] as string)) end--;
  return end;
}

function readContent(draft: Draft, at: number, close: number): string {
  const { source } = draft;
  const content = source.text.slice(at + 1, close);
  const hidden = findHidden(content);
  if (hidden >= 0) {
    const span = { start: at + 1 + hidden, end: at + 2 + hidden };
    const message = `${describeCharacter(codeAt(content, hidden))} cannot be in quotes, except as an escape`;
    const hint = 'write it as an escape such as \\t or \\u0009 in double quotes';
    addFault(source.faults, { code: 'lex.hidden_character', message, span, hint }, 'covered');
    draft.requote = true;
  }
  if (source.text[at] === "'") return content;
  const { text, badAt } = readEscapes(content);
  if (badAt < 0) return text;
  const span = { start: at + 1 + badAt, end: at + 2 + badAt };
  const message = 'a \\ in double quotes begins an escape such as \\n, and this is none';
  const hint = "write \\\\ for a \\, or use ' quotes";
  addFault(source.faults, { code: 'lex.escape', message, span, hint }, 'covered');
  draft.requote = true;
  return content;
}
