import type { JsonObject } from '../../output/view.ts';
import type { CommandSpec, Input, Snapshot } from '../../registry/spec.ts';

/**
 * What the parameters of a changing command are set to now, by their keys, as its declaration says. Empty where the
 * command sets nothing that is kept, or where what is kept cannot be read.
 */
export function readPresentValues(spec: CommandSpec, input: Input, snapshot: Snapshot): JsonObject {
  if (spec.effect !== 'write' || !spec.present) return {};
  try {
    const present = spec.present(input, snapshot);
    return Object.fromEntries(Object.entries(present).filter(([key]) => Object.hasOwn(spec.params, key)));
  } catch {
    // Whoever mends a damaged store has to be able to ask what can be typed.
    return {};
  }
}
