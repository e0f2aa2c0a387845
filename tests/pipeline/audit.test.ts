import { expect, test } from 'vitest';
import { PosternError } from '../../src/errors.ts';
import { runLine } from '../../src/pipeline/run-line.ts';
import { createFakeWorld } from '../support/fake-world.ts';

/* A log that cannot be written is told of, however the line ends: the log may say `done` of what was not done. */

const append = () => {
  throw new PosternError({ code: 'store.write_failed', message: 'the disk reported an input/output error' });
};
const sentence = 'the audit log could not be written: the disk reported an input/output error';

test('with a change that is done, as a warning', async () => {
  const world = createFakeWorld({ audit: { append, read: () => [] } });
  const { view } = await runLine('auth two_factor update window=2', { location: [] } as never, world);
  expect(view?.warnings).toContain(sentence);
});

test('with a change that fails, beside the error, which still decides the exit code', async () => {
  const world = createFakeWorld({ audit: { append, read: () => [] } });
  const run = runLine('account user update nobody full_name=x', { location: [] } as never, world);
  const error = await run.catch((thrown: unknown) => thrown);
  expect((error as PosternError).problems).toEqual([
    expect.objectContaining({ code: 'not_found.account' }),
    { code: 'store.audit', message: sentence },
  ]);
});
