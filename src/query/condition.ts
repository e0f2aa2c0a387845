import type { JsonObject } from '../json.ts';
import type { ColumnName, Expression, Literal } from '../language/ast.ts';
import { readBoolean, readInteger, readNull } from '../language/literal.ts';
import { quoteText, quoteWord } from '../language/quote.ts';
import type { Span } from '../language/span.ts';
import { type Cell, type Complaints, findValue, readCell, report } from './cell.ts';
import { limitText } from './pattern.ts';

/** Whether the condition is true of the row. What cannot be judged is noted in `complaints`, and counts as false. */
export function isTrue(complaints: Complaints, part: Expression, row: JsonObject): boolean {
  switch (part.kind) {
    case 'and':
      return part.operands.every((operand) => isTrue(complaints, operand, row));
    case 'or':
      return part.operands.some((operand) => isTrue(complaints, operand, row));
    case 'not':
      return !isTrue(complaints, part.operand, row);
    case 'truth': {
      const cell = readCell(complaints, part.column, row);
      if (cell === null || cell === undefined || typeof cell === 'boolean') return cell === true;
      return reportType(
        complaints,
        part.column,
        `${part.column.name} is ${describe(cell)}, not true or false`,
        `${part.column.name} == ${quoteWord(String(cell))}`,
      );
    }
    case 'in': {
      const cell = readCell(complaints, part.column, row);
      if (cell === undefined) return false;
      const isIn = part.literals.some((literal) => isEqual(complaints, part.column, cell, literal));
      return part.negated ? !isIn : isIn;
    }
    case 'compare':
      return isComparedTrue(complaints, part, row);
    case 'test':
      return isTestedTrue(complaints, part, row);
    default:
      return part satisfies never;
  }
}

function isComparedTrue(
  complaints: Complaints,
  part: Extract<Expression, { kind: 'compare' }>,
  row: JsonObject,
): boolean {
  const { column, operator, literal } = part;
  if (isNull(literal)) {
    const isNullCell = (findValue(row, column.name) ?? null) === null;
    return operator === '==' ? isNullCell : operator === '!=' && !isNullCell;
  }
  const cell = readCell(complaints, column, row);
  if (cell === undefined) return false;
  if (operator === '==') return isEqual(complaints, column, cell, literal);
  if (operator === '!=') return !isEqual(complaints, column, cell, literal);
  if (cell === null) return false;
  const value = convert(complaints, column, cell, literal);
  if (value === undefined || value === null) return false;
  if (typeof cell === 'boolean') {
    return reportType(
      complaints,
      column,
      `${column.name} is true or false, and has no order`,
      `${column.name} == ${literal.text}`,
    );
  }
  if (typeof cell === 'string' && !literal.quoted && readNumber(literal.text) !== undefined) {
    const message = `${column.name} is text, and ${literal.text} a number`;
    return reportType(complaints, literal, message, `${column.name} ${operator} ${quoteText(literal.text)}`);
  }
  switch (operator) {
    case '>':
      return cell > value;
    case '>=':
      return cell >= value;
    case '<':
      return cell < value;
    case '<=':
      return cell <= value;
    default:
      return operator satisfies never;
  }
}

function isTestedTrue(
  complaints: Complaints,
  part: Extract<Expression, { kind: 'test' }>,
  row: JsonObject,
): boolean {
  const { column, literal, method } = part;
  const cell = readCell(complaints, column, row);
  if (cell === null || cell === undefined) return false;
  if (typeof cell !== 'string') {
    return reportType(
      complaints,
      column,
      `.${method} is for text, and ${column.name} is ${describe(cell)}`,
      `${column.name} == ${cell}`,
    );
  }
  if (method === 'startswith') return cell.startsWith(literal.text);
  if (method === 'endswith') return cell.endsWith(literal.text);
  const limit = limitText(literal.text);
  if (cell.length <= limit) return new RegExp(literal.text, 'u').test(cell);
  const message = `this pattern is tried on at most ${limit} characters; a ${column.name} has ${cell.length}`;
  report(complaints, {
    code: 'query.text_length',
    message,
    span: literal.span,
    hint: `type ${column.name}.startswith("text")`,
  });
  return false;
}

function isEqual(complaints: Complaints, column: ColumnName, cell: Cell, literal: Literal): boolean {
  if (isNull(literal) || cell === null) return isNull(literal) && cell === null;
  return convert(complaints, column, cell, literal) === cell;
}

/** What the literal says in the kind of the cell; undefined after a complaint where it says nothing. */
function convert(
  complaints: Complaints,
  column: ColumnName,
  cell: string | number | boolean,
  literal: Literal,
): Cell | undefined {
  if (typeof cell === 'string') return literal.text;
  const value = typeof cell === 'number' ? readNumber(literal.text) : readBoolean(literal.text);
  if (value !== undefined && !literal.quoted) return value;
  const message = `${column.name} is ${describe(cell)}, and ${quoteText(literal.text)} is text`;
  reportType(
    complaints,
    literal,
    message,
    `${column.name} == ${typeof cell === 'number' ? (value ?? 0) : (value ?? true)}`,
  );
  return undefined;
}

function readNumber(text: string): number | undefined {
  const integer = readInteger(text);
  if (integer !== undefined) return integer;
  return /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function isNull(literal: Literal): boolean {
  return !literal.quoted && readNull(literal.text);
}

function describe(cell: string | number | boolean): string {
  return typeof cell === 'string' ? 'text' : typeof cell === 'number' ? 'a number' : 'true or false';
}

function reportType(
  complaints: Complaints,
  place: { readonly span: Span },
  message: string,
  hint: string,
): false {
  report(complaints, { code: 'query.type', message, span: place.span, hint: `type ${hint}` });
  return false;
}
