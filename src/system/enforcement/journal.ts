import { hasPamBlock, removePamBlock } from '../pam/block.ts';
import { checkSshdConfig } from '../sshd/daemon.ts';
import { isOwnSshdConfig } from '../sshd/drop-in.ts';
import { findListener, reloadListener } from '../sshd/process.ts';
import type { FileChange, SystemPorts } from '../types.ts';

/** A file that is written, as far as it must be known to do it. */
type WrittenFile = Pick<FileChange, 'kind' | 'path' | 'mode'>;

/**
 * The note that is left while files are being swapped: which side of a half-done change is the good one. A change that
 * turns codes on ends well when it never was; one that turns them off, when it is complete.
 */
type Journal = {
  readonly version: 2;
  readonly ending: 'before' | 'after';
  readonly files: readonly FileChange[];
};

/** Leaves the note. */
export function openJournal(
  ports: SystemPorts,
  stateDirectory: string,
  changes: readonly FileChange[],
  ending: 'before' | 'after',
): void {
  const journal: Journal = { version: 2, ending, files: changes };
  sweepTemporaries(ports, stateDirectory, changes);
  ports.files.writeAtomic(journalPath(stateDirectory), `${JSON.stringify(journal)}\n`, 0o600);
}

/** Takes the note away: all is well. */
export function closeJournal(ports: SystemPorts, stateDirectory: string): void {
  if (hasInterruptedApply(ports, stateDirectory)) ports.files.remove(journalPath(stateDirectory));
}

/** Whether a change was cut off. One look at the file system. */
export function hasInterruptedApply(ports: SystemPorts, stateDirectory: string): boolean {
  return ports.files.stat(journalPath(stateDirectory))?.isFile ?? false;
}

/**
 * Ends a change that was cut off (kill -9, power loss). Call it under the store's lock, before `readFacts`. Answers a
 * sentence for the person where there was one.
 */
export function finishInterruptedApply(ports: SystemPorts, stateDirectory: string): string | undefined {
  if (!hasInterruptedApply(ports, stateDirectory)) return undefined;
  const journal = parseJournal(ports.files.read(journalPath(stateDirectory)) ?? '');
  const edited = (journal?.files ?? []).filter((file) => !endWell(ports, file, journal?.ending ?? 'before'));
  sweepTemporaries(ports, stateDirectory, journal?.files ?? []);
  const listener = findListener(ports);
  if (listener !== null && checkSshdConfig(ports) === undefined) reloadListener(listener, ports);
  closeJournal(ports, stateDirectory);
  const kept = edited.map(
    ({ path }) => `; ${path} was changed by another program since then, and that is kept`,
  );
  return `an interrupted change of the sign-in files was repaired${kept.join('')}`;
}

/** Writes the good side of a file. False: it holds neither side, so someone else wrote it, and their lines stay. */
function endWell(ports: SystemPorts, file: FileChange, ending: 'before' | 'after'): boolean {
  const good = file[ending];
  const present = ports.files.read(file.path) ?? null;
  if (present === good) return true;
  const isForeign =
    file.kind === 'pam' || (file.kind === 'sshd' && present !== null && !isOwnSshdConfig(present));
  if (!isForeign || present === file.before || present === file.after) {
    writeOrRemove(ports, file, good);
    return true;
  }
  // Where the change ends without codes, no rule may go on asking for them.
  if (file.kind === 'pam' && present !== null && !hasPamBlock(good ?? '')) {
    const clean = removePamBlock(present);
    if (clean !== present) writeOrRemove(ports, file, clean);
  }
  return false;
}

/** Makes a file be exactly this; null: not be there. A file that others made keeps its owner, and its link. */
export function writeOrRemove(ports: SystemPorts, file: WrittenFile, content: string | null): void {
  const { kind, path, mode } = file;
  if (content === null) {
    ports.files.remove(path);
    // The folders of targets are made for these files; where something else is in one, it stays.
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (kind === 'unit' && folder.endsWith('.target.d')) ports.runner.run(['rmdir', folder]);
  } else if (kind === 'unit' || kind === 'switch') ports.files.writeAtomic(path, content, mode);
  else {
    const target = ports.files.realPath(path) ?? path;
    ports.files.writeAtomic(target, content, mode, kind === 'pam' ? ports.files.stat(target) : undefined);
  }
}

/** Removes what writers of these files left beside them when they were killed. */
function sweepTemporaries(
  ports: SystemPorts,
  stateDirectory: string,
  written: readonly Pick<FileChange, 'path'>[],
): void {
  for (const named of [journalPath(stateDirectory), ...written.map(({ path }) => path)]) {
    const path = ports.files.realPath(named) ?? named;
    const directory = path.slice(0, path.lastIndexOf('/'));
    const prefix = `.${path.slice(directory.length + 1)}.postern-`;
    // The switch may be thrown at any moment, by someone who waits for no lock.
    if (prefix.startsWith('.enforcement.') || ports.files.stat(directory) === undefined) continue;
    for (const name of ports.files.list(directory)) {
      if (name.startsWith(prefix)) ports.files.remove(`${directory}/${name}`);
    }
  }
}

/** Path of the note. */
export function journalPath(stateDirectory: string): string {
  return `${stateDirectory}/apply-journal.json`;
}

/** undefined: not a journal of this version; the files are then left alone. */
function parseJournal(text: string): Journal | undefined {
  try {
    const value = JSON.parse(text) as Partial<Journal>;
    const sound =
      value.version === 2 &&
      (value.ending === 'before' || value.ending === 'after') &&
      Array.isArray(value.files) &&
      value.files.every(
        (file) =>
          ['pam', 'sshd', 'unit', 'switch'].includes(file.kind) &&
          typeof file.path === 'string' &&
          file.path.startsWith('/') &&
          [file.before, file.after].every((content) => content === null || typeof content === 'string') &&
          typeof file.mode === 'number',
      );
    return sound ? (value as Journal) : undefined;
  } catch {
    return undefined;
  }
}
