import type { ColumnName, ComparisonOperator, Expression, Literal } from '../language/ast.ts';
import { addFault } from '../language/repair.ts';
import { joinSpans, type Span } from '../language/span.ts';
import { isClauseStart } from './clauses.ts';
import { isForeignTest, reportCall, reportTest, reportTurned } from './foreign-tests.ts';
import { checkPattern } from './pattern.ts';
import {
  peek,
  readColumn,
  readLiteral,
  report,
  spanAhead,
  type TokenReader,
  takeSign,
  takeWord,
} from './reader.ts';

const maxDepth = 64;
const operators: readonly string[] = ['==', '!=', '>', '>=', '<', '<='];
const testPattern = /^(.*)\.(match|startswith|endswith)$/i;

/** Reads a condition: `or` binds least, then `and`, then `not`. undefined after a problem, which is reported. */
export function readExpression(reader: TokenReader, depth = 0): Expression | undefined {
  return readJoined(reader, 'or', () => readJoined(reader, 'and', () => readNot(reader, depth)));
}

function readJoined(
  reader: TokenReader,
  kind: 'and' | 'or',
  readOperand: () => Expression | undefined,
): Expression | undefined {
  const first = readOperand();
  if (first === undefined) return undefined;
  const operands = [first];
  while (takeWord(reader, kind) !== undefined) {
    const operand = readOperand();
    if (operand === undefined) return undefined;
    operands.push(operand);
  }
  if (operands.length === 1) return first;
  return { kind, operands, span: joinSpans(first.span, (operands.at(-1) as Expression).span) };
}

function readNot(reader: TokenReader, depth: number): Expression | undefined {
  const { start } = spanAhead(reader);
  let isNegated = false;
  while (takeWord(reader, 'not') !== undefined) isNegated = !isNegated;
  const operand = readPrimary(reader, depth);
  if (operand === undefined || !isNegated) return operand;
  return { kind: 'not', operand, span: { start, end: operand.span.end } };
}

function readPrimary(reader: TokenReader, depth: number): Expression | undefined {
  const open = takeSign(reader, '(');
  if (open === undefined) return readPredicate(reader);
  if (depth >= maxDepth) {
    return report(
      reader,
      'parse.depth',
      `parentheses nest at most ${maxDepth} deep`,
      open.span,
      'ask in two queries',
    );
  }
  const inner = readExpression(reader, depth + 1);
  return inner === undefined || !closeBracket(reader, open.span, '(', ')') ? undefined : inner;
}

function closeBracket(reader: TokenReader, span: Span, opener: string, closer: string): boolean {
  if (takeSign(reader, closer) !== undefined) return true;
  if (peek(reader) !== undefined) {
    report(
      reader,
      'parse.query',
      `a ${closer} is expected here`,
      spanAhead(reader),
      `close the ${opener} first`,
    );
    return false;
  }
  const { end } = reader.source;
  const message = `a ${opener} opens here and nothing closes it`;
  const edit = { span: { start: end, end }, text: closer };
  addFault(
    reader.source.faults,
    { code: 'lex.unclosed_bracket', message, span, hint: `close it with ${closer}` },
    edit,
  );
  return true;
}

function readPredicate(reader: TokenReader): Expression | undefined {
  const token = peek(reader);
  const isCall = peek(reader, 1)?.text === '(' && peek(reader, 1)?.kind === 'sign';
  const test = token?.kind === 'word' && isCall ? testPattern.exec(token.text) : null;
  if (test !== null) return readTest(reader, test[1] as string, test[2] as string);
  if (isClauseStart(reader))
    return reportMissing(reader, 'a condition is expected after where, and, or, not and (');
  const turned = reportTurned(reader);
  if (turned !== undefined) return turned;
  const column = readColumn(reader);
  if (column === undefined) return undefined;
  if (isCall && column.name.includes('.')) return reportCall(reader, column);
  const sign = peek(reader);
  if (takeWord(reader, 'in') !== undefined) return readIn(reader, column, false);
  if (
    sign?.kind === 'word' &&
    sign.text.toLowerCase() === 'not' &&
    peek(reader, 1)?.text.toLowerCase() === 'in'
  ) {
    reader.at += 2;
    return readIn(reader, column, true);
  }
  if (takeWord(reader, 'is') !== undefined) return readIs(reader, column);
  if (sign?.kind === 'word' && isForeignTest(sign.text)) return reportTest(reader, column);
  if (sign?.kind !== 'sign' || !(operators.includes(sign.text) || sign.text === '=')) {
    return { kind: 'truth', column, span: column.span };
  }
  return readComparison(reader, column);
}

