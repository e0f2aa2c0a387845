import { isDeepStrictEqual } from 'node:util';
import type { Account } from '../domain/account.ts';
import { factsOf, standingOf } from '../domain/policy.ts';
import { isLoss, readOrLost } from '../domain/read-account.ts';
import type { Settings } from '../domain/settings.ts';
import { addWarnings, type View } from '../output/view.ts';
import type { AccountReader, StoreChange, StoreReader, StoreTransaction } from '../ports/store.ts';
import type { WriteResult } from '../registry/spec.ts';
import { factsOf as rosterFactsOf } from '../store/roster.ts';
import type { AuditRecord } from './audit.ts';
import type { World } from './world.ts';

/**
 * Saves a change and puts it in force; whatever fails, store and system are as they were. `reapply`: the system is
 * made to follow the settings even where they stay the same. `lost`: accounts of which no good copy was found.
 * `record` is written before the change takes its place.
 */
export async function commit(
  result: WriteResult,
  transaction: StoreTransaction,
  world: World,
  record: Pick<AuditRecord, 'before'>,
  {
    reapply = false,
    lost = new Set(),
  }: { readonly reapply?: boolean; readonly lost?: ReadonlySet<string> } = {},
): Promise<View> {
  const { view } = result;
  const change = await rememberGone(result.change, transaction, lost, world.clock.nowMs());
  const isChanged =
    change.settings !== undefined || change.accounts !== undefined || change.staged !== undefined;
  if (!reachesSystem(change, transaction, reapply)) {
    if (isChanged) transaction.save(change, () => record.before(view));
    return view;
  }
  const undo = rememberFormer(change, transaction);
  const report = await world.appliance.apply(
    change.settings ?? transaction.settings(),
    readAfter(change, transaction),
    {
      save: () => isChanged && transaction.save(change, () => record.before(view)),
      restore: () => isChanged && transaction.save(undo),
      ...(reapply ? {} : { former: transaction.settings() }),
    },
  );
  return addWarnings(view, report.warnings);
}

/** Whether a change is in something that the system is to follow, or `reapply`. */
export function reachesSystem(
  { settings, accounts }: StoreChange,
  reader: StoreReader,
  reapply: boolean,
): boolean {
  const present = reader.settings();
  const pick = ({ two_factor, pending, ssh }: Settings) => ({ two_factor, pending, ssh });
  if (reapply || (settings !== undefined && !isDeepStrictEqual(pick(settings), pick(present)))) return true;
  const { enabled, services } = present.two_factor;
  // sshd names those who are asked: it follows who is one of them.
  const reachesNames = ([name, after]: readonly [string, Account | null]) => {
    const before = readOrLost(reader, name);
    return before === 'lost' || readStanding(before) !== readStanding(after);
  };
  return enabled && services.ssh && [...(accounts ?? [])].some(reachesNames);
}

function readStanding(account: Account | null | undefined) {
  const facts = factsOf(account ?? undefined);
  return typeof facts === 'object' ? standingOf(facts) : 'open';
}

/** The accounts as a change leaves them. */
export function readAfter({ accounts }: StoreChange, before: AccountReader): AccountReader {
  if (accounts === undefined) return before;
  return {
    account: (name) => (accounts.has(name) ? (accounts.get(name) ?? undefined) : before.account(name)),
    accountNames: (mayBe) => {
      const kept = before.accountNames(mayBe).filter((name) => !accounts.has(name));
      const changed = [...accounts].flatMap(([name, account]) =>
        account !== null && (mayBe === undefined || mayBe(rosterFactsOf(account))) ? [name] : [],
      );
      return [...kept, ...changed].sort();
    },
  };
}

/** Reads that remember which accounts were found lost, so that a large change need not read them all again. */
export function noticeLosses(reader: StoreReader): {
  readonly reader: StoreReader;
  readonly lost: Set<string>;
} {
  const lost = new Set<string>();
  const account = (name: string) => {
    try {
      return reader.account(name);
    } catch (error) {
      if (isLoss(error)) lost.add(name);
      throw error;
    }
  };
  return { reader: { ...reader, account }, lost };
}

/**
 * The change with what outlives the accounts that it removes or replaces: the used secrets of those that go, and that
 * one was lost, with which of its codes were used. Whatever the command says of settings, none of that is forgotten.
 */
export async function rememberGone(
  change: StoreChange,
  reader: StoreReader,
  lost: ReadonlySet<string>,
  nowMs: number,
): Promise<StoreChange> {
  const changes = [...(change.accounts ?? [])];
  const found = changes.flatMap(([name, after]) => {
    if (lost.has(name)) return ['lost' as const];
    return after === null ? [readOrLost(reader, name)] : [];
  });
  const gone = found.filter((account) => account !== undefined && account !== 'lost');
  const isLost = found.includes('lost') || (change.staged !== undefined && lost.size > 0);
  const isForgetful =
    change.settings && !isDeepStrictEqual(memoryOf(change.settings), memoryOf(reader.settings()));
  if (gone.length === 0 && !isLost && !isForgetful) return change;
  const { rememberDeleted } = await import('../domain/two-factor/used-steps.ts');
  const present = reader.settings();
  const settings = rememberDeleted(change.settings ?? present, present, gone, isLost ? nowMs : undefined);
  return change.settings || !isDeepStrictEqual(settings, present) ? { ...change, settings } : change;
}

/** What the settings remember of accounts that are gone. */
export function memoryOf({ forgotten_secrets, forgotten_until_ms }: Settings) {
  return { forgotten_secrets, forgotten_until_ms };
}

/** The change that puts back what `change` replaces. An account that was lost cannot be: it keeps its new content. */
function rememberFormer(change: StoreChange, transaction: StoreTransaction): StoreChange {
  const accounts = new Map(
    [...(change.accounts?.keys() ?? [])].flatMap((name) => {
      const before = readOrLost(transaction, name);
      return before === 'lost' ? [] : [[name, before ?? null] as const];
    }),
  );
  return {
    ...(change.settings ? { settings: transaction.settings() } : {}),
    ...(change.staged ? { unstaged: change.staged } : {}),
    ...(accounts.size > 0 ? { accounts } : {}),
  };
}
