import type { Problem } from '../errors.ts';
import type { Arguments } from '../language/ast.ts';
import { parseArguments } from '../language/parse.ts';
import { addFault, createFaults, type Edit, finishProblems } from '../language/repair.ts';
import { placeholder } from './bind-faults.ts';
import type { CommandSpec } from './spec.ts';

/** The problem of parameters that must be given and that nobody can be asked for. */
export function explainMissing(
  text: string,
  from: number,
  spec: CommandSpec,
  missing: readonly string[],
): Problem {
  const args = parseArguments(text, from);
  const faults = createFaults();
  addFault(faults, describeMissing(spec, missing, from, args), fillIn(spec, missing, from, args));
  return finishProblems(text, faults, () => true)[0] as Problem;
}

/** The same beside other problems of the line. */
export function describeMissing(
  spec: CommandSpec,
  missing: readonly string[],
  from: number,
  args: Arguments,
): Problem {
  const end = endOfArguments(from, args);
  return {
    code: 'bind.missing_parameter',
    message: `${spec.path.join(' ')} needs ${missing.join(' and ')}`,
    span: { start: end, end: end + 1 },
    hint: missing.map((name) => `${name}=${placeholder(spec.params[name])}`).join(' '),
  };
}

/** The edit that gives each a value of its kind. */
export function fillIn(spec: CommandSpec, missing: readonly string[], from: number, args: Arguments): Edit {
  const end = endOfArguments(from, args);
  return {
    span: { start: end, end },
    text: missing.map((name) => ` ${name}=${placeholder(spec.params[name])}`).join(''),
  };
}

/** Where one more argument can be written: before a comment, `--` or `> file`. */
function endOfArguments(from: number, { positionals, named }: Arguments): number {
  return Math.max(from, ...[...positionals, ...named].map(({ span }) => span.end));
}
