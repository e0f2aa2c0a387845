import type { Problem } from '../errors.ts';
import { parseHead } from '../language/head.ts';
import { compileLine } from '../registry/compile.ts';
import { listHidden, redactLine } from '../registry/redact.ts';
import { resolveHead } from '../registry/resolve.ts';
import type { World } from './world.ts';

/** Where a line came from, for its errors. */
export type LineSource = {
  readonly text: string;
  readonly location: readonly string[];
  readonly file?: string;
  readonly lineNumber?: number;
};

/**
 * A problem of a line as it may be shown. Sentences and hints repeat the line: what is secret in it is so there too, and a
 * hint has `-` for a secret, which asks for it. Inside a namespace the full path of a hint needs its `/`.
 */
export function adaptProblem(
  problem: Problem,
  { text, location }: LineSource,
  redacted: string,
  { registry }: Pick<World, 'registry'>,
): Problem {
  const hidden = listHidden(text, redacted);
  const { span, hint, instruction } = problem;
  const isHidden =
    span !== undefined && redacted.slice(span.start, span.end) !== text.slice(span.start, span.end);
  const shown = redactLine(text.trim(), location, registry);
  const clean = (said: string) => {
    const quoted = isHidden ? said.replace(/"(?:[^"\\]|\\.)*"/g, '"***"') : said;
    return hidden.reduce(
      (rest, secret) => hideIn(rest, secret),
      quoted.replaceAll(text.trim(), () => shown),
    );
  };
  const message = clean(problem.message);
  if (hint === undefined) return { ...problem, message };
  if (instruction === undefined)
    return { ...problem, message, hint: clean(atPlace(hint, location, registry)) };
  const line = redactLine(atPlace(hint, location, registry), location, registry, { mask: '-' });
  const works = line === hint || compileLine(line, location, registry).kind !== 'problems';
  return works ? { ...problem, message, hint: line } : { ...problem, message, hint: clean(instruction) };
}

/** Short texts are in many words: of those only what is quoted can be the secret. */
function hideIn(said: string, secret: string): string {
  if (secret.length > 3) return said.replaceAll(secret, '***');
  return said.replaceAll(`"${secret}"`, '"***"');
}

function atPlace(hint: string, location: readonly string[], registry: World['registry']): string {
  const leadsTo = (from: readonly string[]) => resolveHead(parseHead(hint), from, registry).kind;
  const isFullPath = location.length > 0 && leadsTo(location) === 'unknown' && leadsTo([]) === 'command';
  return isFullPath ? `/${hint}` : hint;
}
