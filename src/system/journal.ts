import { checkSshdConfig } from './sshd.ts';
import { findListener, reloadListener } from './sshd-process.ts';
import type { FileChange, SystemPorts } from './types.ts';

/**
 * The note that is left while files are being swapped: what to write so that a half-done change ends well. A change
 * that turns codes on ends well when it never was; one that turns them off, when it is complete.
 */
type Journal = {
  readonly version: 1;
  readonly ending: readonly {
    readonly path: string;
    readonly content: string | null;
    readonly mode: number;
  }[];
};

/** Leaves the note. */
export function openJournal(
  ports: SystemPorts,
  stateDirectory: string,
  changes: readonly FileChange[],
  ending: 'before' | 'after',
): void {
  const journal: Journal = {
    version: 1,
    ending: changes.map((change) => ({ path: change.path, content: change[ending], mode: change.mode })),
  };
  sweepTemporaries(ports, [journalPath(stateDirectory), ...changes.map(({ path }) => path)]);
  ports.files.writeAtomic(journalPath(stateDirectory), `${JSON.stringify(journal)}\n`, 0o600);
}

/** Takes the note away: all is well. */
export function closeJournal(ports: SystemPorts, stateDirectory: string): void {
  ports.files.remove(journalPath(stateDirectory));
}

/** Whether a change was cut off. One look at the file system. */
export function hasInterruptedApply(ports: SystemPorts, stateDirectory: string): boolean {
  return ports.files.stat(journalPath(stateDirectory)) !== undefined;
}

/**
 * Ends a change that was cut off (kill -9, power loss). Call it under the store's lock, before `readFacts`. Answers a
 * sentence for the person where there was one.
 */
export function finishInterruptedApply(ports: SystemPorts, stateDirectory: string): string | undefined {
  if (!hasInterruptedApply(ports, stateDirectory)) return undefined;
  const journal = parseJournal(ports.files.read(journalPath(stateDirectory)) ?? '');
  for (const { path, content, mode } of journal?.ending ?? []) {
    if ((ports.files.read(path) ?? null) !== content) writeOrRemove(ports, path, content, mode);
  }
  sweepTemporaries(ports, [journalPath(stateDirectory), ...(journal?.ending ?? []).map(({ path }) => path)]);
  const listener = findListener(ports);
  if (listener !== null && checkSshdConfig(ports) === undefined) reloadListener(listener, ports);
  closeJournal(ports, stateDirectory);
  return 'a change of the sign-in files that was cut off has been put right';
}

/** Makes a file be exactly this; null: not be there. */
export function writeOrRemove(ports: SystemPorts, path: string, content: string | null, mode: number): void {
  if (content === null) ports.files.remove(path);
  else ports.files.writeAtomic(path, content, mode);
}

/** Removes what writers of these files left beside them when they were killed. */
function sweepTemporaries(ports: SystemPorts, paths: readonly string[]): void {
  for (const path of paths) {
    const directory = path.slice(0, path.lastIndexOf('/'));
    const prefix = `.${path.slice(directory.length + 1)}.postern-`;
    // The switch may be thrown at any moment, by somebody who waits for no lock.
    if (prefix.startsWith('.enforcement.') || ports.files.stat(directory) === undefined) continue;
    for (const name of ports.files.list(directory)) {
      if (name.startsWith(prefix)) ports.files.remove(`${directory}/${name}`);
    }
  }
}

function journalPath(stateDirectory: string): string {
  return `${stateDirectory}/apply-journal.json`;
}

/** undefined: not a journal of this version; the files are then left alone. */
function parseJournal(text: string): Journal | undefined {
  try {
    const value = JSON.parse(text) as Partial<Journal>;
    const sound =
      value.version === 1 &&
      Array.isArray(value.ending) &&
      value.ending.every(
        (entry) =>
          typeof entry.path === 'string' &&
          entry.path.startsWith('/') &&
          (entry.content === null || typeof entry.content === 'string') &&
          typeof entry.mode === 'number',
      );
    return sound ? (value as Journal) : undefined;
  } catch {
    return undefined;
  }
}
