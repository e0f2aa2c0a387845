import { expect, test } from 'vitest';
import { firstAccount } from '../../src/store/defaults.ts';
import { createFakeWorld, runText } from '../support/fake-world.ts';

test.each([
  ['account user query limit=5', 5],
  ['account user query username limit=2 offset=1', 3],
  ['account user query where admin == true limit=1', 7],
  ['account user query limit=5 order_by=full_name', 40],
])('%s reads %i of 40 accounts', async (line, expected) => {
  const world = createFakeWorld();
  const store = world.store as { account: typeof world.store.account };
  world.store.accountsNow.clear();
  for (let index = 10; index < 50; index++) {
    const username = `u${index}`;
    world.store.accountsNow.set(username, { ...firstAccount(), username, admin: index === 16 });
  }
  const { account } = world.store;
  let reads = 0;
  store.account = (name) => {
    reads++;
    return account(name);
  };
  expect(await runText(world, line)).toMatchObject({ code: 0 });
  expect(reads).toBe(expected);
});
