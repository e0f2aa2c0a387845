import { describe, expect, it } from 'vitest';
import { readPresentValues } from '../../src/pipeline/input/present.ts';
import { takeSnapshot } from '../../src/pipeline/snapshot.ts';
import { compileLine } from '../../src/registry/compile.ts';
import { text } from '../../src/registry/kinds.ts';
import { defineCommand } from '../../src/registry/spec.ts';
import { createFakeWorld } from '../support/fake-world.ts';

/** A command that nothing else knows of: what it declares is enough. */
const command = (present: () => { motto: string; other: string }) =>
  defineCommand({
    path: ['sample', 'update'],
    brief: 'Change a sample.',
    effect: 'write',
    params: { motto: { kind: text('a sentence', 'hold'), brief: 'what it says' } },
    examples: [{ line: 'sample update motto=hold', note: 'A sample.' }],
    present,
    run: () => ({ change: {}, view: { shape: 'text', data: null } }),
  });

describe('the present values of a command', () => {
  const world = createFakeWorld();
  const snapshot = takeSnapshot(world, world.store);

  it('are those that its declaration reads, as far as it has parameters for them', () => {
    const spec = command(() => ({ motto: 'wait', other: 'not a parameter' }));
    expect(readPresentValues(spec, {}, snapshot)).toEqual({ motto: 'wait' });
  });

  it('are none where they cannot be read: a damaged store must not keep anybody from asking', () => {
    const spec = command(() => {
      throw new Error('damaged');
    });
    expect(readPresentValues(spec, {}, snapshot)).toEqual({});
  });

  it.each([
    ['auth two_factor update', {}, { enabled: false, window: 1 }],
    ['service ssh update', {}, { passwordauth: null }],
    ['account user update', { username: 'root' }, { admin: true, locked: false }],
    ['account user update', {}, {}],
  ])('%s declares them', (path, input, expected) => {
    const spec = findCommand(path);
    expect(readPresentValues(spec, input, snapshot)).toMatchObject(expected);
  });

  function findCommand(path: string) {
    const compiled = compileLine(path === 'account user update' ? `${path} root` : path, [], world.registry);
    if (compiled.kind !== 'command') throw new Error(`${path} is no command`);
    return compiled.spec;
  }
});
