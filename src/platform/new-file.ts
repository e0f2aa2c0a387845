import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isPosternError, PosternError } from '../errors.ts';

/** A file that was just made and has no content yet. */
export type NewFile = { write(text: string): void; discard(): void };

/**
 * Makes a file of mode 0600 that was not there, before there is anything to write: a path that cannot be written
 * stops what would fill it. Errors: `rule.file_exists`, `rule.file_not_writable`.
 */
export function openNewFile(path: string): NewFile {
  const full = resolve(path);
  const handle = create(full);
  return {
    write(text) {
      try {
        writeFileSync(handle, text);
        fsyncSync(handle);
      } catch (error) {
        unlinkSync(full);
        throw refuse(full, error);
      } finally {
        closeSync(handle);
      }
    },
    discard() {
      closeSync(handle);
      unlinkSync(full);
    },
  };
}

/** Throws what `openNewFile` would throw for that path, and makes nothing. Answers the full path. */
export function checkNewFile(path: string): string {
  const full = resolve(path);
  try {
    if (lstatSync(full, { throwIfNoEntry: false }) !== undefined) throw fileExists(full);
    // What is below a file that is no directory is there neither.
    lstatSync(`${dirname(full)}/.`);
    accessSync(dirname(full), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw isPosternError(error) ? error : refuse(full, error);
  }
  return full;
}

function create(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw refuse(path, error);
    throw fileExists(path, error);
  }
}

function fileExists(path: string, cause?: unknown): PosternError {
  return new PosternError(
    {
      code: 'rule.file_exists',
      message: `${path} already exists; only new files are written`,
      hint: `another name, such as ${path}.new`,
    },
    cause,
  );
}

function refuse(path: string, error: unknown): PosternError {
  const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
  return new PosternError(
    { code: 'rule.file_not_writable', message: `${path} cannot be written (${reason})` },
    error,
  );
}
