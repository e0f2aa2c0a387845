import { basename, dirname } from 'node:path';
import Conf from 'conf';
import { sealDocument } from './checksum.ts';

// The bundle leaves out conf's exit hook (when-exit): it would end the process by SIGXFSZ at a file size limit,
// where Node alone answers EFBIG.

/** Content of a document as conf read it: the text for comparing, the value for validating. */
export type ConfContent = { readonly text: string; readonly value: unknown };

/**
 * Reads a document through conf, with one read and one parse. undefined: there is no such file.
 * Errors: Node's own, and a SyntaxError for what is not JSON.
 */
export function readWithConf(path: string): ConfContent | undefined {
  let content: ConfContent | undefined;
  // Constructing reads the file; `.store` would read it again.
  openConf(ReadingConf, path, (text) => {
    const value: unknown = JSON.parse(text);
    content = { text, value };
    // conf copies whatever it gets, character by character if it is a string.
    return isRecord(value) ? value : {};
  });
  return content;
}

/**
 * Writes a document through conf: whole and synced, or an error, mode 0600. Answers the text that must now be in the
 * file: conf itself does not notice a short write, so the caller reads back.
 */
export function writeWithConf(path: string, value: Readonly<Record<string, unknown>>): string {
  const conf = openConf(Conf, path, () => ({}));
  const snap = process.env.SNAP;
  // conf writes in place, not atomically, when this is set.
  delete process.env.SNAP;
  try {
    conf.store = { ...value };
  } finally {
    if (snap !== undefined) process.env.SNAP = snap;
  }
  return sealDocument(value);
}

/** conf makes a folder that is missing, even to read in it: one that is being exchanged would be in the way. */
class ReadingConf extends Conf<Record<string, unknown>> {}
Object.defineProperty(ReadingConf.prototype, '_ensureDirectory', { value: () => {} });

function openConf(
  Kind: typeof Conf<Record<string, unknown>>,
  path: string,
  deserialize: (text: string) => Record<string, unknown>,
) {
  return new Kind({
    cwd: dirname(path),
    configName: basename(path),
    fileExtension: '',
    configFileMode: 0o600,
    clearInvalidConfig: false,
    accessPropertiesByDotNotation: false,
    serialize: sealDocument,
    deserialize,
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
