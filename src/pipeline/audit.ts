import { isDeepStrictEqual } from 'node:util';
import { errorMessage, exitCodeOf, isPosternError } from '../errors.ts';
import type { View } from '../output/view.ts';
import type { AuditEntry } from '../ports/store.ts';
import type { World } from './world.ts';

type Outcome = Pick<AuditEntry, 'outcome' | 'code'>;

/** How a line ended, for the audit log. */
export function describeOutcome(ended: View | unknown): Outcome {
  if (isPosternError(ended)) {
    const refused = [1, 2, 5, 130].includes(exitCodeOf(ended.code));
    return { outcome: refused ? 'refused' : 'failed', code: ended.code };
  }
  if (ended instanceof Error) return { outcome: 'failed', code: 'bug.unexpected' };
  const view = ended as View;
  const data = view.data;
  const isUnchanged =
    view.shape === 'changes' &&
    data !== null &&
    typeof data === 'object' &&
    'changed' in data &&
    !data.changed;
  if (view.exitCode === 1) return { outcome: 'refused' };
  return { outcome: isUnchanged ? 'unchanged' : 'done' };
}

/** The audit line of one typed line. */
export type AuditRecord = {
  /** Writes it before its change takes its place, so that no kill leaves a change without a line. */
  before(view: View): void;
  /** Writes it if it is not there, or another one if it ended otherwise; answers warnings where that failed. */
  after(ended: View | unknown): readonly string[];
};

export function openRecord(world: World, line: string): AuditRecord {
  let written: { readonly outcome: Outcome; readonly warnings: readonly string[] } | undefined;
  return {
    before(view) {
      const outcome = describeOutcome(view);
      written ??= { outcome, warnings: recordOutcome(world, line, outcome) };
    },
    after(ended) {
      const outcome = describeOutcome(ended);
      if (written && isDeepStrictEqual(written.outcome, outcome)) return written.warnings;
      return [...new Set([...(written?.warnings ?? []), ...recordOutcome(world, line, outcome)])];
    },
  };
}

/** Writes the audit line; answers a warning where that failed, for what was done stays done. */
export function recordOutcome(world: World, line: string, outcome: Outcome): readonly string[] {
  try {
    world.audit.append({
      time: new Date(world.clock.nowMs()).toISOString(),
      ...world.caller(),
      line,
      ...outcome,
    });
    return [];
  } catch (error) {
    return [`the audit log could not be written: ${errorMessage(error)}`];
  }
}
