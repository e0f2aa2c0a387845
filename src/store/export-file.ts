import { readFileSync } from 'node:fs';
import { type AccountFacts, type ExportedConfig, exportVersion } from '../domain/export.ts';
import { findUsernameFault } from '../domain/two-factor/names.ts';
import { PosternError } from '../errors.ts';
import { judgeAccount, judgeSettings } from './schema.ts';

/**
 * Reads a file of `system config export` (`-`: standard input) and validates all of it.
 * Errors: `not_found.file`, `rule.not_an_export` naming the first wrong place.
 */
export function readExportFile(path: string): ExportedConfig {
  return judgeExport(parse(readText(path), path), path);
}

function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') {
      throw new PosternError(
        {
          code: 'not_found.file',
          message: `there is no file ${path}`,
          hint: 'system config import file=PATH',
        },
        error,
      );
    }
    throw new PosternError(
      { code: 'rule.file_not_readable', message: `${path} cannot be read (${code})` },
      error,
    );
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own sentence quotes the text, which may be a secret.
    throw refuse(path, 'it is not JSON', error);
  }
}

/** Judges the content of an export file; `path` is for its errors. Error: `rule.not_an_export`. */
export function judgeExport(value: unknown, path: string): ExportedConfig {
  if (!isRecord(value) || typeof value.postern_export !== 'number')
    throw refuse(path, 'postern_export is missing');
  if (value.postern_export > exportVersion) throw refuse(path, 'it was written by a newer Postern');
  if (typeof value.secrets !== 'boolean') throw refuse(path, 'secrets is missing or wrong');
  if (!isRecord(value.settings)) throw refuse(path, 'settings is missing or wrong');
  const settings = judgeSettings(value.settings);
  if ('problem' in settings) throw refuse(path, `settings: ${settings.problem}`);
  const { accounts } = value;
  if (!Array.isArray(accounts)) throw refuse(path, 'accounts is missing or wrong');
  const header = { exported: String(value.exported), host: String(value.host), settings: settings.value };
  const names = new Set<string>();
  for (const [index, account] of accounts.entries()) {
    const name = isRecord(account) ? account.username : undefined;
    if (typeof name !== 'string') throw refuse(path, `accounts.${index}.username is missing or wrong`);
    const fault = findUsernameFault(name);
    if (fault !== undefined) throw refuse(path, `accounts.${index}.username ${fault}`);
    if (names.has(name)) throw refuse(path, `accounts.${index}.username is there twice`);
    names.add(name);
  }
  if (!value.secrets) {
    return {
      ...header,
      accounts: { secrets: false, all: accounts.map((account, index) => judgeFacts(account, index, path)) },
    };
  }
  const all = accounts.map((account, index) => {
    const judged = judgeAccount(account);
    if ('problem' in judged) throw refuse(path, `accounts.${index}: ${judged.problem}`);
    return judged.value;
  });
  return { ...header, accounts: { secrets: true, all } };
}

function judgeFacts(account: Record<string, unknown>, index: number, path: string): AccountFacts {
  const { username, full_name, admin, locked } = account;
  if (typeof username !== 'string' || typeof full_name !== 'string')
    throw refuse(path, `accounts.${index}.full_name is missing or wrong`);
  if (typeof admin !== 'boolean') throw refuse(path, `accounts.${index}.admin is missing or wrong`);
  if (typeof locked !== 'boolean') throw refuse(path, `accounts.${index}.locked is missing or wrong`);
  return { username, full_name, admin, locked };
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
