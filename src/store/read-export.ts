import type { ExportFile } from '../domain/export.ts';
import type { Random } from '../ports/machine.ts';
import type { LongWork } from '../ports/store.ts';
import { openExportBytes } from './export-bytes.ts';
import { readExport } from './export-file.ts';

/** Reads and validates a file of `system config export`; `-`: standard input. Errors: those of both parts. */
export async function readExportFile(path: string, random: Random, long?: LongWork): Promise<ExportFile> {
  const nonce = () => Buffer.from(random.bytes(6)).toString('hex');
  return readExport(await openExportBytes(path, nonce), path, long);
}
