import type { Account } from '../domain/account.ts';
import { accountChanges } from '../domain/account-view.ts';
import type { Settings } from '../domain/settings.ts';
import { type Change, listChanges } from '../domain/settings-change.ts';
import { pendingView } from '../domain/settings-view.ts';
import { changesView } from '../output/view.ts';
import type { WriteResult } from '../registry/spec.ts';

/** What differs between two states of the settings, in the words of the command line. */
export function settingsChanges(before: Settings, after: Settings): readonly Change[] {
  return [
    ...listChanges(before.two_factor, after.two_factor),
    ...listChanges(pendingView(before), pendingView(after)),
    ...listChanges(before.ssh, after.ssh, 'ssh.'),
  ];
}

/** The answer of every change of settings alone. */
export function answerChange(before: Settings, after: Settings, warnings: readonly string[]): WriteResult {
  return answerConfigChange(after, settingsChanges(before, after), [], new Map(), warnings);
}

/** What a change makes of one account among others; null: nothing is left of it. */
export function replacementChanges(
  name: string,
  before: Account | 'lost' | undefined,
  after: Account | null,
): readonly Change[] {
  const changes =
    before === 'lost'
      ? [{ key: 'damaged', from: true, to: false }, ...accountChanges(null, after)]
      : accountChanges(before ?? null, after);
  return changes.map(({ key, from, to }) => ({ key: `accounts.${name}.${key}`, from, to }));
}

/** The answer of a change of settings and accounts. Settings that stay as they are are not saved. */
export function answerConfigChange(
  settings: Settings,
  ofSettings: readonly Change[],
  ofAccounts: readonly Change[],
  accounts: ReadonlyMap<string, Account | null>,
  warnings: readonly string[],
): WriteResult {
  const changes = [...ofSettings, ...ofAccounts];
  return {
    change: {
      ...(ofSettings.length > 0 ? { settings } : {}),
      ...(accounts.size > 0 ? { accounts } : {}),
    },
    view: changesView(changes, warnings),
  };
}
