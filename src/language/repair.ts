import type { Problem } from '../errors.ts';
import type { Span } from './span.ts';

/** A replacement in the line that takes one problem away. */
export type Edit = { readonly span: Span; readonly text: string };

/** The problems of one line as they are found, and the edits that would take all of them away. */
export type Faults = { readonly problems: Problem[]; readonly edits: Edit[]; repairable: boolean };

// Nobody reads more; and a line of a million bad characters must not become a million problems.
const maxProblems = 20;
const maxHintLength = 4096;

/** No faults yet. */
export function createFaults(): Faults {
  return { problems: [], edits: [], repairable: true };
}

/** Records a problem whose `hint` is a short instruction, used when the line as a whole cannot be repaired. */
export function addFault(faults: Faults, problem: Problem, edit: Edit | 'covered' | undefined): void {
  if (faults.problems.length >= maxProblems || edit === undefined) faults.repairable = false;
  if (faults.problems.length < maxProblems) faults.problems.push(problem);
  if (edit !== undefined && edit !== 'covered' && faults.repairable) faults.edits.push(edit);
}

/**
 * The problems, each with the repaired line as its hint where one edit for each of them gives a line that
 * `isClean` accepts; otherwise with its own instruction.
 */
export function finishProblems(text: string, faults: Faults, isClean: (line: string) => boolean): Problem[] {
  const { problems } = faults;
  if (problems.length === 0) return [];
  const repaired = faults.repairable ? applyEdits(text, faults.edits) : undefined;
  if (repaired === undefined || repaired.trim() === '' || repaired.length > maxHintLength) return problems;
  if (!isClean(repaired)) return problems;
  return problems.map((problem) => ({ ...problem, hint: repaired.trim(), instruction: problem.hint ?? '' }));
}

function applyEdits(text: string, edits: readonly Edit[]): string | undefined {
  let result = '';
  let at = 0;
  const inOrder = [...edits].sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  for (const { span, text: replacement } of inOrder) {
    // An edit of a longer stretch has mended what lies in it.
    if (span.end <= at && span.start < at) continue;
    if (span.start < at) return undefined;
    result += text.slice(at, span.start) + replacement;
    at = span.end;
  }
  return result + text.slice(at);
}
