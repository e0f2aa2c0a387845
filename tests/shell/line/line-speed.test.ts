import { describe, expect, it } from 'vitest';
import { runRepl } from '../../../src/shell/interactive.ts';
import { createFakeWorld } from '../../support/fake-world.ts';
import { createFakeConsole, settle } from '../../support/shell-fakes.ts';

// How many milliseconds that takes is what `npm run bench` measures.
describe('with 10,000 accounts and 2000 lines of history', () => {
  it('a key looks at the accounts at most once where it is Tab, and not at all otherwise', async () => {
    const names = Array.from({ length: 10_000 }, (_, count) => `user${count}`).sort();
    let asked = 0;
    let total = 0;
    const world = createFakeWorld();
    world.store.accountNames = () => {
      asked += 1;
      return names;
    };
    const history = Array.from({ length: 2000 }, (_, count) => `account user unlock username=user${count}`);
    const io = createFakeConsole({ history });
    const running = runRepl(world, io);
    await settle();
    const line =
      'account user unlock username=user12\t\x7f\x7f\t\t34 device=é漢\x1b[A\x1b[A\x1b[B\x12user19\x07\x15';
    for (const key of line.match(/\x1b\[.|./gu) ?? []) {
      asked = 0;
      io.keys.write(key);
      await settle();
      expect(asked, JSON.stringify(key)).toBeLessThanOrEqual(key === '\t' ? 1 : 0);
      total += asked;
    }
    io.keys.write('\x04');
    await running;
    expect(total).toBeGreaterThan(0);
    expect(io.written).toContain('... ');
  });
});
