import type { Value } from './ast.ts';
import { findBareEnd } from './characters.ts';
import { quoteText, quoteWord } from './quote.ts';
import { addFault } from './repair.ts';
import type { Source } from './source.ts';
import { joinSpans, type Span } from './span.ts';

/** A stretch of a value that is all bare or all in one pair of quotes, as the text it stands for. */
export type Piece = { readonly quoted: boolean; readonly text: string; readonly span: Span };

/** A value being put together. */
export type Draft = {
  readonly source: Source;
  readonly start: number;
  readonly pieces: Piece[];
  /** How many edits the line had before this value: a value that is quoted as a whole drops its own. */
  readonly edits: number;
  /** A problem was found that quoting the whole value takes away. */
  requote: boolean;
  readonly isNamed: boolean;
};

/** Adds a piece; bare text that continues bare text becomes one with it. */
export function pushPiece(draft: Draft, piece: Piece): void {
  const last = draft.pieces.at(-1);
  if (last === undefined || last.quoted || piece.quoted) draft.pieces.push(piece);
  else {
    draft.pieces[draft.pieces.length - 1] = {
      quoted: false,
      text: last.text + piece.text,
      span: joinSpans(last.span, piece.span),
    };
  }
}

/** The value that the pieces make up: bare, quoted, or a comma list with quoted items. */
export function finishDraft(draft: Draft, end: number): Value | undefined {
  const { source, start, pieces } = draft;
  const span = { start, end };
  checkJoints(draft);
  const value = buildValue(draft, span);
  if (draft.requote && value !== undefined) {
    source.faults.edits.length = Math.min(source.faults.edits.length, draft.edits);
    // Such a word was to be a key=value: in quotes it would be a value that nobody means.
    if (!draft.isNamed && /[^=]=/.test(source.text.slice(start, end))) source.faults.repairable = false;
    if (source.faults.repairable) source.faults.edits.push({ span, text: rewriteValue(value) });
  }
  return pieces.length === 0 ? undefined : value;
}

function buildValue(draft: Draft, span: Span): Value | undefined {
  const { pieces } = draft;
  const only = pieces[0];
  if (only === undefined) return undefined;
  if (pieces.length === 1)
    return { kind: only.quoted || draft.requote ? 'quoted' : 'bare', text: only.text, span };
  if (!isList(pieces)) return { kind: 'quoted', text: pieces.map((piece) => piece.text).join(''), span };
  return { kind: 'list', items: pieces.flatMap((piece, i) => splitPiece(piece, i, pieces.length)), span };
}

function isList(pieces: readonly Piece[]): boolean {
  return pieces.every(
    (piece, i) => !piece.quoted || (isJoint(pieces[i - 1], 'end') && isJoint(pieces[i + 1], 'start')),
  );
}

function isJoint(neighbour: Piece | undefined, side: 'start' | 'end'): boolean {
  if (neighbour === undefined) return true;
  if (neighbour.quoted) return false;
  return side === 'start' ? neighbour.text.startsWith(',') : neighbour.text.endsWith(',');
}

/** Complains of the first quote that has text at its side instead of a comma or a blank. */
function checkJoints(draft: Draft): void {
  const { pieces, source } = draft;
  if (draft.requote || isList(pieces)) return;
  const at = pieces.findIndex((piece, i) => piece.quoted && !isJoint(pieces[i - 1], 'end'));
  const before = pieces.findIndex((piece, i) => piece.quoted && !isJoint(pieces[i + 1], 'start'));
  const bad = (pieces[at] ?? pieces[before]) as Piece;
  const caret = at >= 0 ? bad.span.start : bad.span.end - 1;
  const quote = source.text[caret] as string;
  const message = at >= 0 ? `a ${quote} opens in the middle of a word` : `text follows the closing ${quote}`;
  const span = { start: caret, end: caret + 1 };
  addFault(
    source.faults,
    { code: 'lex.quote_in_word', message, span, hint: 'put the whole value in quotes' },
    'covered',
  );
  draft.requote = true;
}

/** The items of a bare piece, without the empty ones that the commas beside quoted items would make. */
function splitPiece(piece: Piece, index: number, count: number): Value[] {
  if (piece.quoted) return [{ kind: 'quoted', text: piece.text, span: piece.span }];
  const items: Value[] = [];
  let start = piece.span.start;
  const texts = piece.text.split(',');
  for (const [i, text] of texts.entries()) {
    const isJointComma = (i === 0 && index > 0) || (i === texts.length - 1 && index < count - 1);
    if (!isJointComma) items.push({ kind: 'bare', text, span: { start, end: start + text.length } });
    start += text.length + 1;
  }
  return items;
}

function rewriteValue(value: Value): string {
  if (value.kind === 'list') return value.items.map(rewriteValue).join(',');
  if (value.kind === 'json') return '';
  return value.kind === 'bare' && findBareEnd(value.text, 0) === value.text.length
    ? quoteWord(value.text)
    : quoteText(value.text);
}
