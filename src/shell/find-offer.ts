import { isPosternError } from '../errors.ts';
import { parseHead } from '../language/head.ts';
import { compileLine } from '../registry/compile.ts';
import { redactLine } from '../registry/redact.ts';
import { resolveHead } from '../registry/resolve.ts';
import type { Registry } from '../registry/tree.ts';

/** A word in the place of a value that only the person knows. */
const placeholder = /=[A-Z_]+(?:\s|$)/;

/**
 * The line that mends a mistake, ready at the next prompt; empty: none. Enter runs it, so it is never one with a
 * secret in it, one that still needs a name, or one that destroys something where the typed line was no such command.
 */
export function findOffer(
  error: unknown,
  text: string,
  location: readonly string[],
  registry: Registry,
): string {
  const [problem] = isPosternError(error) ? error.problems : [];
  const line = problem?.instruction === undefined ? '' : (problem.hint ?? '');
  if (line === '' || placeholder.test(line) || redactLine(line, location, registry) !== line) return '';
  const meant = compileLine(line, location, registry);
  if (meant.kind !== 'command') return meant.kind === 'enter' ? line : '';
  const typed = resolveHead(parseHead(text), location, registry);
  const isSame = typed.kind === 'command' && typed.spec === meant.spec;
  return meant.spec.confirm && !isSame ? '' : line;
}
