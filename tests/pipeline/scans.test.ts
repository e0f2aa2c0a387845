import { Session } from 'node:inspector/promises';
import { expect, test } from 'vitest';
import { joinArgv } from '../../src/language/argv.ts';
import { scanArguments } from '../../src/language/parse.ts';
import { runLine } from '../../src/pipeline/run-line.ts';
import { createFakeWorld } from '../support/fake-world.ts';

/* A line is read once on its way from argv to the audit log, however many words it has. V8 counts the calls. */

async function countCalls(functionName: string, work: () => Promise<unknown>): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  return result
    .filter(({ url }) => /language\/(?:head|parse)\.ts$/.test(url))
    .flatMap(({ functions }) => functions)
    .filter((each) => each.functionName === functionName)
    .reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
}

test('the count counts', async () => {
  const twice = async () => [scanArguments('a b=1', 1), scanArguments('a b=1', 1)];
  expect(await countCalls('scanArguments', twice)).toBe(2);
});

test.each([
  [['auth', 'two_factor', 'update', 'enabled=false'], 'auth two_factor update enabled=false'],
  [
    ['auth', 'two_factor', 'update', 'window=2', 'issuer=My NAS'],
    'auth two_factor update window=2 issuer="My NAS"',
  ],
  [['account', 'user', 'verify_twofactor_token', 'root', 'token=000000'], undefined],
])('%j', async (words, line) => {
  const world = createFakeWorld();
  const run = () =>
    runLine(joinArgv(words), { location: [], navigates: false }, world).catch(() => undefined);
  expect(await countCalls('scanArguments', run)).toBe(1);
  expect(await countCalls('parseHead', run)).toBe(1);
  if (line !== undefined) expect(world.entries[0]?.line).toBe(line);
});
