import type { Account } from '../domain/account.ts';
import { accountChanges } from '../domain/account-view.ts';
import { planImport, writeExport } from '../domain/export.ts';
import { readAccount, readOrLost } from '../domain/read-account.ts';
import type { Settings } from '../domain/settings.ts';
import { listChanges } from '../domain/settings-change.ts';
import { pendingView } from '../domain/settings-view.ts';
import { isPosternError, PosternError } from '../errors.ts';
import type { Json } from '../output/view.ts';
import { boolean, text } from '../registry/kinds.ts';
import { type At, type CommandSpec, defineCommand, type WriteResult } from '../registry/spec.ts';
import { findEnrolledAdministrator, warnOfDamage } from './account.ts';
import { checkClock } from './enabling.ts';

const file = {
  kind: text('a path', 'postern.json'),
  brief: 'path of the file',
  required: true,
  positional: true,
  completes: 'file',
} as const;

const exportConfig = defineCommand({
  path: ['system', 'config', 'export'],
  brief: 'Write settings and accounts to a new file of mode 0600.',
  details:
    'Without secrets=true the file holds no secret and no recovery code: it tells who is known and how things are set. With secrets=true whoever reads the file can sign in as everybody in it.',
  effect: 'act',
  params: { file, secrets: { kind: boolean, brief: 'write the secrets too', default: false } },
  examples: [
    { line: 'system config export file=/tmp/postern-example.json', note: 'Everything but secrets.' },
  ],
  rehearse: ({ file: path, secrets }, at, ports) => {
    const full = ports.checkNewFile(path);
    const { data, warnings } = planExport(path, secrets, at);
    const what = `the settings and ${data.accounts} accounts, ${secrets ? 'with' : 'without'} their secrets`;
    return { would: `write ${what}, to the new file ${full}`, data, warnings };
  },
  run: ({ file: path, secrets }, at, ports) => {
    const { content, data, warnings } = planExport(path, secrets, at);
    ports.writeNewFile(path, content);
    return { shape: 'record', data, warnings };
  },
});

