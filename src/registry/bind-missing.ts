import type { Problem } from '../errors.ts';
import type { Arguments } from '../language/ast.ts';
import { parseArguments } from '../language/parse.ts';
import { addFault, createFaults, type Edit, finishProblems } from '../language/repair.ts';
import { instructValue } from './bind-faults.ts';
import type { CommandSpec, ParamSpec } from './spec.ts';
import { takeArguments } from './take-arguments.ts';

/** The problem of parameters that must be given and that nobody can be asked for. */
export function explainMissing(
  text: string,
  from: number,
  spec: CommandSpec,
  missing: readonly string[],
): Problem {
  const args = takeArguments(parseArguments(text, from), spec, text);
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
    hint: `add ${missing.map((name) => showMissing(name, spec.params[name])).join(' and ')}`,
  };
}

/** The edit that names each, with a word in the place of the value; undefined where no word can stand for it. */
export function fillIn(
  spec: CommandSpec,
  missing: readonly string[],
  from: number,
  args: Arguments,
): Edit | undefined {
  const end = endOfArguments(from, args);
  const values = missing.map((name) => placeholder(name, spec.params[name]));
  if (values.includes(undefined)) return undefined;
  return { span: { start: end, end }, text: missing.map((name, i) => ` ${name}=${values[i]}`).join('') };
}

/** What stands for a value that only the person knows: never one that could be meant, such as a real account. */
function placeholder(name: string, param: ParamSpec | undefined): string | undefined {
  if (param?.kind.kind !== 'text') return undefined;
  return param.stdin ? '-' : name === 'username' ? 'NAME' : name.toUpperCase();
}

function showMissing(name: string, param: ParamSpec | undefined): string {
  const value = placeholder(name, param);
  return param && value === undefined ? instructValue(name, param.kind) : `${name}=${value}`;
}

/** Where one more argument can be written: before a comment, `--` or `> file`. */
function endOfArguments(from: number, { positionals, named }: Arguments): number {
  return [...positionals, ...named].reduce((end, { span }) => Math.max(end, span.end), from);
}
