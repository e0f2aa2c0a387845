import type { Problem } from '../errors.ts';
import type { Span } from '../language/span.ts';
import { escapeForTerminal, escapeJsonText } from './escape.ts';
import type { JsonObject } from './view.ts';
import { measureCells, wrapCells } from './width.ts';

/** Where a problem is shown, and where the line came from. */
export type DiagnosticContext = {
  /** The line as it may be shown: its secrets redacted, and the spans of the problems fit it. */
  readonly line?: string;
  /** The script that the line is in; `lineNumber` counts from 1. */
  readonly source?: { readonly file: string; readonly lineNumber: number };
  readonly colours: boolean;
  /** Cells of a line of the terminal; undefined: no terminal, and only a very long line is cut. */
  readonly columns?: number | undefined;
  /** Whether the terminal shows UTF-8. Default true. */
  readonly utf8?: boolean;
};

const indent = '  ';
const ellipsis = '...';
const tab = '    ';
/** What a log or a pipe gets of a line: each problem shows its own stretch, and a megabyte helps nobody. */
const mostCells = 2000;

/**
 * Every problem, in the order given, for standard error, without the last newline: the sentence, the line with carets
 * under the cause, the hint. On a narrow terminal a long line is cut to what is around the carets, and sentences wrap at words.
 */
export function renderDiagnostic(problems: readonly Problem[], context: DiagnosticContext): string {
  return problems.flatMap((problem) => renderProblem(problem, context)).join('\n');
}

/** `{"error":{…}}` on one line (product section 8); the problems after the first stand under `also`. */
export function problemsToJson(
  problems: readonly Problem[],
  line?: string,
  source?: DiagnosticContext['source'],
): string {
  const [first, ...also] = problems;
  if (!first) return '{"error":{"code":"bug.no_problem","message":"unknown problem"}}';
  const { code, message, ...rest } = problemToJson(first);
  const error = {
    ...{ code, message },
    ...(line === undefined ? {} : { line }),
    ...rest,
    ...(source ? { file: source.file, line_number: source.lineNumber } : {}),
    ...(also.length === 0 ? {} : { also: also.map(problemToJson) }),
  };
  return escapeJsonText(JSON.stringify({ error }));
}

function problemToJson({ code, message, span, hint }: Problem): JsonObject {
  return { code, message, ...span, ...(hint === undefined ? {} : { hint }) };
}

function renderProblem(problem: Problem, context: DiagnosticContext): readonly string[] {
  const asciiOnly = context.utf8 === false;
  const paint = (style: string, text: string) => (context.colours ? `\x1b[${style}m${text}\x1b[0m` : text);
  const show = (text: string) => escapeForTerminal(text, { asciiOnly });
  const place = context.source ? ` ${show(context.source.file)}:${context.source.lineNumber}:` : '';
  const label = `error[${problem.code}]`;
  const [first = '', ...more] = wrapWords(
    `postern:${place} ${label}: ${show(problem.message)}`,
    context.columns,
  );
  const lines = [first.replace(label, paint('1;31', label)), ...more];
  if (context.line !== undefined && problem.span) {
    const { shown, before, carets } = pointAt(context.line, problem.span, context.columns, asciiOnly);
    lines.push(`${indent}${shown}`, `${indent}${' '.repeat(before)}${paint('1;31', '^'.repeat(carets))}`);
  } else if (context.line !== undefined && context.source)
    lines.push(`${indent}${shorten(show(context.line.trim()), context.columns)}`);
  if (problem.hint === undefined) return lines;
  // A line to be typed is not broken: half of it, pasted, could do something.
  const said = show(problem.hint);
  const hint =
    problem.instruction === undefined
      ? wrapWords(`hint: ${said}`, context.columns && context.columns - indent.length)
      : [`hint: ${said}`];
  lines.push(
    ...hint.map((line, index) => indent + (index === 0 ? line.replace('hint:', paint('1', 'hint:')) : line)),
  );
  return lines;
}

/** Lines that a terminal of `columns` cells shows whole, the later ones indented; undefined: no terminal. */
export function wrapWords(text: string, columns: number | undefined): readonly string[] {
  if (columns === undefined) return [text];
  return wrapCells(text, Math.max(20, columns - indent.length)).map((line, index) =>
    index === 0 ? line : indent + line,
  );
}

function shorten(text: string, columns: number | undefined): string {
  return columns === undefined && text.length > mostCells ? `${text.slice(0, mostCells)}${ellipsis}` : text;
}

type Pointed = { readonly shown: string; readonly before: number; readonly carets: number };

/** The one line of `text` that `span` starts in, with the cells before the carets and their number. */
function pointAt(text: string, span: Span, columns: number | undefined, asciiOnly: boolean): Pointed {
  const start = Math.min(span.start, text.length);
  const lineStart = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', start) < 0 ? text.length : text.indexOf('\n', start);
  const end = Math.max(start, Math.min(span.end, lineEnd));
  const cells = [...showCells(text.slice(lineStart, lineEnd), asciiOnly)];
  const first = countCells(cells, start - lineStart);
  const last = Math.max(first + 1, countCells(cells, end - lineStart));
  const total = countCells(cells, Number.POSITIVE_INFINITY);
  const room = columns === undefined ? mostCells : Math.max(20, columns - indent.length - 1);
  if (Math.max(total, last) <= room) return { shown: joinCells(cells), before: first, carets: last - first };
  return cutAround(cells, first, last, room);
}

type Cell = { readonly units: number; readonly shown: string; readonly cells: number };

function* showCells(line: string, asciiOnly: boolean): Generator<Cell> {
  for (const character of line) {
    const shown = character === '\t' ? tab : escapeForTerminal(character, { asciiOnly });
    yield { units: character.length, shown, cells: measureCells(shown) };
  }
}

/** Cells taken by the first `units` UTF-16 units of the line. */
function countCells(cells: readonly Cell[], units: number): number {
  let seen = 0;
  let total = 0;
  for (const cell of cells) {
    if (seen >= units) break;
    seen += cell.units;
    total += cell.cells;
  }
  return total;
}

/** A stretch of the line that fits into `room` cells and holds the first caret; `...` stands for what is left out. */
function cutAround(cells: readonly Cell[], first: number, last: number, room: number): Pointed {
  const inner = room - 2 * ellipsis.length;
  const spare = Math.max(0, inner - (last - first));
  const from = Math.max(0, first - Math.floor(spare / 2));
  const kept: Cell[] = [];
  let at = 0;
  let skipped = 0;
  let used = 0;
  let isCutBehind = false;
  for (const cell of cells) {
    if (at < from) skipped += cell.cells;
    else if (used + cell.cells > inner) {
      isCutBehind = true;
      break;
    } else {
      kept.push(cell);
      used += cell.cells;
    }
    at += cell.cells;
  }
  const lead = skipped > 0 ? ellipsis : '';
  const before = lead.length + first - skipped;
  return {
    shown: `${lead}${joinCells(kept)}${isCutBehind ? ellipsis : ''}`,
    before,
    carets: Math.max(1, Math.min(last - first, room - before)),
  };
}

function joinCells(cells: readonly Cell[]): string {
  return cells.map(({ shown }) => shown).join('');
}