function planExport(file: string, secrets: boolean, at: At) {
  const read = at.accountNames().map((name) => readAccount(at, name));
  const accounts = read.flatMap(({ account }) => account ?? []);
  const damaged = read.filter(({ damage }) => damage !== undefined);
  const { settings, hostName: host, nowMs } = at;
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

const importConfig = defineCommand({
  path: ['system', 'config', 'import'],
  brief: 'Take settings and accounts from a file of "system config export".',
  details:
    'The file is validated whole before anything changes. Accounts that it does not name stay. Codes shown up to now count as used, so a restored backup never lets a code be used twice. The two-factor switch itself changes like any other setting.',
  effect: 'write',
  params: {
    file: { ...file, brief: 'path of the file; - reads standard input' },
    force: {
      kind: boolean,
      brief: 'turn on even if nobody is enrolled or the clock is wrong (you may lock everybody out)',
      default: false,
    },
  },
  examples: [
    { line: 'system config import file=tests/support/export-example.json', note: 'Restore a backup.' },
  ],
  confirm: ({ file: path }, at) => {
    const content = at.readExport(path);
    return `settings and ${content.accounts.all.length} accounts are replaced by those of ${content.host}, ${content.exported}`;
  },
  run: async ({ file: path, force }, at) => {
    const content = at.readExport(path);
    const { forgottenOf } = await import('../domain/two-factor/forgotten.ts');
    const lost: string[] = [];
    const present = (name: string) => {
      const account = readOrLost(at, name);
      if (account === 'lost') lost.push(name);
      return account;
    };
    const accounts = planImport(content, present, at.nowMs, {
      forgotten: forgottenOf(at.settings),
      lost: forgottenOf(at.settings, at.nowMs),
    });
    // A timer of the other time or machine has nothing to put back here.
    const settings = { ...content.settings, pending: null };
    const isEnabling = settings.two_factor.enabled && !at.settings.two_factor.enabled;
    if (isEnabling && !force && !findEnrolledAdministrator(at, accounts).isThere) {
      throw new PosternError({
        code: 'rule.no_administrator_enrolled',
        message: `${path} turns two-factor authentication on, and no administrator would have a confirmed device; nothing was changed`,
        hint: `system config import file=${path} force=true`,
      });
    }
    return answer(at, settings, accounts, [
      ...lost.map((name) =>
        accounts.has(name)
          ? `${name} was damaged: it has no recovery codes now, and its codes are refused for some minutes`
          : `${name} stays damaged: this file holds no secrets`,
      ),
      ...(isEnabling ? await checkClock(at, settings, force) : []),
    ]);
  },
});

const reset = defineCommand({
  path: ['system', 'config', 'reset'],
  brief: 'Put every setting back to its default; two-factor authentication is then off.',
  effect: 'write',
  params: {
    accounts: {
      kind: boolean,
      brief: 'also forget every account but root, and the devices of root',
      default: false,
    },
  },
  examples: [{ line: 'system config reset', note: 'Settings only; accounts and secrets stay.' }],
  confirm: ({ accounts }, at) =>
    accounts
      ? `every setting goes back to its default, and ${listAccounts(at).names.length} accounts lose their devices and recovery codes`
      : 'every setting goes back to its default, so two-factor authentication is off',
  isRecovery: () => true,
  run: async ({ accounts }, at) => {
    if (!accounts) return answer(at, at.defaultSettings, new Map());
    const { createAccount, unsetSecrets } = await import('../domain/two-factor/enrol.ts');
    const { names, warnings } = listAccounts(at);
    const read = names.map((name) => readAccount(at, name));
    const emptied = read.map(({ name, account, damage }) => {
      if (name !== 'root') return [name, null] as const;
      const root = damage === undefined ? account : createAccount('root', { admin: true });
      return [name, root ? unsetSecrets(root) : null] as const;
    });
    return answer(at, at.defaultSettings, new Map(emptied), [...warnings, ...warnOfDamage(read)]);
  },
});

/** The accounts that are there; where not even their names can be read, root, who has to be made anew. */
function listAccounts(at: At): { readonly names: readonly string[]; readonly warnings: readonly string[] } {
  try {
    return { names: at.accountNames(), warnings: [] };
  } catch (error) {
    if (!isPosternError(error)) throw error;
    return { names: ['root'], warnings: [error.message] };
  }
}

function answer(
  at: At,
  settings: Settings,
  accounts: ReadonlyMap<string, Account | null>,
  warnings: readonly string[] = [],
): WriteResult {
  const ofSettings = [
    ...listChanges(at.settings.two_factor, settings.two_factor),
    ...listChanges(pendingView(at.settings), pendingView(settings)),
    ...listChanges(at.settings.ssh, settings.ssh, 'ssh.'),
  ];
  const ofAccounts = [...accounts].flatMap(([name, after]) =>
    describeChanges(at, name, after).map(({ key, from, to }) => ({
      key: `accounts.${name}.${key}`,
      from,
      to,
    })),
  );
  const changes = [...ofSettings, ...ofAccounts];
  return {
    change: {
      ...(ofSettings.length > 0 ? { settings } : {}),
      ...(accounts.size > 0 ? { accounts } : {}),
    },
    view: {
      shape: 'changes',
      data: { changed: changes.length > 0, changes: changes as unknown as Json, warnings },
      warnings,
    },
  };
}

function describeChanges(at: At, name: string, after: Account | null) {
  const before = readOrLost(at, name);
  if (before !== 'lost') return accountChanges(before ?? null, after);
  return [{ key: 'damaged', from: true, to: false }, ...accountChanges(null, after)];
}

export const systemConfigCommands: readonly CommandSpec[] = [exportConfig, importConfig, reset];
