import { createTwoFilesPatch } from 'diff';
import type { FileChange } from '../types.ts';

/** A unified diff of every file that would change, as `patch` reads it; empty: nothing would. */
export function diffFiles(changes: readonly FileChange[]): string {
  return changes
    .filter((change) => change.before !== change.after)
    .map((change) =>
      createTwoFilesPatch(
        change.before === null ? '/dev/null' : change.path,
        change.after === null ? '/dev/null' : change.path,
        change.before ?? '',
        change.after ?? '',
        undefined,
        undefined,
        { headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true } },
      ),
    )
    .join('');
}
