import type { Problem } from '../errors.ts';
import type { Head, Value } from '../language/ast.ts';
import { isBlank } from '../language/characters.ts';
import { needsMoreInput } from '../language/continuation.ts';
import { parseHead } from '../language/head.ts';
import { readSpacedChunk } from '../language/parse.ts';
import { openSource, type Source, skipBlanks, skipPlainBlanks } from '../language/source.ts';
import type { Span } from '../language/span.ts';
import { readTokens } from '../query/tokens.ts';

/**
 * What is at the cursor of an unfinished line.
 * - `word`: a path word, a positional or a key begins: the registry knows which, by `head` and `positionals`
 * - `value`: the value of `key=`
 * - `redirect`: the file after `>`
 * - `nothing`: a comment, an object or array, or what follows `--`
 */
export type CursorContext = {
  readonly kind: 'word' | 'value' | 'redirect' | 'nothing';
  /** The key whose value is typed; empty for the other kinds. */
  readonly key: string;
  /** What was typed of it, with an opening quote taken off. */
  readonly prefix: string;
  /** The quote that is open at the cursor. */
  readonly quote: '"' | "'" | undefined;
  /** A quote is open at the cursor, in the middle of its word too. */
  readonly isQuoted: boolean;
  /** From the start of it (its quote included) to the cursor. */
  readonly span: Span;
  /** The leading words before it. */
  readonly head: Head;
  /** The positionals before it that are no leading words. */
  readonly positionals: readonly Value[];
  /** The keys before it, dotted as typed. */
  readonly keys: readonly string[];
};

/** Says what is at offset `cursor` of `text`; what follows the cursor is not looked at. One pass. */
export function locateCursor(text: string, cursor: number): CursorContext {
  const line = text.slice(0, cursor);
  const head = parseHead(line);
  const word = head.words.at(-1);
  const atEnd = { start: line.length, end: line.length };
  const empty = {
    key: '',
    prefix: '',
    quote: undefined,
    isQuoted: false,
    positionals: [],
    keys: [],
  } as const;
  if (word !== undefined && word.span.end === line.length) {
    const words = head.words.slice(0, -1);
    const before = { ...head, words, end: words.at(-1)?.span.end ?? word.span.start };
    return { ...empty, kind: 'word', prefix: word.text, span: word.span, head: before };
  }
  if (head.end === line.length) {
    const isClimbing = head.ups > 0 && !line.endsWith('/');
    return { ...empty, kind: isClimbing ? 'nothing' : 'word', span: atEnd, head };
  }
  return walkChunks(line, head);
}

function walkChunks(line: string, head: Head): CursorContext {
  const source: Source = { ...openSource(line), end: line.length, helpAt: -1 };
  const positionals: Value[] = [];
  const keys: string[] = [];
  const place = (kind: CursorContext['kind'], start: number, key = ''): CursorContext => {
    const quote = findOpenQuote(source, start);
    const isQuoted = source.faults.problems.some((problem) => opensAfter(problem, start));
    const prefix = line.slice(quote === undefined ? start : start + 1);
    return { kind, key, prefix, quote, isQuoted, span: { start, end: line.length }, head, positionals, keys };
  };
  for (let at = skipBlanks(source, head.end); at < source.end; at = skipBlanks(source, at)) {
    if (line[at] === '#' || line.startsWith('--', at)) return place('nothing', line.length);
    if (line[at] === '>') return placeRedirect(line, at, place);
    const { key, value, span } = readSpacedChunk(source, at);
    const isTyped = span.end >= line.length;
    if (isTyped && value?.kind === 'json') return place('nothing', line.length);
    if (isTyped)
      return key === undefined ? place('word', at) : place('value', valueStart(line, key.span.end), key.text);
    // `enabled= `: its value is still to come.
    if (key && !value && line.slice(span.end).trim() === '') return place('value', line.length, key.text);
    if (key !== undefined) keys.push(key.text);
    else if (value !== undefined) positionals.push(value);
    at = Math.max(span.end, at + 1);
  }
  return place('word', line.length);
}

function placeRedirect(
  line: string,
  at: number,
  place: (kind: CursorContext['kind'], start: number) => CursorContext,
): CursorContext {
  const start = skipPlainBlanks(line, at + 1);
  const isQuoted = line[start] === '"' || line[start] === "'";
  const isOver = !isQuoted && start < line.length && isBlank(line.charCodeAt(line.length - 1));
  return isOver ? place('nothing', line.length) : place('redirect', start);
}

/** The quote that opens at `start` and that nothing closes. */
function findOpenQuote(source: Source, start: number): '"' | "'" | undefined {
  const quote = source.text[start];
  if (quote !== '"' && quote !== "'") return undefined;
  const isOpen = source.faults.problems.some(
    (problem) => opensAfter(problem, start) && problem.span?.start === start,
  );
  return isOpen || start + 1 === source.end ? quote : undefined;
}

function opensAfter({ code, span }: Problem, start: number): boolean {
  return code === 'lex.unclosed_quote' && (span?.start ?? 0) >= start;
}

/** Whether a `?` typed at the end of `text` asks something: not in quotes, brackets or a comment, where it is text. */
export function isQuestionPlace(text: string): boolean {
  const { kind, isQuoted, head, span } = locateCursor(text, text.length);
  if (kind === 'nothing' || isQuoted || needsMoreInput(text)) return false;
  if (!/\bwhere\s/i.test(text)) return true;
  // A query has quotes where arguments have none: behind a bracket.
  const source = openSource(text);
  readTokens(source, head.end);
  return !source.faults.problems.some((problem) => opensAfter(problem, span.start));
}

/** Where a value begins, behind the `=` that follows its key with or without blanks. */
function valueStart(line: string, keyEnd: number): number {
  return skipPlainBlanks(line, skipPlainBlanks(line, keyEnd) + 1);
}
