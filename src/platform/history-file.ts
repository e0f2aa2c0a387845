import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Bytes of one of the two files. Both together hold some thousands of lines and take a millisecond to read. */
const mostBytes = 64 * 1024;

/**
 * The history in `directory`: `history`, and `history.1` with what is older. Any number of shells may append at once,
 * for a line is one append and a full file is moved away whole, never rewritten. Mode 0600.
 */
export function openHistoryFile(directory: string): {
  read(): readonly string[];
  append(line: string): boolean;
} {
  const path = join(directory, 'history');
  const older = `${path}.1`;
  return {
    read: () => [...readLines(older), ...readLines(path)],
    append: (line) => {
      try {
        makeFolder(directory);
        if (sizeOf(path) > mostBytes) renameSync(path, older);
        appendLine(path, line);
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** Node's own recursive way never comes back where the system has no such folder to offer, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

function appendLine(path: string, line: string): void {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  const handle = openSync(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY, 0o600);
  try {
    if ((fstatSync(handle).mode & 0o077) !== 0) chmodSync(path, 0o600);
    // One write is one append, so that lines of two shells never mix.
    appendFileSync(handle, `${line.replace(/[\u0000-\u001f\u007f]/g, ' ')}\n`);
  } finally {
    closeSync(handle);
  }
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
