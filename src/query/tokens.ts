import type { Redirect } from '../language/ast.ts';
import { findQuoteEnd } from '../language/brackets.ts';
import { codeAt, isBare, isHidden, unitsOf } from '../language/characters.ts';
import { readBadCharacter, readValue } from '../language/lex.ts';
import { type Draft, finishDraft, pushPiece } from '../language/piece.ts';
import { readQuote, readSmartQuote } from '../language/read-quote.ts';
import { addFault } from '../language/repair.ts';
import {
  endsWord,
  type Source,
  skipBlanks,
  skipComment,
  skipHidden,
  skipPlainBlanks,
} from '../language/source.ts';
import type { Span } from '../language/span.ts';

/** One token of a query; the signs are `== != >= <= > < = ( ) [ ] { } ,`. */
export type Token = { readonly kind: 'word' | 'quoted' | 'sign'; readonly text: string; readonly span: Span };

/** A query cut into tokens, with what may end its line. */
export type TokenLine = {
  readonly tokens: readonly Token[];
  readonly redirect: Redirect | undefined;
  readonly help: Span | undefined;
};

const signs = ['==', '!=', '>=', '<=', '=', '>', '<', '(', ')', '[', ']', '{', '}', ','];

/** Cuts the line from offset `from` into tokens; faults of single tokens go to the source. */
export function readTokens(source: Source, from: number): TokenLine {
  const tokens: Token[] = [];
  let redirect: Redirect | undefined;
  let help: Span | undefined;
  for (let at = skipBlanks(source, from); at < source.end; at = skipBlanks(source, at)) {
    const sign = findSign(source.text, at);
    if (at === source.helpAt) {
      help = { start: at, end: at + 1 };
      at++;
    } else if (source.text[at] === '#') at = skipComment(source, at);
    else if (sign === '>' && endsInPath(source, at + 1)) {
      const { value, end } = readValue(source, skipPlainBlanks(source.text, at + 1), true);
      if (value !== undefined && 'text' in value) redirect = { path: value.text, span: { start: at, end } };
      at = end;
    } else if (source.text[at] === '*' && (endsWord(source, at + 1) || source.text[at + 1] === ',')) {
      tokens.push({ kind: 'word', text: '*', span: { start: at, end: at + 1 } });
      at++;
    } else if (sign !== undefined) {
      tokens.push({ kind: 'sign', text: sign, span: { start: at, end: at + sign.length } });
      at += sign.length;
    } else at = readWord(source, at, tokens);
  }
  return { tokens, redirect, help };
}

function readWord(source: Source, start: number, tokens: Token[]): number {
  const { text } = source;
  const shellWord = findShellWord(text, start);
  if (shellWord !== undefined) {
    const span = { start, end: start + 2 };
    const problem = { code: 'parse.operator', message: `${shellWord} is written as a word`, span } as const;
    const before = endsWord(source, start - 1) ? '' : ' ';
    const edit = { span, text: `${before}${shellWord}${endsWord(source, start + 2) ? '' : ' '}` };
    addFault(source.faults, { ...problem, hint: `type ${shellWord}` }, edit);
    tokens.push({ kind: 'word', text: shellWord, span });
    return span.end;
  }
  const draft: Draft = {
    source,
    start,
    pieces: [],
    edits: source.faults.edits.length,
    requote: false,
    isNamed: true,
  };
  let at = start;
  while (!endsWord(source, at) && (findSign(text, at) ?? findShellWord(text, at)) === undefined) {
    const bareEnd = findWordEnd(text, at, source.end);
    if (bareEnd > at) {
      pushPiece(draft, { quoted: false, text: text.slice(at, bareEnd), span: { start: at, end: bareEnd } });
      at = bareEnd;
    } else if (text[at] === "'" || text[at] === '"') at = readQuote(draft, at);
    else if (isHidden(codeAt(text, at))) at = skipHidden(source, at, draft.requote);
    else at = readSmartQuote(draft, at) ?? readBadCharacter(draft, at);
  }
  const value = finishDraft(draft, at);
  if (value?.kind === 'bare') tokens.push({ kind: 'word', text: value.text, span: value.span });
  if (value?.kind === 'quoted') tokens.push({ kind: 'quoted', text: value.text, span: value.span });
  return at;
}

function findSign(text: string, at: number): string | undefined {
  return signs.find((sign) => text.startsWith(sign, at));
}

/** What `&&` and `||` of other languages mean here. */
function findShellWord(text: string, at: number): 'and' | 'or' | undefined {
  return text.startsWith('&&', at) ? 'and' : text.startsWith('||', at) ? 'or' : undefined;
}

/** Bare characters, but not the comma and the `!=` that are signs here. */
function findWordEnd(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isBare(codeAt(text, at)) && text[at] !== ',' && !text.startsWith('!=', at)) {
    at += unitsOf(codeAt(text, at));
  }
  return at;
}

/** Whether one path with a `/` in it, and nothing but a comment, follows: then `>` writes to a file. */
function endsInPath(source: Source, from: number): boolean {
  const { text, end } = source;
  const start = skipPlainBlanks(text, from);
  let at = start;
  if (text[at] === '"' || text[at] === "'") {
    at = findQuoteEnd(text, at, end) + 1;
    if (at === 0) return false;
  } else while (!endsWord(source, at) && text[at] !== '>') at++;
  if (!text.slice(start, at).includes('/')) return false;
  const next = skipPlainBlanks(text, at);
  return next >= end || next === source.helpAt || (next > at && text[next] === '#');
}
