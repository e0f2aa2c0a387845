import { closeSync, fsyncSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PosternError } from '../errors.ts';
import type { Span } from '../language/span.ts';

/** A new file that takes a command's answer. */
export type Redirect = { write(text: string): void; discard(): void };

/**
 * Creates the file of `> file`, mode 0600, before the command runs: a path that cannot be written stops it first.
 * Errors: `rule.file_exists`, `rule.file_not_writable`.
 */
export function openRedirect(target: { readonly path: string; readonly span: Span }, line: string): Redirect {
  const path = resolve(target.path);
  let handle: number;
  try {
    handle = openSync(path, 'wx', 0o600);
  } catch (error) {
    throw explain(error, target, line);
  }
  return {
    write(text) {
      writeFileSync(handle, text);
      fsyncSync(handle);
      closeSync(handle);
    },
    discard() {
      closeSync(handle);
      unlinkSync(path);
    },
  };
}

function explain(
  error: unknown,
  { path, span }: { readonly path: string; readonly span: Span },
  line: string,
): PosternError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EEXIST') {
    return new PosternError({
      code: 'rule.file_exists',
      message: `${path} exists already, and > writes new files only`,
      span,
      hint: `${line.slice(0, span.end)}.new${line.slice(span.end)}`,
    });
  }
  return new PosternError(
    { code: 'rule.file_not_writable', message: `${path} cannot be created (${code})`, span },
    error,
  );
}
