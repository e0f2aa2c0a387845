import type { Account } from '../domain/account.ts';
import { writeExport } from '../domain/export.ts';
import { readAccount, readOrLost } from '../domain/read-account.ts';
import type { Settings } from '../domain/settings.ts';
import { isPosternError } from '../errors.ts';
import { boolean } from '../registry/kinds.ts';
import { type CommandSpec, defineCommand, type Snapshot, type WriteResult } from '../registry/spec.ts';
import { warnOfDamage } from './account.ts';
import { answerConfigChange, replacementChanges, settingsChanges } from './config-change.ts';
import { exportFile, importConfig } from './config-import.ts';

const exportConfig = defineCommand({
  path: ['system', 'config', 'export'],
  brief: 'Export settings and accounts to a new file (mode 0600).',
  details:
    'Without secrets=true the file contains no secrets and no recovery codes. With secrets=true whoever reads the file can compute the codes of every account in it.',
  effect: 'act',
  params: { file: exportFile, secrets: { kind: boolean, brief: 'include the secrets', default: false } },
  examples: [
    { line: 'system config export file=/tmp/postern-example.json', note: 'Everything but secrets.' },
  ],
  rehearse: ({ file: path, secrets }, snapshot, ports) => {
    const full = ports.checkNewFile(path);
    const { data, warnings } = planExport(path, secrets, snapshot);
    const what = `the settings and ${data.accounts} accounts, ${secrets ? 'with' : 'without'} their secrets`;
    return { would: `write ${what}, to the new file ${full}`, data, warnings };
  },
  run: ({ file: path, secrets }, snapshot, ports) => {
    const { content, data, warnings } = planExport(path, secrets, snapshot);
    ports.writeNewFile(path, content);
    return { shape: 'record', data, warnings };
  },
});

function planExport(file: string, secrets: boolean, snapshot: Snapshot) {
  const read = snapshot.accountNames().map((name) => readAccount(snapshot, name));
  const accounts = read.flatMap(({ account }) => account ?? []);
  const damaged = read.filter(({ damage }) => damage !== undefined);
  const { settings, hostName: host, nowMs } = snapshot;
  return {
    content: writeExport({ settings, accounts, host, nowMs, secrets }),
    data: {
      file,
      accounts: accounts.length,
      secrets,
      ...(damaged.length > 0 ? { damaged: damaged.map(({ name }) => name) } : {}),
    },
    warnings: warnOfDamage(damaged).map((sentence) => `left out: ${sentence}`),
  };
}

const reset = defineCommand({
  path: ['system', 'config', 'reset'],
  brief: 'Reset every setting to its default. Two-factor authentication is then off.',
  effect: 'write',
  params: {
    accounts: {
      kind: boolean,
      brief: "also delete every account except root, and root's devices",
      default: false,
    },
  },
  examples: [{ line: 'system config reset', note: 'Settings only; accounts and secrets stay.' }],
  confirm: ({ accounts }, snapshot) =>
    accounts
      ? `every setting goes back to its default, and ${listAccounts(snapshot).names.length} accounts lose their devices and recovery codes`
      : 'every setting goes back to its default, so two-factor authentication is off',
  isRecovery: () => true,
  run: async ({ accounts }, snapshot) => {
    if (!accounts) return answer(snapshot, snapshot.defaultSettings, new Map());
    const { createAccount } = await import('../domain/two-factor/enrol.ts');
    const { unsetSecrets } = await import('../domain/two-factor/devices.ts');
    const { names, warnings } = listAccounts(snapshot);
    const read = names.map((name) => readAccount(snapshot, name));
    const emptied = read.map(({ name, account, damage }) => {
      if (name !== 'root') return [name, null] as const;
      const root = damage === undefined ? account : createAccount('root', { admin: true });
      return [name, root ? unsetSecrets(root) : null] as const;
    });
    return answer(snapshot, snapshot.defaultSettings, new Map(emptied), [...warnings, ...warnOfDamage(read)]);
  },
});

/** The accounts that are there; where not even their names can be read, root, who has to be recreated. */
function listAccounts(snapshot: Snapshot): {
  readonly names: readonly string[];
  readonly warnings: readonly string[];
} {
  try {
    return { names: snapshot.accountNames(), warnings: [] };
  } catch (error) {
    if (!isPosternError(error)) throw error;
    return { names: ['root'], warnings: [error.message] };
  }
}

/** The answer of a reset. */
function answer(
  snapshot: Snapshot,
  settings: Settings,
  accounts: ReadonlyMap<string, Account | null>,
  warnings: readonly string[] = [],
): WriteResult {
  const ofAccounts = [...accounts].flatMap(([name, after]) =>
    replacementChanges(name, readOrLost(snapshot, name), after),
  );
  return answerConfigChange(
    settings,
    settingsChanges(snapshot.settings, settings),
    ofAccounts,
    accounts,
    warnings,
  );
}

export const systemConfigCommands: readonly CommandSpec[] = [exportConfig, importConfig, reset];
