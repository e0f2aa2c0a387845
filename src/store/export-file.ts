import type { Account } from '../domain/account.ts';
import { type AccountFacts, type ExportFile, exportVersion, type ImportedAccount } from '../domain/export.ts';
import type { Settings } from '../domain/settings.ts';
import { findUsernameFault } from '../domain/two-factor/names.ts';
import { isPosternError, PosternError } from '../errors.ts';
import type { LongWork } from '../ports/store.ts';
import type { ExportBytes } from './export-bytes.ts';
import { type ExportTop, readExportParts } from './export-parts.ts';
import { judgeAccount, judgeSettings } from './schema.ts';

/** Accounts up to which an export is kept in memory: what takes the lock need not read it again. */
const mostKept = 200;

/**
 * Reads an export and validates all of it; `path` is for errors. Only where the accounts are few are they kept.
 * Error: `rule.not_an_export`, naming the first wrong place.
 */
export async function readExport(source: ExportBytes, path: string, long?: LongWork): Promise<ExportFile> {
  const first = await judgeOnce(source, path, long);
  // Keys may be in any order: how accounts are to be judged may be behind them.
  const judged = first.isJudged ? first : await judgeOnce(source, path, long, first.top);
  const { settings, secrets } = judgeTop(judged.top, path);
  const { exported, host } = judged.top;
  const kept = judged.kept as readonly ImportedAccount[];
  return {
    exported: String(exported),
    host: String(host),
    settings,
    secrets,
    count: judged.count,
    accounts: () => (judged.count <= mostKept ? each(kept) : readAccounts(source, secrets, path)),
  };
}

type Judgement = {
  readonly top: ExportTop;
  /** False: an account was met before it was known how to judge it. */
  readonly isJudged: boolean;
  readonly count: number;
  readonly kept: readonly ImportedAccount[];
};

async function judgeOnce(
  source: ExportBytes,
  path: string,
  long: LongWork | undefined,
  known?: ExportTop,
): Promise<Judgement> {
  const parts = readExportParts();
  const names = new Set<string>();
  const kept: ImportedAccount[] = [];
  let index = 0;
  let secrets: boolean | undefined;
  let isJudged = true;
  for await (const { bytes, share } of source()) {
    for (const value of parse(() => parts.take(bytes), path)) {
      const top = known ?? parts.top();
      if (secrets === undefined && isTopKnown(top)) secrets = judgeTop(top, path).secrets;
      judgeName(value, index, names, path);
      const account = secrets === undefined ? undefined : judgeImported(value, secrets, index, path);
      if (account && index < mostKept) kept.push(account);
      isJudged &&= account !== undefined;
      index += 1;
    }
    await long?.step('checking the file', share);
  }
  const isList = parse(parts.end, path);
  const top = parts.top();
  // A key that is there twice has its last value.
  const { secrets: last } = judgeTop(top, path);
  isJudged &&= index === 0 || last === secrets;
  if (!isList) throw refuse(path, 'accounts is missing or wrong');
  return { top, isJudged, count: index, kept };
}

/** Judged before: the file is the same. */
async function* readAccounts(
  source: ExportBytes,
  secrets: boolean,
  path: string,
): AsyncIterable<ImportedAccount> {
  const parts = readExportParts();
  for await (const { bytes } of source()) {
    for (const value of parse(() => parts.take(bytes), path)) yield asImported(value, secrets);
  }
  parse(parts.end, path);
}

async function* each<T>(values: readonly T[]): AsyncIterable<T> {
  yield* values;
}

function parse<T>(work: () => T, path: string): T {
  try {
    return work();
  } catch (error) {
    if (isPosternError(error)) throw error;
    // The parser's own sentence quotes the text, which may be a secret.
    throw refuse(path, 'it is not JSON', error);
  }
}

function isTopKnown(top: ExportTop): boolean {
  return ['postern_export', 'secrets', 'settings'].every((key) => key in top);
}

function judgeTop(top: ExportTop, path: string): { readonly settings: Settings; readonly secrets: boolean } {
  const { postern_export, secrets, settings } = top;
  if (typeof postern_export !== 'number') throw refuse(path, 'postern_export is missing');
  if (postern_export > exportVersion) throw refuse(path, 'it was written by a newer Postern');
  if (typeof secrets !== 'boolean') throw refuse(path, 'secrets is missing or wrong');
  if (!isRecord(settings)) throw refuse(path, 'settings is missing or wrong');
  const judged = judgeSettings(settings);
  if ('problem' in judged) throw refuse(path, `settings: ${judged.problem}`);
  return { settings: judged.value, secrets };
}

function judgeName(value: unknown, index: number, names: Set<string>, path: string): void {
  const name = isRecord(value) ? value.username : undefined;
  if (typeof name !== 'string') throw refuse(path, `accounts.${index}.username is missing or wrong`);
  const fault = findUsernameFault(name);
  if (fault !== undefined) throw refuse(path, `accounts.${index}.username ${fault}`);
  if (names.has(name)) throw refuse(path, `accounts.${index}.username is there twice`);
  names.add(name);
}

function judgeImported(value: unknown, secrets: boolean, index: number, path: string): ImportedAccount {
  if (secrets) {
    const judged = judgeAccount(value as Record<string, unknown>);
    if ('problem' in judged) throw refuse(path, `accounts.${index}: ${judged.problem}`);
  } else {
    const { full_name, admin, locked, exempt } = value as Record<string, unknown>;
    if (typeof full_name !== 'string') throw refuse(path, `accounts.${index}.full_name is missing or wrong`);
    if (typeof admin !== 'boolean') throw refuse(path, `accounts.${index}.admin is missing or wrong`);
    if (exempt !== undefined && typeof exempt !== 'boolean')
      throw refuse(path, `accounts.${index}.exempt is wrong`);
    if (typeof locked !== 'boolean') throw refuse(path, `accounts.${index}.locked is missing or wrong`);
  }
  return asImported(value, secrets);
}

function asImported(value: unknown, secrets: boolean): ImportedAccount {
  return secrets ? { secrets, account: value as Account } : { secrets, account: value as AccountFacts };
}

function refuse(path: string, problem: string, cause?: unknown): PosternError {
  const name = path === '-' ? 'standard input' : path;
  return new PosternError(
    {
      code: 'rule.not_an_export',
      message: `${name} is not an export that can be imported: ${problem}; nothing was changed`,
      hint: 'system config export file=PATH writes one',
    },
    cause,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
