import type { CompiledCommand } from './compiled.ts';
import { listKeys } from './describe.ts';

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
