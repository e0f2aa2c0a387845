import { errorMessage, isPosternError, PosternError } from '../../errors.ts';
import { checkSshdConfig } from '../sshd/daemon.ts';
import { findListener, reloadListener, startSshd } from '../sshd/process.ts';
import type { FileChange, SystemPlan, SystemPorts } from '../types.ts';
import { closeJournal, writeOrRemove } from './journal.ts';
import { reloadUnits } from './reload.ts';

/** Puts back what was swapped, last first, and sshd with it. Answers the paths that could not be put back. */
export function putBack(
  done: readonly FileChange[],
  plan: SystemPlan,
  ports: SystemPorts,
  wasRunning: boolean,
): readonly string[] {
  const unrestored: string[] = [];
  for (const change of [...done].reverse()) {
    try {
      writeOrRemove(ports, change, change.before);
    } catch {
      unrestored.push(change.path);
    }
  }
  if (done.some(({ kind }) => kind === 'unit')) reloadUnits(ports);
  if (wasRunning && done.some(({ kind }) => kind === 'sshd') && checkSshdConfig(ports) === undefined) {
    const listener = findListener(ports);
    if (listener === null || reloadListener(listener, ports) === 'died') startSshd(ports);
  }
  if (unrestored.length === 0 && done.length > 0) closeJournal(ports, plan.facts.stateDirectory);
  return unrestored;
}

/** The error of a change that failed: what went wrong, and what became of the files. */
export function explainFailure(error: unknown, unrestored: readonly string[]): PosternError {
  const problem = isPosternError(error) ? error.problems[0] : undefined;
  const ending =
    unrestored.length === 0
      ? 'everything was rolled back'
      : `not yet rolled back; the next run of Postern does it: ${unrestored.join(', ')}`;
  return new PosternError(
    {
      code: problem?.code ?? 'apply.failed',
      message: `${problem?.message ?? errorMessage(error)}; ${ending}`,
      ...(problem?.hint === undefined ? {} : { hint: problem.hint }),
    },
    error,
  );
}
