import { type Account, type Device, forgetAddresses } from './account.ts';
import type { Settings } from './settings.ts';
import { importOverLost, mergeImportedAccount } from './two-factor/import.ts';
import type { Forgotten } from './two-factor/used-steps.ts';

/** An account in an export without secrets: who is known, and what is imported over a present account. */
export type AccountFacts = Pick<Account, 'username' | 'full_name' | 'admin' | 'locked' | 'exempt'>;

/** A file of `system config export` that was read to its end and is valid. */
export type ExportFile = {
  readonly exported: string;
  readonly host: string;
  readonly settings: Settings;
  readonly secrets: boolean;
  /** How many accounts it holds. */
  readonly count: number;
  /** Its accounts, in order, not all in memory at once. Error: `rule.file_changed`, where it is not the same any more. */
  accounts(): AsyncIterable<ImportedAccount>;
};

/** An account of an export, with its secrets or without. */
export type ImportedAccount =
  | { readonly secrets: true; readonly account: Account }
  | { readonly secrets: false; readonly account: AccountFacts };

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
  const { forgotten_secrets: _s, forgotten_until_ms: _u, remember_epoch: _e, ...settings } = content.settings;
  const shown = secrets
    ? accounts.map(forgetAddresses)
    : accounts.map(({ username, full_name, admin, locked, exempt = false, devices }) => ({
        username,
        full_name,
        admin,
        locked,
        exempt,
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
 * What an account becomes by an import; undefined: it stays as it is. Without secrets in the file, devices and recovery
 * codes stay, and so does an account that is lost: it would be one without a device. With them every code up to now is
 * used up, so none can be used again. `lost` is what is forgotten once an account is lost.
 */
export function importAccount(
  imported: ImportedAccount,
  present: Account | 'lost' | undefined,
  nowMs: number,
  { forgotten, lost }: { readonly forgotten: Forgotten; readonly lost: Forgotten },
): Account | undefined {
  if (imported.secrets) {
    return present === 'lost'
      ? importOverLost(imported.account, nowMs, lost)
      : mergeImportedAccount(present, imported.account, nowMs, forgotten);
  }
  if (present === 'lost') return undefined;
  const { username, full_name, admin, locked, exempt = false } = imported.account;
  return {
    ...(present ? forgetAddresses(present) : emptyAccount),
    username,
    full_name,
    admin,
    locked,
    exempt,
  };
}

const emptyAccount = {
  devices: [],
  recovery_codes: [],
  failures: 0,
  lockouts: 0,
  locked_until_ms: null,
} as const;
