import type { Account } from '../domain/account.ts';
import { accountChanges } from '../domain/account-view.ts';
import { planImport, writeExport } from '../domain/export.ts';
import type { Settings } from '../domain/settings.ts';
import { listChanges } from '../domain/settings-change.ts';
import { pendingView } from '../domain/settings-view.ts';
import { PosternError } from '../errors.ts';
import type { Json } from '../output/view.ts';
import { boolean, text } from '../registry/kinds.ts';
import { type At, type CommandSpec, defineCommand, type WriteResult } from '../registry/spec.ts';
import { requireAccount } from './account.ts';
import { checkClock, hasEnrolledAdministrator } from './enabling.ts';

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
    const { data } = planExport(path, secrets, at);
    const what = `the settings and ${data.accounts} accounts, ${secrets ? 'with' : 'without'} their secrets`;
    return { would: `write ${what}, to the new file ${full}`, data };
  },
  run: ({ file: path, secrets }, at, ports) => {
    const { content, data } = planExport(path, secrets, at);
    ports.writeNewFile(path, content);
    return { shape: 'record', data };
  },
});

function planExport(file: string, secrets: boolean, at: At) {
  const accounts = at.accountNames().map((name) => requireAccount(at, name));
  const { settings, hostName: host, nowMs } = at;
  return {
    content: writeExport({ settings, accounts, host, nowMs, secrets }),
    data: { file, accounts: accounts.length, secrets },
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
      brief: 'enable although nobody is enrolled or the clock is wrong',
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
    const { rememberDeleted } = await import('../domain/two-factor/forgotten.ts');
    const forgotten = at.settings.forgotten_secrets;
    const accounts = planImport(content, (name) => at.account(name), at.nowMs, forgotten);
    // A timer of the other time or machine has nothing to put back here.
    const settings = rememberDeleted({ ...content.settings, pending: null }, at.settings);
    const isEnabling = settings.two_factor.enabled && !at.settings.two_factor.enabled;
    if (isEnabling && !force && !hasEnrolledAdministrator(at, accounts)) {
      throw new PosternError({
        code: 'rule.no_administrator_enrolled',
        message: `${path} turns two-factor authentication on, and no administrator would have a confirmed device; nothing was changed`,
        hint: `system config import file=${path} force=true`,
      });
    }
    return answer(at, settings, accounts, isEnabling ? await checkClock(at, settings, force) : []);
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
      ? `every setting goes back to its default, and ${at.accountNames().length} accounts lose their devices and recovery codes`
      : 'every setting goes back to its default, so two-factor authentication is off',
  isRecovery: () => true,
  run: async ({ accounts }, at) => {
    const { unsetSecrets } = await import('../domain/two-factor/devices.ts');
    const { rememberDeleted } = await import('../domain/two-factor/forgotten.ts');
    const present = accounts ? at.accountNames().map((name) => requireAccount(at, name)) : [];
    const emptied = present.map(
      (account) => [account.username, account.username === 'root' ? unsetSecrets(account) : null] as const,
    );
    const deleted = present.filter(({ username }) => username !== 'root');
    return answer(at, rememberDeleted(at.defaultSettings, at.settings, deleted), new Map(emptied));
  },
});

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
    accountChanges(at.account(name) ?? null, after).map(({ key, from, to }) => ({
      key: `accounts.${name}.${key}`,
      from,
      to,
    })),
  );
  const changes = [...ofSettings, ...ofAccounts];
  const isNewlyForgotten = settings.forgotten_secrets !== at.settings.forgotten_secrets;
  return {
    change: {
      ...(ofSettings.length > 0 || isNewlyForgotten ? { settings } : {}),
      ...(accounts.size > 0 ? { accounts } : {}),
    },
    view: {
      shape: 'changes',
      data: { changed: changes.length > 0, changes: changes as unknown as Json, warnings },
    },
  };
}

export const systemConfigCommands: readonly CommandSpec[] = [exportConfig, importConfig, reset];
