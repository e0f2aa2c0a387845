import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { SessionState } from '../../src/pipeline/world.ts';
import { createFakeWorld, type FakeWorld, runText } from '../support/fake-world.ts';

/*
 * Literate sessions: what stands in a ```console block is typed and compared. A block goes on in the world of the one
 * before it; a heading starts a new one. `UPDATE_TRANSCRIPTS=1 npm test` writes what was answered back.
 *
 *   [nas]> line             typed at the prompt
 *   (30 s later)            the clock goes on
 *   (exit 1)                the exit code, where it is not 0
 */

const folder = new URL('.', import.meta.url);
const isUpdating = process.env.UPDATE_TRANSCRIPTS === '1';
const files = readdirSync(folder).filter((name) => name.endsWith('.md'));

test('there are transcripts', () => {
  expect(files.length).toBeGreaterThan(3);
});

for (const name of files) {
  test(name, async () => {
    const path = new URL(name, folder);
    const text = readFileSync(path, 'utf8');
    const played = await play(text);
    // Who has the answers written back reads the diff; a run that writes does not fail for what it wrote.
    if (isUpdating) writeFileSync(path, played);
    else expect(played).toBe(text);
  });
}

type Sitting = { world: FakeWorld; state: SessionState };

async function play(text: string): Promise<string> {
  let sitting = sitDown();
  let isInside = false;
  const written: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('#') && !isInside) sitting = sitDown();
    if (line === '```console' || (line === '```' && isInside)) isInside = line === '```console';
    else if (isInside) {
      written.push(...(await answer(line, sitting)));
      continue;
    }
    written.push(line);
  }
  return written.join('\n');
}

function sitDown(): Sitting {
  return { world: createFakeWorld({ yes: true }), state: { location: [], navigates: true } };
}

/** What stands in the block from this line on: typed lines with their answers; former answers fall out. */
async function answer(line: string, { world, state }: Sitting): Promise<readonly string[]> {
  const later = /^\((\d+) s later\)$/.exec(line);
  if (later) {
    world.nowMs += Number(later[1]) * 1000;
    return [line];
  }
  const typed = /^\[nas\][^>]*> ?(.*)$/.exec(line)?.[1];
  if (typed === undefined) return [];
  const place = state.location.map((word) => ` ${word}`).join('');
  const [modeText, mode, rest] = /^-o (json|yaml|csv) (.*)$/.exec(typed) ?? [];
  const { all, code } = await runText(world, rest ?? typed, {
    state,
    ...(modeText ? { mode: mode as 'json' } : {}),
  });
  const output = all.replace(/\n$/, '');
  return [
    `[nas]${place}> ${typed}`,
    ...(output === '' ? [] : output.split('\n')),
    ...(code === 0 ? [] : [`(exit ${code})`]),
  ];
}
