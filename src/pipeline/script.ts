import type { ExitCode } from '../errors.ts';
import { needsMoreInput } from '../language/continuation.ts';
import type { LineSource } from './adapt-problem.ts';
import { runLine } from './run-line.ts';
import { type Display, showError, showResult } from './show.ts';
import { readerGone } from './unseen.ts';
import type { SessionState, World } from './world.ts';

/** Lines in order, with the number that each starts at. */
export type Script = { readonly file: string | undefined; readonly next: () => string | undefined };

/**
 * Runs a script, one command a line; an open bracket goes on in the next line. Stops at the first error, naming file
 * and line; with `keepGoing` it carries on, but not where nobody reads the answers any more. Answers the worst exit code.
 */
export async function runScript(
  script: Script,
  state: SessionState,
  world: World,
  display: Display,
  keepGoing: boolean,
): Promise<ExitCode> {
  let worst: ExitCode = 0;
  let lineNumber = 0;
  for (let line = script.next(); line !== undefined; line = script.next()) {
    lineNumber += 1;
    const startsAt = lineNumber;
    let text = lineNumber === 1 ? line.replace(/^\ufeff/, '') : line;
    while (needsMoreInput(text)) {
      const more = script.next();
      if (more === undefined) break;
      lineNumber += 1;
      text = `${text}\n${more}`;
    }
    // A script may start with "#!/usr/bin/postern -f": a comment like any other.
    const source: LineSource = {
      text,
      location: state.location,
      ...(script.file === undefined ? {} : { file: script.file, lineNumber: startsAt }),
    };
    const code = await runOne(source, state, world, display);
    if ((code !== 0 && !keepGoing) || code === readerGone) return code;
    worst = Math.max(worst, code) as ExitCode;
    if (state.isLeaving) break;
  }
  return worst;
}

/** Runs one line and shows what came of it; the exit code. */
export async function runOne(
  source: LineSource,
  state: SessionState,
  world: World,
  display: Display,
): Promise<ExitCode> {
  try {
    return await showResult(await runLine(source.text, state, world), display, world);
  } catch (error) {
    return showError(error, source, display, world);
  }
}
