import type { Account, Device, RetiredSecret } from './account.ts';
import type { Settings } from './settings.ts';
import { mergeImportedAccount } from './two-factor/import.ts';

/** An account in an export without secrets: who is known, and what is imported over a present account. */
export type AccountFacts = Pick<Account, 'username' | 'full_name' | 'admin' | 'locked'>;

/** The content of a file of `system config export`, validated. */
export type ExportedConfig = {
  readonly exported: string;
  readonly host: string;
  readonly settings: Settings;
  readonly accounts:
    | { readonly secrets: true; readonly all: readonly Account[] }
    | { readonly secrets: false; readonly all: readonly AccountFacts[] };
};

/** The version of the export's format; files of a newer one are refused. */
export const exportVersion = 1;

/** The text of an export. Without `secrets` it holds nothing that signs anybody in. */
export function writeExport(content: {
  readonly settings: Settings;
  readonly accounts: readonly Account[];
  readonly host: string;
  readonly nowMs: number;
  readonly secrets: boolean;
}): string {
  const { accounts, host, nowMs, secrets } = content;
  // What was deleted is this machine's own memory.
  const { forgotten_secrets: _, ...settings } = content.settings;
  const shown = secrets
    ? accounts
    : accounts.map(({ username, full_name, admin, locked, devices }) => ({
        username,
        full_name,
        admin,
        locked,
        devices: devices.map(describeDevice),
      }));
  const document = {
    postern_export: exportVersion,
    exported: new Date(nowMs).toISOString(),
    host,
    secrets,
    settings,
    accounts: shown,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function describeDevice({ name, otp_digits, interval, confirmed }: Device) {
  return { name, otp_digits, interval, confirmed };
}

/**
 * What is to be saved of an import. Accounts that the file does not name stay. Without secrets in the file, devices
 * and recovery codes stay as they are; with them every code up to now is used up, so none can be used again.
 */
export function planImport(
  file: ExportedConfig,
  present: (username: string) => Account | undefined,
  nowMs: number,
  forgotten: readonly RetiredSecret[] = [],
): ReadonlyMap<string, Account> {
  if (file.accounts.secrets)
    return new Map(
      file.accounts.all.map((account) => [
        account.username,
        mergeImportedAccount(present(account.username), account, nowMs, forgotten),
      ]),
    );
  return new Map(
    file.accounts.all.map((facts) => [
      facts.username,
      { ...(present(facts.username) ?? emptyAccount), ...facts },
    ]),
  );
}

const emptyAccount = {
  devices: [],
  recovery_codes: [],
  failures: 0,
  lockouts: 0,
  locked_until_ms: null,
} as const;
