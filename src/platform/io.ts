import { constants, fstatSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { PosternError } from '../errors.ts';

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Whether a standard stream is a terminal; asked without building Node's stream for it, which costs more. */
export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  try {
    const { rdev, mode } = fstatSync(descriptor);
    // Major number 1 is /dev/null and its like: where cron and init send what nobody reads.
    return (mode & constants.S_IFMT) === constants.S_IFCHR && rdev >> 8 !== 1 && isatty(descriptor);
  } catch {
    return false;
  }
}

/** Whether standard output was closed: Node has then put /dev/null in its place, open for reading and writing. */
export function isOutputClosed(): boolean {
  try {
    if (fstatSync(1).rdev !== statSync('/dev/null').rdev) return false;
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/fdinfo/1', 'utf8'))?.[1] ?? '';
    return (Number.parseInt(flags, 8) & 3) === constants.O_RDWR;
  } catch {
    return false;
  }
}

/**
 * Writes all of `text`, waiting for a slow reader. Answers false where nobody reads any more. Error: `store.output`,
 * where standard output is a file that cannot take it (a full disk); what is said on standard error is then lost.
 */
export function writeAll(descriptor: 1 | 2, text: string): boolean {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EAGAIN') Atomics.wait(pause, 0, 0, 5);
      else if (code === 'EPIPE' || code === 'EBADF' || code === 'EIO' || descriptor === 2) return false;
      else {
        throw new PosternError(
          {
            code: 'store.output',
            message: `the answer could not be written to standard output (${code})`,
            hint: 'df .',
          },
          error,
        );
      }
    }
  }
  return true;
}

/** Lines of a descriptor, read no further than the line asked for can be known to end. */
export function createLineReader(descriptor: number): () => string | undefined {
  let pending: Buffer = Buffer.alloc(0);
  let isAtEnd = false;
  return () => {
    for (;;) {
      const newline = pending.indexOf(10);
      if (newline >= 0) {
        const line = pending.subarray(0, newline);
        pending = pending.subarray(newline + 1);
        return line.toString('utf8').replace(/\r$/, '');
      }
      if (isAtEnd) {
        if (pending.length === 0) return undefined;
        const line = pending.toString('utf8');
        pending = Buffer.alloc(0);
        return line;
      }
      const chunk = readChunk(descriptor);
      if (chunk.length === 0) isAtEnd = true;
      else pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    }
  };
}

function readChunk(descriptor: number): Buffer {
  const chunk = Buffer.allocUnsafe(65_536);
  for (;;) {
    try {
      return chunk.subarray(0, readSync(descriptor, chunk, 0, chunk.length, null));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EOF') return chunk.subarray(0, 0);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 20);
    }
  }
}

/** Lines of a file. Errors: `not_found.file`, `rule.file_not_readable`. */
export function createFileReader(path: string): () => string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
    if (fstatSync(descriptor).isDirectory())
      throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new PosternError(
      code === 'ENOENT'
        ? { code: 'not_found.file', message: `there is no file ${path}`, hint: 'postern -f FILE' }
        : { code: 'rule.file_not_readable', message: `${path} cannot be read (${code})` },
      error,
    );
  }
  return createLineReader(descriptor);
}
