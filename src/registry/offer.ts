import type { Problem } from '../errors.ts';
import { findQuoteEnd } from '../language/brackets.ts';
import type { CompiledCommand, Reading, Wrong } from './compiled.ts';
import { listKeys } from './describe.ts';

/** How many slips a line may have for its hint: each is mended by itself, and the last line is the one that is shown. */
const mostSteps = 4;
const longestHint = 4096;

/**
 * The problems with their hints. A line is offered only where it was read and nothing is wrong with it; else each problem
 * has its own instruction. `read` reads a line as if it had been typed in the same place.
 */
export function offerLine(text: string, wrong: Wrong, read: (line: string) => Reading): readonly Problem[] {
  const line = text.length > longestHint ? undefined : findLine(text, wrong, read);
  return wrong.problems.map((problem) => {
    const { instruction = problem.hint, ...rest } = problem;
    if (line !== undefined) return { ...rest, hint: line, instruction: instruction ?? '' };
    return instruction === undefined || instruction === ''
      ? withoutHint(rest)
      : { ...rest, hint: instruction };
  });
}

function withoutHint({ hint: _, ...problem }: Problem): Problem {
  return problem;
}

/** The first line that reads well, those that take fewer steps first. */
function findLine(text: string, wrong: Wrong, read: (line: string) => Reading): string | undefined {
  const seen = new Set([text]);
  let open: readonly { readonly text: string; readonly wrong: Wrong }[] = [{ text, wrong }];
  for (let step = 0; step < mostSteps && open.length > 0; step++) {
    const next: { text: string; wrong: Wrong }[] = [];
    for (const each of open) {
      for (const line of listLines(each.text, each.wrong)) {
        const tidy = tidyBlanks(line);
        if (seen.has(tidy) || tidy === '' || seen.size > 60) continue;
        seen.add(tidy);
        const reading = read(tidy);
        if (reading.kind === 'wrong') next.push({ text: tidy, wrong: reading });
        else if (reading.kind !== 'empty') return tidy;
      }
    }
    open = next;
  }
  return undefined;
}

function listLines(text: string, { problems, lines }: Wrong): readonly string[] {
  const repaired = problems.flatMap(({ hint, instruction }) =>
    instruction === undefined || hint === undefined ? [] : [hint],
  );
  const cleaned = problems.flatMap((problem) => [...joinKey(text, problem), ...cleanKey(text, problem)]);
  return [...cleaned, ...repaired, ...lines];
}

/** A blank in a key: `t oken=123456`. */
function joinKey(text: string, { code, span }: Problem): readonly string[] {
  const before = code === 'bind.unknown_key' && span ? text.slice(0, span.start).trimEnd() : undefined;
  return before === undefined ? [] : [`${before}${text.slice(span?.start)}`];
}

/** A sign that strayed into a key, before any value, is left out; in a value it could be meant. */
function cleanKey(text: string, { code, span }: Problem): readonly string[] {
  if (span === undefined || !/^lex\.|^parse\.space_at_redirect/.test(code)) return [];
  const wordStart = text.slice(0, span.start).search(/\S*$/);
  const word = /^\S*/.exec(text.slice(wordStart))?.[0] ?? '';
  // enabled>false, enabled;false: one sign for another.
  const swapped = /^([A-Za-z_][\w.]*)[^\w.='"-]+([^\s=]+)$/.exec(word);
  if (swapped)
    return [`${text.slice(0, wordStart)}${swapped[1]}=${swapped[2]}${text.slice(wordStart + word.length)}`];
  const equals = word.indexOf('=', word[0] === '=' ? 1 : 0);
  if (equals < span.start - wordStart) return [];
  const key = word.slice(0, equals).replace(/[^\w.-]/g, '');
  return key === '' || key.length === equals
    ? []
    : [`${text.slice(0, wordStart)}${key}${text.slice(wordStart + equals)}`];
}

/** One plain space for what separates words, in a line that reads well. */
function tidyBlanks(line: string): string {
  let tidy = '';
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    const close = character === '"' || character === "'" ? findQuoteEnd(line, at, line.length) : -1;
    if (close >= 0) {
      tidy += line.slice(at, close + 1);
      at = close;
    } else tidy += /[^\S\n\r]/.test(character) ? ' ' : character;
  }
  return tidy.trim();
}

/** A line without the `;` or `.` at its end, and whether that could have been part of a secret. */
export type EndedLine = { readonly line: string; isIn(command: CompiledCommand): boolean };

/** Takes the `;` or `.` off the end of a line that is none with it; undefined: it does not end in one. */
export function dropLineEnd(text: string): EndedLine | undefined {
  const found = /[;.]\s*$/.exec(text);
  if (!found) return undefined;
  const { index } = found;
  const line = `${text.slice(0, index)} ${text.slice(index + 1)}`;
  return { line, isIn: (command) => isInSecret(command, index) };
}

/** A sign that follows a secret at once may belong to it; elsewhere it was no part of a value, or the line were right. */
function isInSecret({ spec, binding }: CompiledCommand, at: number): boolean {
  return listKeys(spec.params).some(({ key, param }) => param.secret && binding.spans.get(key)?.end === at);
}
