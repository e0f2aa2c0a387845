import { join, resolve } from 'node:path';
import { PosternError } from '../errors.ts';
import type { Clock, Random } from '../ports/machine.ts';
import type { Store, StoreChange, StorePurpose, StoreTransaction } from '../ports/store.ts';
import { beginNote } from './changed.ts';
import { completeFirstChange } from './defaults.ts';
import { inspectAccounts, inspectDirectory, prepareDirectory } from './directory.ts';
import { statEntry } from './disk.ts';
import { describeReason, explainFailure, isOutOfRoom, isSystemError, unchanged } from './failure.ts';
import { layout } from './layout.ts';
import { acquireLock, defaultPatience, type HeldLock, type LockPatience, releaseLock } from './lock.ts';
import { keepMarks } from './marks.ts';
import { createReader, type Reader } from './reader.ts';
import { finishJournal, sweepLeftovers } from './recover.ts';
import { keepReserve, releaseReserve } from './reserve.ts';
import { planRoster } from './roster-plan.ts';
import { type Doubt, type SaveContext, saveChange } from './save.ts';
import type { OpenStaging } from './stage-many.ts';

export type StoreOptions = {
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Issuer of a new store, reduced to ASCII. */
  readonly hostName: string;
  readonly patience?: LockPatience;
  /** Where it is noted too what is used up (marks.ts); none: nowhere else. */
  readonly markPaths?: readonly string[];
  /** For a dry run: nothing is changed, not even a mode, and `withLock` is refused. */
  readonly isReadOnly?: boolean;
  /** Reads under the lock put nothing right: nobody is there to be told, and an edit may be under way. */
  readonly leavesDamage?: true;
};

/**
 * The store in a directory, which is looked at only when something is read or locked, and made at the first lock.
 * Nothing is kept in memory: every read sees what other processes have saved.
 */
