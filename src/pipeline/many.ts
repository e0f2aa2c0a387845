import type { Account } from '../domain/account.ts';
import type { View } from '../output/view.ts';
import type { ManyAccounts } from '../registry/spec.ts';
import type { AuditRecord } from './audit.ts';
import { commit, noticeLosses } from './commit.ts';
import { takeSnapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** Makes a change of many accounts, which was validated before the lock is taken. */
export async function performMany(many: ManyAccounts, world: World, record: AuditRecord): Promise<View> {
  return world.store.withLock(async (transaction) => {
    const { reader, lost } = noticeLosses(transaction);
    const at = takeSnapshot(world, reader);
    const accounts = new Map<string, Account>();
    for await (const account of many.accounts(at)) accounts.set(account.username, account);
    const { change, view } = await many.finish(at);
    return commit({ change: { ...change, accounts }, view }, transaction, world, record, { lost });
  });
}