/** `is null`, `is not null`: SQL's way to compare with it. */
function readIs(reader: TokenReader, column: ColumnName): Expression | undefined {
  const isNot = takeWord(reader, 'not') !== undefined;
  const literal = isClauseStart(reader) ? undefined : readLiteral(reader);
  if (literal === undefined) return reportMissing(reader, 'a value is expected after is, such as null');
  const span = joinSpans(column.span, literal.span);
  return { kind: 'compare', column, operator: isNot ? '!=' : '==', literal, span };
}

function readComparison(reader: TokenReader, column: ColumnName): Expression | undefined {
  const sign = peek(reader);
  if (sign === undefined) return undefined;
  reader.at++;
  if (sign.text === '=') {
    const edit = { span: sign.span, text: '==' };
    const problem = {
      code: 'parse.single_equals',
      message: '== compares; one = sets a value',
      span: sign.span,
    } as const;
    addFault(reader.source.faults, { ...problem, hint: 'type ==' }, edit);
  }
  const literal = isClauseStart(reader) ? undefined : readLiteral(reader);
  if (literal === undefined) return reportMissing(reader, `a value is expected after ${sign.text}`);
  const operator = (sign.text === '=' ? '==' : sign.text) as ComparisonOperator;
  return { kind: 'compare', column, operator, literal, span: joinSpans(column.span, literal.span) };
}

function readIn(reader: TokenReader, column: ColumnName, negated: boolean): Expression | undefined {
  const open = takeSign(reader, '[') ?? takeSign(reader, '(') ?? takeSign(reader, '{');
  if (open === undefined) return readLoneItem(reader, column, negated);
  const closer = open.text === '[' ? ']' : open.text === '{' ? '}' : ')';
  const literals: Literal[] = [];
  for (let literal = readLiteral(reader); literal !== undefined; ) {
    literals.push(literal);
    literal = takeSign(reader, ',') === undefined ? undefined : readLiteral(reader);
  }
  const { end } = spanAhead(reader);
  if (!closeBracket(reader, open.span, open.text, closer)) return undefined;
  return { kind: 'in', column, negated, literals, span: { start: column.span.start, end } };
}

/** `in root` lacks its brackets. */
function readLoneItem(reader: TokenReader, column: ColumnName, negated: boolean): Expression | undefined {
  const message = 'in is followed by a list such as [root, admin]';
  const literal = isClauseStart(reader) ? undefined : readLiteral(reader);
  if (literal === undefined) return reportMissing(reader, message);
  const { span } = literal;
  const edit = { span, text: `[${reader.source.text.slice(span.start, span.end)}]` };
  addFault(reader.source.faults, { code: 'parse.query', message, span, hint: 'put the list in [ ]' }, edit);
  return { kind: 'in', column, negated, literals: [literal], span: joinSpans(column.span, span) };
}

function readTest(reader: TokenReader, name: string, word: string): Expression | undefined {
  const token = peek(reader);
  const open = peek(reader, 1);
  if (token === undefined || open === undefined) return undefined;
  const column = { name, span: { start: token.span.start, end: token.span.start + name.length } };
  if (!/^[A-Za-z_][\w-]*(?:\.[\w-]+)*$/.test(name)) {
    return report(
      reader,
      'parse.column',
      `a column is expected before .${word}`,
      token.span,
      `type column.${word}("text")`,
    );
  }
  reader.at += 2;
  const literal = readLiteral(reader);
  if (literal === undefined) return reportMissing(reader, `a text is expected in .${word}("…")`);
  const method = word.toLowerCase() as 'match' | 'startswith' | 'endswith';
  const wrong = method === 'match' ? checkPattern(literal.text) : undefined;
  if (wrong !== undefined) report(reader, 'parse.pattern', wrong, literal.span, 'simplify the pattern');
  const { end } = spanAhead(reader);
  if (!closeBracket(reader, open.span, '(', ')')) return undefined;
  return { kind: 'test', method, column, literal, span: { start: column.span.start, end } };
}

function reportMissing(reader: TokenReader, message: string): undefined {
  const { end } = reader.source;
  const span = peek(reader)?.span ?? { start: Math.max(0, end - 1), end };
  return report(reader, 'parse.query', message, span, 'a condition is written where username == root');
}
