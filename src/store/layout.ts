import { join } from 'node:path';
import { encodeName } from './names.ts';

/** The appliance's own store: the one that sign-in reads. */
export const systemStateDirectory = '/var/lib/postern';

/** Where each thing lies below the state directory. Documents are named by their path relative to it. */
export const layout = {
  config: 'config.json',
  accounts: 'accounts',
  roster: 'roster',
  journal: 'journal.json',
  reserve: 'reserve',
  lock: 'lock',
  audit: 'audit.jsonl',
  /** Held by the process that writes whole folders beside the present ones. */
  stagingLock: 'lock.import',
  /** What others have changed meanwhile. */
  changed: 'accounts.changed',
} as const;

/** The folders that are exchanged whole where many accounts change. */
export const folders = [layout.accounts, layout.roster] as const;

/** The relative path of an account's document. */
export function accountPath(username: string): string {
  return join(layout.accounts, `${encodeName(username)}.json`);
}

/** True for the relative path of a document; a journal may name nothing else. */
export function isDocumentPath(relative: string): boolean {
  return (
    relative === layout.config ||
    /^accounts\/[a-z0-9_%+-]+\.json$/.test(relative) ||
    /^roster\/[0-9a-f]{2}\.json$/.test(relative)
  );
}

/** True for the file name of a document in a folder, and for that of its last good copy. */
export function isDocumentName(name: string): boolean {
  return /^[^.]+\.json(?:\.last-good)?$/.test(name);
}

/** The second copy of a document's present content, in an inode of its own. */
export function lastGoodPath(path: string): string {
  return `${path}.last-good`;
}

/** A document that is written, but not in force yet; `id` is that of the lock under which it was written. */
export function stagedPath(path: string, id: string): string {
  return `${path}.staged-${id}`;
}

/** A folder that was exchanged for the one staged with this `id`. */
export function formerPath(path: string, id: string): string {
  return `${path}.former-${id}`;
}

/** A file that is being written by this process. */
export function temporaryPath(path: string, id: string): string {
  return `${path}.tmp-${id}`;
}

/** True for what a killed process can leave behind: staged and temporary files, those of conf included. */
export function isLeftover(name: string): boolean {
  return /\.(?:staged|tmp)-[0-9a-f]+$/.test(name);
}
