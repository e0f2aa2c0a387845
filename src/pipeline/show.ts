import { type ExitCode, exitCodeOf, isPosternError, type Problem } from '../errors.ts';
import { problemsToJson, renderDiagnostic, wrapWords } from '../output/diagnostic.ts';
import { escapeForTerminal, escapeJsonText } from '../output/escape.ts';
import { type Output, renderView } from '../output/render.ts';
import type { View } from '../output/view.ts';
import { redactLine } from '../registry/redact.ts';
import { adaptProblem, type LineSource } from './adapt-problem.ts';
import type { LineResult } from './run-line.ts';
import { explainUnseen, readerGone, showsSecret } from './unseen.ts';
import type { World } from './world.ts';

/** Where answers and errors go. */
export type Display = {
  /** For standard output. */
  output(): Output;
  readonly error: { readonly colours: boolean; readonly columns: number | undefined; readonly utf8: boolean };
  /** False: nobody reads any more. */
  writeOut(text: string): boolean;
  writeError(text: string): boolean;
  /** Whether standard output was closed when this process began, so that what is written to it goes nowhere. */
  isClosed?(): boolean;
  /** The text of a secret to enrol: QR code where this terminal shows one, key, parameters, URI, recovery codes. */
  drawEnrolment(view: View, output: Output): Promise<string>;
  /** The same by its dialogue, where someone sits at a terminal; answers the last words to print. */
  readonly enrol?: (view: View) => Promise<string>;
};

/** Shows what a line answered; the exit code that goes with it. Error: `store.output`. */
export async function showResult(
  { view, redirect }: LineResult,
  display: Display,
  world: World,
): Promise<ExitCode> {
  if (view) {
    const output: Output = redirect
      ? { ...display.output(), isTty: false, colours: false }
      : display.output();
    const text = await renderAnswer(view, output, redirect ? { ...display, enrol: undefined } : display);
    let isRead = true;
    try {
      if (redirect || text !== '') isRead = deliver(`${text}\n`, view, redirect, display);
    } finally {
      if (!isInData(view, output))
        for (const warning of view.warnings ?? []) writeNote('warning', warning, display);
    }
    if (!isRead) return readerGone;
  }
  showNotices(display, world);
  return view?.exitCode ?? 0;
}

/** False: nobody reads any more. Error: `store.output`, also where a secret would be seen by nobody. */
function deliver(text: string, view: View, redirect: LineResult['redirect'], display: Display): boolean {
  let isRead = true;
  try {
    if (redirect) redirect.write(text);
    else isRead = !(showsSecret(view) && display.isClosed?.()) && display.writeOut(text);
  } catch (error) {
    throw explainUnseen(view, error);
  }
  if (!isRead && showsSecret(view)) throw explainUnseen(view);
  return isRead;
}

/** Shows what the store had to say: repairs, last good copies, broken locks. */
export function showNotices(display: Display, world: World): void {
  for (const notice of world.store.takeNotices()) writeNote('notice', notice, display);
}

type Drawing = Pick<Display, 'drawEnrolment'> & { readonly enrol?: Display['enrol'] | undefined };

async function renderAnswer(view: View, output: Output, display: Drawing): Promise<string> {
  const parts = [await renderView(view, output)];
  if (output.mode === 'table') {
    if (view.appendix) parts.push(escapeForTerminal(view.appendix, { keepNewlines: true }));
    if (view.enrolment) return display.enrol ? display.enrol(view) : display.drawEnrolment(view, output);
  }
  return parts.filter((part) => part !== '').join('\n');
}

/** Programs that read the value find the warnings there. */
function isInData({ data }: View, { mode }: Output): boolean {
  return (
    mode !== 'table' && mode !== 'csv' && data !== null && typeof data === 'object' && 'warnings' in data
  );
}

const labels = { notice: 'note: ', warning: 'warning: ', mode: '' };

/** One sentence for standard error, which is no error: `{"notice":{"message":…}}` or the like where JSON is asked for. */
export function writeNote(kind: keyof typeof labels, sentence: string, display: Display): void {
  const asciiOnly = !display.error.utf8;
  const text =
    display.output().mode === 'json'
      ? escapeJsonText(JSON.stringify({ [kind === 'mode' ? 'notice' : kind]: { message: sentence } }))
      : wrapWords(
          `postern: ${labels[kind]}${escapeForTerminal(sentence, { asciiOnly })}`,
          display.error.columns,
        ).join('\n');
  display.writeError(`${text}\n`);
}

/** What a question is answered by that was answered by no, or by Ctrl-C. */
export const cancelledWords = 'Cancelled. Nothing was changed.';

/** Shows an error with its line; the exit code that it leads to. */
export function showError(
  error: unknown,
  source: LineSource | undefined,
  display: Display,
  world: Pick<World, 'registry'> & { readonly store?: World['store'] },
): ExitCode {
  const line = source
    ? redactLine(source.text, source.location, world.registry, { keepLength: true })
    : undefined;
  const problems = problemsOf(error).map((problem) =>
    source && line !== undefined ? adaptProblem(problem, source, line, world) : problem,
  );
  const place =
    source?.file !== undefined && source.lineNumber !== undefined
      ? { file: source.file, lineNumber: source.lineNumber }
      : undefined;
  const text =
    display.output().mode === 'json'
      ? problemsToJson(problems, line, place)
      : isCancelled(problems)
        ? cancelledWords
        : renderDiagnostic(problems, {
            ...(line === undefined ? {} : { line }),
            ...(place ? { source: place } : {}),
            ...display.error,
          });
  display.writeError(`${text}\n`);
  if (world.store) showNotices(display, world as World);
  return exitCodeOf(problems[0]?.code ?? 'bug.no_problem');
}

/** Someone said no, or ended the process: that is an answer, and no fault. */
function isCancelled([first]: readonly Problem[]): boolean {
  return ['cancelled.by_user', 'cancelled.hangup', 'cancelled.terminated'].includes(first?.code ?? '');
}

function problemsOf(error: unknown): readonly Problem[] {
  if (isPosternError(error)) return error.problems;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const where = process.env.POSTERN_DEBUG && error instanceof Error ? `\n${error.stack}` : '';
  return [
    {
      code: 'bug.unexpected',
      message: `${message}${where}`,
      hint: 'POSTERN_DEBUG=1 shows where; please report it',
    },
  ];
}
