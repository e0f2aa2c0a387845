import { closeSync, constants, fstatSync, openSync, read, type Stats, unlinkSync, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PosternError } from '../errors.ts';
import { errnoOf } from './failure.ts';

/** The bytes of an export, to be read several times; `share` is how far each chunk reaches, from 0 to 1. */
export type ExportBytes = () => AsyncIterable<{ readonly bytes: Uint8Array; readonly share: number }>;

const chunkBytes = 256 * 1024;
/** Of standard input, what is kept in memory; more is kept in a file without a name. */
const mostInMemory = 4 * 1024 * 1024;

const readSome = promisify(read);
const writeSome = promisify(write);

/**
 * Opens a file of an export (`-`: standard input). What can be read but once, as a pipe, is kept: the accounts in it may
 * be as many as in a file. Errors: `not_found.file`, `rule.file_not_readable`, and while it is read `rule.file_changed`.
 */
export async function openExportBytes(path: string, random: () => string): Promise<ExportBytes> {
  const file = path === '-' ? 0 : openToRead(path);
  try {
    const entry = fstatSync(file);
    if (!entry.isFile()) return await keepBytes(file, path, random);
    // Where a shell has redirected it, an offset may be in it; standard input is read once, from there.
    return path === '-' ? await keepBytes(file, path, random) : () => readFile(path, entry);
  } catch (error) {
    throw explain(error, path);
  } finally {
    if (file !== 0) closeSync(file);
  }
}

function openToRead(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY);
  } catch (error) {
    throw explain(error, path);
  }
}

async function* readFile(path: string, known: Stats) {
  const file = openToRead(path);
  try {
    if (isOther(fstatSync(file), known)) throw changedError(path);
    yield* readChunks(file, known.size, path);
    if (isOther(fstatSync(file), known)) throw changedError(path);
  } finally {
    closeSync(file);
  }
}

async function* readChunks(file: number, size: number, path: string) {
  for (let position = 0; ; ) {
    const bytes = await readChunk(file, position, path);
    if (bytes.length === 0) return;
    position += bytes.length;
    yield { bytes, share: size > 0 ? Math.min(position / size, 1) : 1 };
  }
}

async function readChunk(file: number, position: number | null, path: string): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (;;) {
    try {
      const { bytesRead } = await readSome(file, buffer, 0, buffer.length, position);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      if (errnoOf(error) === 'EOF') return buffer.subarray(0, 0);
      if (errnoOf(error) !== 'EAGAIN') throw explain(error, path);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function keepBytes(file: number, path: string, random: () => string): Promise<ExportBytes> {
  const kept: Buffer[] = [];
  let size = 0;
  for (;;) {
    const bytes = await readChunk(file, null, path);
    if (bytes.length === 0) break;
    kept.push(bytes);
    size += bytes.length;
    if (size > mostInMemory) return await keepInFile(file, kept, path, random);
  }
  return async function* () {
    let read = 0;
    for (const bytes of kept) {
      read += bytes.length;
      yield { bytes, share: read / size };
    }
  };
}

/** The file loses its name at once: nobody else can open it, and no kill leaves secrets behind. */
async function keepInFile(
  file: number,
  begun: readonly Buffer[],
  path: string,
  random: () => string,
): Promise<ExportBytes> {
  const name = join(tmpdir(), `postern-import-${random()}`);
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const copy = openSync(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  unlinkSync(name);
  let size = 0;
  const keep = async (bytes: Buffer) => {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await writeSome(copy, bytes, done, bytes.length - done, size + done);
      done += bytesWritten;
    }
    size += bytes.length;
  };
  for (const bytes of begun) await keep(bytes);
  for (;;) {
    const bytes = await readChunk(file, null, path);
    if (bytes.length === 0) return () => readChunks(copy, size, path);
    await keep(bytes);
  }
}

function isOther(entry: Stats, known: Stats): boolean {
  return (
    entry.dev !== known.dev ||
    entry.ino !== known.ino ||
    entry.size !== known.size ||
    entry.mtimeMs !== known.mtimeMs
  );
}

function changedError(path: string): PosternError {
  return new PosternError({
    code: 'rule.file_changed',
    message: `${path} has changed since it was checked; nothing was changed`,
    hint: 'run the line again',
  });
}

function explain(error: unknown, path: string): unknown {
  const code = errnoOf(error);
  if (code === undefined || error instanceof PosternError) return error;
  if (code === 'ENOENT') {
    return new PosternError(
      {
        code: 'not_found.file',
        message: `there is no file ${path}`,
        hint: 'system config import file=PATH',
      },
      error,
    );
  }
  const name = path === '-' ? 'standard input' : path;
  return new PosternError(
    { code: 'rule.file_not_readable', message: `${name} cannot be read (${code})` },
    error,
  );
}
