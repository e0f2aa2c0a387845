import type { ErrorCode } from '../errors.ts';
import type { ColumnName, Literal } from '../language/ast.ts';
import { addFault } from '../language/repair.ts';
import type { Source } from '../language/source.ts';
import type { Span } from '../language/span.ts';
import type { Token } from './tokens.ts';

/** The tokens of a query and how far they were read. */
export type TokenReader = { readonly source: Source; readonly tokens: readonly Token[]; at: number };

const columnPattern = /^[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;

/** Starts reading at the first token. */
export function openTokens(source: Source, tokens: readonly Token[]): TokenReader {
  return { source, tokens, at: 0 };
}

/** The next token, or the one `ahead` of it. */
export function peek(reader: TokenReader, ahead = 0): Token | undefined {
  return reader.tokens[reader.at + ahead];
}

/** Takes the next token if it is this sign. */
export function takeSign(reader: TokenReader, text: string): Token | undefined {
  const token = peek(reader);
  if (token?.kind !== 'sign' || token.text !== text) return undefined;
  reader.at++;
  return token;
}

/** Takes the next token if it is this word, in any case. */
export function takeWord(reader: TokenReader, text: string): Token | undefined {
  const token = peek(reader);
  if (token?.kind !== 'word' || token.text.toLowerCase() !== text) return undefined;
  reader.at++;
  return token;
}

/** Where the next token stands, or the end of the line. */
export function spanAhead(reader: TokenReader): Span {
  return peek(reader)?.span ?? { start: reader.source.end, end: reader.source.end };
}

/** Records a problem that no edit takes away. */
export function report(
  reader: TokenReader,
  code: ErrorCode,
  message: string,
  span: Span,
  hint: string,
): undefined {
  addFault(reader.source.faults, { code, message, span, hint }, undefined);
  return undefined;
}

/** Takes a column name, after `skip` characters of its token; reports what is none, and leaves it there. */
export function readColumn(reader: TokenReader, skip = 0): ColumnName | undefined {
  const token = peek(reader);
  const name = token?.text.slice(skip) ?? '';
  if (token?.kind === 'word' && columnPattern.test(name)) {
    reader.at++;
    return { name, span: { start: token.span.start + skip, end: token.span.end } };
  }
  if (token !== undefined && isReported(reader, token.span)) return undefined;
  const message =
    token === undefined
      ? 'a column is expected here'
      : 'a column is expected here, a bare word such as username';
  const hint = 'put the column first: where username == root';
  return report(reader, 'parse.column', message, spanAhead(reader), hint);
}

/** Whether something is wrong with the token itself: then that is what its reader needs to know. */
function isReported(reader: TokenReader, span: Span): boolean {
  return reader.source.faults.problems.some(
    (problem) =>
      problem.span !== undefined && problem.span.start >= span.start && problem.span.end <= span.end,
  );
}

/** Takes a bare or quoted value; undefined where none is there, without a complaint. */
export function readLiteral(reader: TokenReader): Literal | undefined {
  const token = peek(reader);
  if (token === undefined || token.kind === 'sign') return undefined;
  reader.at++;
  return { text: token.text, quoted: token.kind === 'quoted', span: token.span };
}
