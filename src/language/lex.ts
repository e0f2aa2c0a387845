import type { Value } from './ast.ts';
import { codeAt, describeCharacter, findBareEnd, isHidden, unitsOf } from './characters.ts';
import { readJson } from './json.ts';
import { type Draft, finishDraft, pushPiece } from './piece.ts';
import { readQuote, readSmartQuote } from './read-quote.ts';
import { addFault } from './repair.ts';
import { endsWord, type Source, skipHidden } from './source.ts';
import type { Span } from './span.ts';

/** One word of a line with all that adheres to it. */
export type Chunk = {
  readonly key: { readonly text: string; readonly span: Span } | undefined;
  readonly value: Value | undefined;
  readonly span: Span;
};

const keyPattern = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Whether `text` can be before a `=`. */
export function isKey(text: string): boolean {
  return keyPattern.test(text);
}

/** Reads `key=value` or a single value at `start`, which is not blank. */
export function readChunk(source: Source, start: number): Chunk {
  const key = readKey(source, start);
  if (key === undefined) {
    const { value, end } = readValue(source, start, false);
    return { key, value, span: { start, end } };
  }
  const { value, end } = readValue(source, skipSecondEquals(source, key.span.end + 1), true);
  return { key, value, span: { start, end } };
}

/** Reads the value at `start` to the end of its word; undefined where none is there. */
export function readValue(
  source: Source,
  start: number,
  isNamed: boolean,
): { value: Value | undefined; end: number } {
  const { text, end, faults } = source;
  if ((text[start] === '{' || text[start] === '[') && start < end) return readBrackets(source, start);
  const draft: Draft = { source, start, pieces: [], edits: faults.edits.length, requote: false, isNamed };
  let at = start;
  while (!endsWord(source, at) && !meetsRedirect(draft, at)) {
    const code = codeAt(text, at);
    const bareEnd = Math.min(findBareEnd(text, at), end);
    if (bareEnd > at) {
      pushPiece(draft, { quoted: false, text: text.slice(at, bareEnd), span: { start: at, end: bareEnd } });
      at = bareEnd;
    } else if (text[at] === "'" || text[at] === '"') at = readQuote(draft, at);
    else if (isHidden(code)) at = skipHidden(source, at, draft.requote);
    else at = readSmartQuote(draft, at) ?? readPadding(draft, at) ?? readBadCharacter(draft, at);
  }
  return { value: finishDraft(draft, at), end: at };
}

/** Where `>` follows a positional at once, the word ends and is told so; in a named value it is a bad character. */
function meetsRedirect(draft: Draft, at: number): boolean {
  const { source } = draft;
  if (source.text[at] !== '>' || draft.isNamed || draft.requote) return false;
  const span = { start: at, end: at + 1 };
  const message = 'a > that writes to a file needs a space before it';
  const hint = 'put a space before > file, or quote the value';
  const edit = { span: { start: at, end: at }, text: ' ' };
  addFault(source.faults, { code: 'parse.space_at_redirect', message, span, hint }, edit);
  return true;
}

function readBrackets(source: Source, start: number): { value: Value; end: number } {
  const { value, end } = readJson(source.text, start, source.end, source.faults);
  let after = end;
  while (!endsWord(source, after)) after++;
  if (after > end) {
    const message = 'text follows the closing bracket';
    const hint = 'put a space after the closing bracket';
    addFault(
      source.faults,
      { code: 'lex.after_bracket', message, span: { start: end, end: after }, hint },
      undefined,
    );
  }
  return { value: { kind: 'json', value, span: { start, end } }, end: after };
}

function readKey(source: Source, start: number): Chunk['key'] {
  const { text, end } = source;
  let key = '';
  let at = start;
  const hiddenAt: number[] = [];
  for (let isOn = true; isOn && at < end; ) {
    const bareEnd = findBareEnd(text, at);
    key += text.slice(at, bareEnd);
    isOn = bareEnd < end && isHidden(codeAt(text, bareEnd));
    if (isOn) hiddenAt.push(bareEnd);
    at = isOn ? bareEnd + unitsOf(codeAt(text, bareEnd)) : bareEnd;
  }
  if (text[at] !== '=' || at >= end || !isKey(key)) return undefined;
  for (const each of hiddenAt) skipHidden(source, each, false);
  return { text: key, span: { start, end: at } };
}

function skipSecondEquals(source: Source, at: number): number {
  if (source.text[at] !== '=' || at >= source.end) return at;
  const span = { start: at, end: at + 1 };
  const message = 'one = sets a value; == compares, in a query';
  addFault(
    source.faults,
    { code: 'parse.double_equals', message, span, hint: 'type one =' },
    { span, text: '' },
  );
  return at + 1;
}

/** Base32 and base64 end in `=`: after the text of a named value they need no quotes. */
function readPadding(draft: Draft, at: number): number | undefined {
  const { source, pieces } = draft;
  if (!draft.isNamed || source.text[at] !== '=' || pieces.length !== 1 || pieces[0]?.quoted !== false)
    return undefined;
  let end = at;
  while (source.text[end] === '=') end++;
  if (!endsWord(source, end)) return undefined;
  pushPiece(draft, { quoted: false, text: source.text.slice(at, end), span: { start: at, end } });
  return end;
}

/** Takes one character that no bare word holds into the value, with a complaint that quotes take away. */
export function readBadCharacter(draft: Draft, at: number): number {
  const { source } = draft;
  const code = codeAt(source.text, at);
  const end = at + unitsOf(code);
  const piece = { quoted: false, text: source.text.slice(at, end), span: { start: at, end } };
  pushPiece(draft, piece);
  if (draft.requote) return end;
  const problem = {
    code: 'lex.character',
    message: `${describeCharacter(code)} cannot be in a word without quotes`,
    span: piece.span,
  } as const;
  const isSeparator =
    /[;|&]/.test(piece.text) && (endsWord(source, end) || /[;|&]/.test(source.text[end] ?? ''));
  if (isSeparator) {
    addFault(source.faults, { ...problem, hint: 'type one command a line, or quote the value' }, undefined);
  } else addFault(source.faults, { ...problem, hint: 'put the value in quotes' }, 'covered');
  draft.requote = true;
  return end;
}