export function openStore(options: StoreOptions): Store {
  const { clock, random, hostName, isReadOnly = false } = options;
  const directory = resolve(options.directory);
  const notices = new Set<string>();
  const notify = (notice: string) => void notices.add(notice);
  const notifyAll = (sentences: readonly string[]) => sentences.forEach(notify);
  const reader = createReader(directory, hostName, notify, { keepsModes: isReadOnly });
  /** For this process while it alone can change the store. */
  const steady = createReader(directory, hostName, notify, { isSteady: true });
  let staged: OpenStaging | undefined;
  let isInspected = false;
  let areAccountsInspected = false;

  function read<T>(work: () => T): T {
    if (!isInspected) notifyAll(inspectDirectory(directory, isReadOnly));
    isInspected = true;
    return work();
  }

  /** The folder of the accounts has a look of its own: where it is damaged, the settings must still be to be had. */
  function readAccounts<T>(work: () => T): T {
    if (!areAccountsInspected) inspectAccounts(directory);
    areAccountsInspected = true;
    return work();
  }

  async function lock(giveRoom: () => boolean): Promise<HeldLock> {
    const path = join(directory, layout.lock);
    for (;;) {
      try {
        return await acquireLock(path, random, options.patience ?? defaultPatience);
      } catch (error) {
        if (isOutOfRoom(error) && giveRoom()) continue;
        throw explainFailure(error, 'write', path, 'nothing was changed');
      }
    }
  }

  function recover(held: HeldLock): void {
    notifyAll(finishJournal(directory, clock));
    if (held.formerHolder === undefined) return;
    notify(`process ${held.formerHolder.pid} died during a change: its lock was taken over`);
    try {
      sweepLeftovers(directory, random, clock);
    } catch (error) {
      notify(`what it left behind could not be removed: ${describeReason(error)}`);
    }
  }

  /** A code counts as used only where the disk has it: in doubt the sign-in fails, and the code is gone. */
  function tellDoubt({ cause }: Doubt, purpose: StorePurpose): void {
    const message = `the change is in force, but the disk did not confirm it (${describeReason(cause)}): a power cut may undo it`;
    if (purpose !== 'sign_in') notify(message);
    else throw new PosternError({ code: 'store.write_failed', message, hint: 'dmesg | tail' }, cause);
  }

  async function withLock<T>(
    work: (transaction: StoreTransaction) => Promise<T> | T,
    purpose: StorePurpose = 'change',
  ): Promise<T> {
    if (isReadOnly) throw new Error('a store that is only read cannot be locked');
    notifyAll(prepareDirectory(directory));
    isInspected = true;
    let wasSpent = false;
    const giveRoom = () => {
      const given = releaseReserve(directory, purpose);
      wasSpent ||= given;
      return given;
    };
    const held = await lock(giveRoom);
    const context: SaveContext = { directory, id: held.self.nonce, clock, random, notify, giveRoom };
    const put = (change: StoreChange, beforePut?: () => void) => {
      let hasRoster = false;
      try {
        const plan = planRoster(directory, steady, change);
        hasRoster = plan.shards.size > 0;
        return saveChange({ ...context, beforePut }, plan);
      } catch (cause) {
        const error = explainFailure(cause, 'write', directory, unchanged);
        const { settings, accounts } = change;
        const isTooMuch = error.code === 'store.full' && hasRoster;
        if (purpose !== 'recovery' || !isTooMuch || !settings || accounts) throw error;
        // The way back in needs no roster: the next change makes it, as that of a store from before it.
        return saveChange({ ...context, beforePut }, { settings, shards: new Map() });
      }
    };
    const repair = (change: StoreChange) => {
      try {
        const doubt = put(change);
        if (doubt !== undefined) tellDoubt(doubt, 'change');
      } catch (error) {
        notify(`it could not be repaired: ${explainFailure(error, 'write', directory).message}`);
      }
    };
    const mend = { isSteady: true, ...(options.leavesDamage ? {} : { repair }) };
    const locked = createReader(directory, hostName, notify, mend);
    areAccountsInspected = false;
    const marks = keepMarks(options.markPaths ?? [], clock);
    const transaction: StoreTransaction = {
      settings: locked.settings,
      account: (username) => readAccounts(() => marks.raise(locked.account(username))),
      accountNames: (mayBe) => readAccounts(() => locked.accountNames(mayBe)),
      save(change, beforePut) {
        notifyAll(finishJournal(directory, clock));
        if (change.accounts?.size) inspectAccounts(directory);
        const doubt =
          change.staged || change.unstaged
            ? exchange(change, { ...context, beforePut }, locked)
            : put(reader.exists() ? change : completeFirstChange(change, hostName), beforePut);
        marks.note(change);
        if (doubt !== undefined) tellDoubt(doubt, purpose);
      },
    };
    try {
      recover(held);
      return await work(transaction);
    } finally {
      const failure = releaseLock(held);
      // After the lock, whose inode may be the last one.
      if (wasSpent) keepReserve(directory, random, context.id, wasSpent);
      if (failure) notify(`${failure.message}; the answer is valid, and the lock ends with this process`);
      if (purpose === 'change' && staged === undefined) await sweepStaging();
    }
  }

  /** What an import that died has left takes seconds to remove: nobody who signs in waits for it. */
  async function sweepStaging(): Promise<void> {
    try {
      if (statEntry(join(directory, layout.stagingLock)) === undefined) return;
    } catch {
      return;
    }
    await (await import('./stage-lock.ts')).sweepDeadStaging(directory, random);
  }

  function tellLeftover(error: unknown): void {
    notify(`what the import leaves behind could not be removed: ${describeReason(error)}`);
  }

  /** Many accounts at once, as they were staged; or back as they were before. */
  function exchange(change: StoreChange, context: SaveContext, locked: Reader): Doubt | undefined {
    const open = staged;
    if (open === undefined || open.staging !== (change.staged ?? change.unstaged))
      throw new Error('only what is being staged can be saved');
    const settings = change.settings ?? locked.settings();
    return change.staged ? open.putInForce(context, settings, locked) : open.putBack(context, settings);
  }

  return {
    directory,
    exists: () => read(reader.exists),
    settings: () => read(reader.settings),
    account: (username) => read(() => readAccounts(() => reader.account(username))),
    accountNames: (mayBe) => read(() => readAccounts(() => reader.accountNames(mayBe))),

    withLock,

    async stage(work) {
      if (isReadOnly) throw new Error('a store that is only read cannot be staged');
      notifyAll(prepareDirectory(directory));
      const { openStaging } = await import('./stage-many.ts');
      const begin = () => withLock(() => beginNote(directory));
      try {
        staged = await openStaging(directory, random, steady, begin);
        return await work(staged.staging);
      } catch (error) {
        throw isSystemError(error) ? explainFailure(error, 'write', directory, unchanged) : error;
      } finally {
        await staged?.end().catch(tellLeftover);
        staged = undefined;
      }
    },

    takeNotices() {
      const taken = [...notices];
      notices.clear();
      return taken;
    },
  };
}
