import { isDeepStrictEqual } from 'node:util';
import { PosternError } from '../errors.ts';
import type { View } from '../output/view.ts';
import type { LongWork, Staging, StoreReader } from '../ports/store.ts';
import type { ManyAccounts, Snapshot } from '../registry/spec.ts';
import type { AuditRecord } from './audit.ts';
import { commit, memoryOf, noticeLosses } from './commit.ts';
import { takeSnapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** Accounts that may be planned again under the lock; where more have changed, some are planned before. */
const fewChanged = 20;
const mostRounds = 5;
/** Accounts that are written before a signal is let in. */
const stepEvery = 50;

/**
 * Makes a change of many accounts: it is written beside the store while others sign in, and under the lock only what
 * they have changed meanwhile is planned again. `plan` starts again. Errors: `store.busy`, `cancelled.by_user`, those of
 * the command; nothing is changed then.
 */
export async function performMany(
  plan: () => Promise<ManyAccounts>,
  world: World,
  record: AuditRecord,
): Promise<View> {
  return world.runLong(async (long) => {
    for (let attempt = 0; attempt < 3; attempt++) {
      const view = await attemptMany(await plan(), world, record, long);
      if (view) return view;
    }
    throw new PosternError({
      code: 'store.busy',
      message: 'other changes interfered three times; nothing was changed',
      hint: 'try again later',
    });
  });
}

/** undefined: something was changed on which all of it depends. */
function attemptMany(
  many: ManyAccounts,
  world: World,
  record: AuditRecord,
  long: LongWork,
): Promise<View | undefined> {
  return world.store.stage(async (staging) => {
    const { reader, lost } = noticeLosses(world.store);
    const before = takeSnapshot(world, reader);
    await stageAccounts(many, before, staging, long);
    if (!(await catchUp(many, staging, reader, world, long))) return undefined;
    return world.store.withLock(async (transaction) => {
      const { reader: locked, lost: lostSince } = noticeLosses(transaction);
      const snapshot = takeSnapshot(world, locked);
      const isSame = isDeepStrictEqual(memoryOf(before.settings), memoryOf(snapshot.settings));
      if (!isSame || !planChanged(many, staging.takeChanged(), staging, snapshot)) return undefined;
      const { change, view } = await many.finish(snapshot);
      const replaced = [...lost, ...lostSince].filter((name) => staging.find(name) !== undefined);
      const result = { change: { ...change, staged: staging }, view };
      const saved = await commit(result, transaction, world, record, { lost: new Set(replaced) });
      long.finish('done, removing what was replaced');
      return saved;
    });
  });
}

async function stageAccounts(
  many: ManyAccounts,
  snapshot: Snapshot,
  staging: Staging,
  long: LongWork,
): Promise<void> {
  let written = 0;
  for await (const account of many.accounts(snapshot)) {
    staging.put(account);
    if (++written % stepEvery === 0) await long.step('writing the accounts', written / many.count);
  }
  await staging.complete((done) => long.step('adding the other accounts', done));
}

/** False: it cannot be known any more what others have changed. */
async function catchUp(
  many: ManyAccounts,
  staging: Staging,
  reader: StoreReader,
  world: World,
  long: LongWork,
): Promise<boolean> {
  for (let round = 0; round < mostRounds; round++) {
    const names = await world.store.withLock(() => staging.takeChanged());
    if (!planChanged(many, names, staging, takeSnapshot(world, reader))) return false;
    staging.sync();
    await long.step('adding what has changed', round / mostRounds);
    if ((names?.length ?? 0) <= fewChanged) break;
  }
  return true;
}

function planChanged(
  many: ManyAccounts,
  names: readonly string[] | undefined,
  staging: Staging,
  snapshot: Snapshot,
): boolean {
  for (const name of names ?? []) {
    const planned = staging.find(name);
    const account = planned && many.planAgain(planned, snapshot);
    if (account) staging.put(account);
    else staging.refresh(name);
  }
  return names !== undefined;
}
