import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRegistry } from '../../src/commands/registry.ts';
import { compileLine } from '../../src/registry/compile.ts';
import type { CompiledCommand } from '../../src/registry/compiled.ts';
import { builtinCommands } from '../../src/shell/builtins.ts';
import { effort } from '../support/effort.ts';

const registry = createRegistry(builtinCommands);
const examples = registry.commands.flatMap(({ examples: own }) => own.map(({ line }) => line));
const typed = [...` '"\`’“;:,.*=-_#>?!|&(){}[]\\/~@$%^+<`, '\u00a0', '\t', 'a', 'e', 'n', 't', '0', '1'];

/** One character inserted, replaced, left out or swapped with the next. */
const slip = fc.record({
  kind: fc.constantFrom('insert', 'replace', 'drop', 'swap'),
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  character: fc.constantFrom(...typed),
});

function makeSlip(
  line: string,
  { kind, place, character }: { kind: string; place: number; character: string },
): string {
  const at = Math.floor(place * line.length);
  const [before, here, next] = [line.slice(0, at), line[at] ?? '', line[at + 1] ?? ''];
  if (kind === 'insert') return `${before}${character}${line.slice(at)}`;
  if (kind === 'replace') return `${before}${character}${line.slice(at + 1)}`;
  if (kind === 'drop') return `${before}${line.slice(at + 1)}`;
  return `${before}${next}${here}${line.slice(at + 2)}`;
}

/** Where the hint of a wrong line leads; undefined: there is an instruction, or the line is right. */
function follow(
  line: string,
): { readonly hint: string; readonly command: CompiledCommand | undefined } | undefined {
  const compiled = compileLine(line, [], registry);
  if (compiled.kind !== 'problems') return undefined;
  const lines = compiled.problems
    .filter(({ instruction }) => instruction !== undefined)
    .map(({ hint }) => hint);
  expect(new Set(lines).size).toBeLessThan(2);
  const [hint] = lines;
  if (hint === undefined) return undefined;
  const mended = compileLine(hint, [], registry);
  expect(mended.kind, `${line} -> ${hint}`).not.toBe('problems');
  return { hint, command: mended.kind === 'command' ? mended : undefined };
}

describe.each(examples)('one slip in %s', (example) => {
  const meant = compileLine(example, [], registry) as CompiledCommand;

  test('has a hint that is right, of the same command, and turns nothing round', () => {
    fc.assert(
      fc.property(slip, (one) => {
        const line = makeSlip(example, one);
        const followed = follow(line);
        // "n" is no, though it may have been the end of "on".
        if (!followed?.command || /[ =]n$/.test(line)) return;
        const { spec, binding } = followed.command;
        expect(spec.path, `${line} -> ${followed.hint}`).toEqual(meant.spec.path);
        for (const [key, value] of Object.entries(meant.binding.input)) {
          const now = binding.input[key];
          if (typeof value === 'boolean' && now !== undefined)
            expect(now, `${line} -> ${followed.hint}`).toBe(value);
        }
      }),
      { numRuns: 50 * effort },
    );
  });

  test('has a hint that concerns nobody who was not typed', () => {
    fc.assert(
      fc.property(slip, (one) => {
        const line = makeSlip(example, one);
        const followed = follow(line);
        const name = followed?.command?.binding.input.username;
        if (typeof name !== 'string' || name === meant.binding.input.username || name === 'NAME') return;
        // A default is nobody's choice, and no hint may bring it about.
        expect(line.includes(name), `${line} -> ${followed?.hint}`).toBe(true);
      }),
      { numRuns: 34 * effort },
    );
  });
});
