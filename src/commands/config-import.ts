import type { Account } from '../domain/account.ts';
import { type ExportFile, type ImportedAccount, importAccount } from '../domain/export.ts';
import { readOrLost } from '../domain/read-account.ts';
import { PosternError } from '../errors.ts';
import { boolean, text } from '../registry/kinds.ts';
import { defineCommand, type ManyAccounts, type Snapshot, type WriteResult } from '../registry/spec.ts';
import { findEnrolledAdministrator } from './account.ts';
import { answerConfigChange, settingsChanges } from './config-change.ts';
import { checkClock } from './enable-checks.ts';
import { createTally } from './import-tally.ts';

/** The file of an export. */
export const exportFile = {
  kind: text('a path', 'postern.json'),
  brief: 'path of the file',
  required: true,
  positional: true,
  completes: 'file',
} as const;

/** Accounts up to which they are all changed at once, within the store's lock. */
export const mostAtOnce = 200;

type Input = { readonly file: string; readonly force: boolean };

export const importConfig = defineCommand({
  path: ['system', 'config', 'import'],
  brief: 'Import settings and accounts from an export file.',
  details:
    'The whole file is validated before anything changes. Accounts not in the file stay. Codes shown until now count as used, so a restored backup never accepts a code twice. The file also sets whether codes are required.',
  effect: 'write',
  params: {
    file: { ...exportFile, brief: 'path of the file; - reads standard input' },
    force: {
      kind: boolean,
      brief:
        'turn codes on even if no administrator is enrolled or the clock is wrong (this may lock everyone out)',
      default: false,
    },
  },
  examples: [
    { line: 'system config import file=tests/support/export-example.json', note: 'Restore a backup.' },
  ],
  confirm: async ({ file: path }, snapshot) => {
    const { count, host, exported } = await snapshot.readExport(path);
    return `settings and ${count} accounts are replaced by those of ${host}, ${exported}`;
  },
  many: async (input, snapshot) => {
    const content = await snapshot.readExport(input.file);
    return content.count > mostAtOnce ? planImport(content, input, snapshot) : undefined;
  },
  run: async (input, snapshot) => {
    const plan = await planImport(await snapshot.readExport(input.file), input, snapshot);
    const accounts = new Map<string, Account>();
    for await (const account of plan.accounts(snapshot)) accounts.set(account.username, account);
    const { change, view } = await plan.finish(snapshot);
    return { change: accounts.size > 0 ? { ...change, accounts } : change, view };
  },
});

/** An import, account by account: none is kept in memory, however many there are. */
async function planImport(
  content: ExportFile,
  { file: path, force }: Input,
  snapshot: Snapshot,
): Promise<ManyAccounts> {
  const { forgottenOf } = await import('../domain/two-factor/used-steps.ts');
  const { nowMs } = snapshot;
  const tally = createTally();

  function plan(imported: ImportedAccount, now: Snapshot): Account | undefined {
    const name = imported.account.username;
    const before = readOrLost(now, name);
    const after = importAccount(imported, before, nowMs, {
      forgotten: forgottenOf(now.settings),
      lost: forgottenOf(now.settings, nowMs),
    });
    tally.note(name, before, after);
    return after;
  }

  return {
    count: content.count,
    async *accounts(now) {
      for await (const imported of content.accounts()) {
        const account = plan(imported, now);
        if (account !== undefined) yield account;
      }
    },
    // What was planned holds what was imported, and merges like it.
    planAgain: (account, now) => plan({ secrets: content.secrets, account } as ImportedAccount, now),
    async finish(now): Promise<WriteResult> {
      // A timer of the other time or machine has nothing to put back here.
      const settings = { ...content.settings, pending: null, remember_epoch: nowMs };
      const isEnabling = settings.two_factor.enabled && !now.settings.two_factor.enabled;
      const isAdministratorThere = () =>
        tally.administrators.size > 0 || findEnrolledAdministrator(now, tally.planned()).isThere;
      if (isEnabling && !force && !isAdministratorThere()) {
        throw new PosternError({
          code: 'rule.no_administrator_enrolled',
          message: `${path} turns two-factor authentication on, but no administrator would have a confirmed device; nothing was changed`,
          hint: `system config import file=${path} force=true`,
        });
      }
      const warnings = [...tally.warnings(), ...(isEnabling ? await checkClock(now, settings, force) : [])];
      const ofSettings = settingsChanges(now.settings, settings);
      return answerConfigChange(settings, ofSettings, tally.changes(), new Map(), warnings);
    },
  };
}
