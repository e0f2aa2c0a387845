import { PosternError } from '../errors.ts';

/** Version of every document written by this program. Raised when an older program could misread a newer file. */
export const documentVersion = 1;

/** Takes a document one version up; index 0 leads from version 1 to 2. */
const migrations: readonly ((document: Record<string, unknown>) => Record<string, unknown>)[] = [];

/**
 * The document in the present version, or why not: `newer` (than `newest`) must be left alone byte for byte, `damaged`
 * has no version that ever was.
 */
export function upgradeDocument(
  value: unknown,
  newest = documentVersion,
): Record<string, unknown> | 'newer' | 'damaged' {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'damaged';
  const { version, checksum: _, ...content } = value as Record<string, unknown>;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) return 'damaged';
  if (version > newest) return 'newer';
  return migrations.slice(version - 1).reduce((document, migrate) => migrate(document), content);
}

/** The error for a file that a newer version of this program wrote. */
export function newerVersionError(path: string): PosternError {
  return new PosternError({
    code: 'store.newer_version',
    message: `${path} was written by a newer version of Postern and was not touched`,
    hint: 'install that version of Postern again, or name another store with --state-dir',
  });
}
