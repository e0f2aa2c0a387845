import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { isIntact, sealDocument } from './checksum.ts';
import { removeFile, replaceFile, statEntry, syncDirectory } from './disk.ts';
import { errnoOf, explainFailure, isSystemError } from './failure.ts';
import { folders, isDocumentPath, layout, temporaryPath } from './layout.ts';
import { documentVersion, newerVersionError, upgradeDocument } from './version.ts';

/**
 * A change of several documents that is decided: `put` are those whose staged file with this `id` takes their place,
 * `remove` those that go, `swap` the folders whose staged folder takes their place. From the moment it is there the change is in force; whoever finds it finishes it, and
 * readers look through it.
 */
export type Journal = {
  readonly id: string;
  readonly put: ReadonlySet<string>;
  readonly remove: ReadonlySet<string>;
  readonly swap: ReadonlySet<string>;
};

/** Version of a journal that swaps folders: an older program, which would forget them, leaves it alone. */
const swapVersion = 2;

const documentPaths = v.array(v.pipe(v.string(), v.check(isDocumentPath)));
const schema = v.object({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/)),
  put: documentPaths,
  remove: documentPaths,
  swap: v.optional(v.array(v.picklist(folders)), []),
});

/** The journal that is there, if any. Errors: `store.newer_version`, those of reading. */
export function readJournal(directory: string): Journal | 'damaged' | undefined {
  const path = join(directory, layout.journal);
  try {
    const entry = statEntry(path);
    if (entry === undefined) return undefined;
    if (!entry.isFile()) return 'damaged';
    const text = readFileSync(path, 'utf8');
    const value: unknown = JSON.parse(text);
    const document = upgradeDocument(value, hasSwap(value) ? swapVersion : documentVersion);
    if (document === 'newer') throw newerVersionError(path);
    if (document === 'damaged' || !isIntact(text, value as object)) return 'damaged';
    const result = v.safeParse(schema, document);
    if (!result.success) return 'damaged';
    const { id, put, remove, swap } = result.output;
    return { id, put: new Set(put), remove: new Set(remove), swap: new Set(swap) };
  } catch (error) {
    // Finished and removed since it was seen.
    if (errnoOf(error) === 'ENOENT') return undefined;
    if (!isSystemError(error)) return 'damaged';
    throw explainFailure(error, 'read', path);
  }
}

function hasSwap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'swap' in value;
}

/** Decides a change, once it is synced. What it names must be staged and synced before. */
export function writeJournal(directory: string, journal: Journal): void {
  const path = join(directory, layout.journal);
  const document = {
    version: journal.swap.size > 0 ? swapVersion : documentVersion,
    id: journal.id,
    put: [...journal.put],
    remove: [...journal.remove],
    ...(journal.swap.size > 0 ? { swap: [...journal.swap] } : {}),
  };
  replaceFile(path, temporaryPath(path, journal.id), sealDocument(document), true);
}

/** Ends a change that is applied and synced; synced too, since a journal that came back would remove accounts again. */
export function removeJournal(directory: string): void {
  if (removeFile(join(directory, layout.journal))) syncDirectory(directory);
}
