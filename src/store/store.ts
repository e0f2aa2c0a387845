import { join, resolve } from 'node:path';
import type { Clock, Random, Store, StoreChange, StoreTransaction } from '../ports.ts';
import { completeFirstChange } from './defaults.ts';
import { inspectDirectory, prepareDirectory } from './directory.ts';
import { explainFailure, isOutOfRoom } from './failure.ts';
import { layout } from './layout.ts';
import { acquireLock, defaultPatience, type HeldLock, type LockPatience, releaseLock } from './lock.ts';
import { keepMarks } from './marks.ts';
import { createReader } from './reader.ts';
import { finishJournal, sweepLeftovers } from './recover.ts';
import { releaseReserve } from './reserve.ts';
import { planRoster } from './roster-plan.ts';
import { saveChange } from './save.ts';

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
  let isInspected = false;

  function read<T>(work: () => T): T {
    if (!isInspected) notifyAll(inspectDirectory(directory, isReadOnly));
    isInspected = true;
    return work();
  }

  async function lock(): Promise<HeldLock> {
    const path = join(directory, layout.lock);
    const patience = options.patience ?? defaultPatience;
    try {
      return await acquireLock(path, random, patience);
    } catch (error) {
      if (!isOutOfRoom(error) || !releaseReserve(directory)) throw explainFailure(error, 'write', path);
      return acquireLock(path, random, patience);
    }
  }

  function recover(held: HeldLock): void {
    notifyAll(finishJournal(directory, clock));
    if (held.formerHolder === undefined) return;
    notify(`process ${held.formerHolder.pid} died in the middle of a change: its lock was taken over`);
    sweepLeftovers(directory, random);
  }

  return {
    directory,
    exists: () => read(reader.exists),
    settings: () => read(reader.settings),
    account: (username) => read(() => reader.account(username)),
    accountNames: () => read(reader.accountNames),

    async withLock(work) {
      if (isReadOnly) throw new Error('a store that is only read cannot be locked');
      notifyAll(prepareDirectory(directory));
      isInspected = true;
      const held = await lock();
      const context = { directory, id: held.self.nonce, clock, random, notify };
      const repair = (change: StoreChange) => {
        try {
          saveChange(context, planRoster(directory, reader, change));
        } catch (error) {
          notify(`it could not be repaired: ${explainFailure(error, 'write', directory).message}`);
        }
      };
      const mend = options.leavesDamage ? {} : { repair };
      const { settings, account, accountNames } = createReader(directory, hostName, notify, mend);
      const marks = keepMarks(options.markPaths ?? [], clock);
      const transaction: StoreTransaction = {
        settings,
        account: (username) => marks.raise(account(username)),
        accountNames,
        save(change) {
          notifyAll(finishJournal(directory, clock));
          const whole = reader.exists() ? change : completeFirstChange(change, hostName);
          saveChange(context, planRoster(directory, reader, whole));
          marks.note(change);
        },
      };
      try {
        recover(held);
        return await work(transaction);
      } finally {
        releaseLock(held);
      }
    },

    takeNotices() {
      const taken = [...notices];
      notices.clear();
      return taken;
    },
  };
}
