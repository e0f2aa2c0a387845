import type { Account, Device } from './account.ts';
import type { Settings } from './settings.ts';
import { importOverLost, mergeImportedAccount } from './two-factor/import.ts';
import type { Forgotten } from './two-factor/used-steps.ts';

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
  const { forgotten_secrets: _s, forgotten_until_ms: _u, ...settings } = content.settings;
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
 * and recovery codes stay as they are, and so does an account that is lost: it would be one without a device. With them
 * every code up to now is used up, so none can be used again. `lost` is what is forgotten once an account is lost.
 */
export function planImport(
  file: ExportedConfig,
  present: (username: string) => Account | 'lost' | undefined,
  nowMs: number,
  { forgotten, lost }: { readonly forgotten: Forgotten; readonly lost: Forgotten },
): ReadonlyMap<string, Account> {
  if (file.accounts.secrets)
    return new Map(
      file.accounts.all.map((account) => {
        const before = present(account.username);
        const after =
          before === 'lost'
            ? importOverLost(account, nowMs, lost)
            : mergeImportedAccount(before, account, nowMs, forgotten);
        return [account.username, after];
      }),
    );
  return new Map(
    file.accounts.all.flatMap((facts) => {
      const before = present(facts.username);
      return before === 'lost' ? [] : [[facts.username, { ...(before ?? emptyAccount), ...facts }]];
    }),
  );
}

const emptyAccount = {
  devices: [],
  recovery_codes: [],
  failures: 0,
  lockouts: 0,
  locked_until_ms: null,
} as const;
