import type { Problem } from '../errors.ts';
import type { ColumnName, Expression } from '../language/ast.ts';
import { quoteText } from '../language/quote.ts';
import { addFault } from '../language/repair.ts';
import { joinSpans } from '../language/span.ts';
import { peek, readColumn, readLiteral, report, type TokenReader } from './reader.ts';

const tests = 'a text is tested by .match("text"), .startswith("text") or .endswith("text")';

/** Words of other query languages that test a text. */
export function isForeignTest(word: string): boolean {
  return /^(?:contains|matches|regexp|~|like|ilike)$/i.test(word);
}

/** `contains oo`, `like "oo%"`, `~ oo`, behind a column. */
export function reportTest(reader: TokenReader, column: ColumnName): Expression | undefined {
  const word = peek(reader);
  reader.at++;
  const literal = readLiteral(reader);
  if (word === undefined || literal === undefined) return undefined;
  const span = joinSpans(column.span, literal.span);
  const isLike = /like$/i.test(word.text);
  const text = isLike ? literal.text.replace(/^%|%$/g, '') : literal.text;
  const start = isLike && !literal.text.startsWith('%');
  const end = isLike && !literal.text.endsWith('%');
  const method = start ? 'startswith' : end ? 'endswith' : 'match';
  const test =
    start && end ? `${column.name} == ${quoteText(text)}` : `${column.name}.${method}(${quoteText(text)})`;
  const problem: Problem = {
    code: 'parse.operator',
    message: tests,
    span: word.span,
    hint: `type ${column.name}.match("text")`,
  };
  addFault(reader.source.faults, problem, /^[\w @-]*$/.test(text) ? { span, text: test } : undefined);
  return { kind: 'truth', column, span };
}

/** `"oo" in username`: the text first, as Python has it. */
export function reportTurned(reader: TokenReader): Expression | undefined {
  const [text, , column] = [peek(reader), peek(reader, 1), peek(reader, 2)];
  const isNot = peek(reader, 1)?.text === 'not' && column?.text === 'in';
  const name = isNot ? peek(reader, 3) : column;
  if (text?.kind !== 'quoted' || name?.kind !== 'word' || (!isNot && peek(reader, 1)?.text !== 'in'))
    return undefined;
  const span = joinSpans(text.span, name.span);
  const edit = { span, text: `${isNot ? 'not ' : ''}${name.text}.match(${quoteText(text.text)})` };
  const problem: Problem = {
    code: 'parse.operator',
    message: tests,
    span: text.span,
    hint: `type ${name.text}.match("text")`,
  };
  addFault(reader.source.faults, problem, /^[\w @-]*$/.test(text.text) ? edit : undefined);
  reader.at += isNot ? 3 : 2;
  const read = readColumn(reader);
  return read && { kind: 'truth', column: read, span };
}

/** `username.isdigit()`: a method that there is not. */
export function reportCall(reader: TokenReader, column: ColumnName): undefined {
  while (peek(reader) !== undefined && peek(reader)?.text !== ')') reader.at++;
  reader.at++;
  const method = column.name.slice(column.name.lastIndexOf('.'));
  return report(
    reader,
    'parse.operator',
    `there is no ${method}: ${tests}`,
    column.span,
    'use one of the three',
  );
}
