import { describe, expect, test } from 'vitest';
import { createRegistry } from '../../src/commands/registry.ts';
import { isPosternError } from '../../src/errors.ts';
import { helpWith, listAt } from '../../src/pipeline/explain-line.ts';
import { builtinCommands } from '../../src/shell/builtins.ts';

const registry = createRegistry(builtinCommands);
const inside = ['auth', 'two_factor'];

function firstLine(answer: () => { readonly data: unknown; readonly shape: string }): string {
  try {
    const view = answer() as { readonly text?: string };
    return (view.text ?? '').split('\n')[0] ?? '';
  } catch (error) {
    if (!isPosternError(error)) throw error;
    return `${error.message} -> ${error.problems[0]?.hint}`;
  }
}

describe('help PATH', () => {
  test.each([
    ['auth two_factor update', [], 'auth two_factor update', 'a command'],
    ['auth two_factor', [], 'auth two_factor', 'a namespace'],
    ['update', inside, 'auth two_factor update', 'relative to where we are'],
    ['system clock', inside, 'system clock', 'else from the root'],
    ['/auth two_factor update', inside, 'auth two_factor update', 'absolute'],
    ['..', inside, 'auth', 'one up'],
    ['.. two_factor status', inside, 'auth two_factor status', 'one up and down again'],
    ['help', inside, 'help', 'a builtin, from anywhere'],
    ['man', [], 'help', 'by its other name'],
    [
      'auth two_factor updat',
      [],
      'no command or namespace "updat" in auth two_factor -> help auth two_factor update',
      'a word that leads nowhere, with the one that was meant',
    ],
    ['hlep', [], 'no command or namespace "hlep" -> help help', 'a builtin that was meant'],
    [
      'auth two_factor update window',
      [],
      'auth two_factor update is a command, and "window" follows it -> help auth two_factor update',
      'a word behind a command',
    ],
  ])('%j in %j: %s', (path, location, expected) => {
    expect(firstLine(() => helpWith(path, location, registry))).toBe(expected);
  });

  test('alone it is what is needed first, with "all" everything', () => {
    expect(firstLine(() => helpWith(undefined, inside, registry))).toMatch(/^To turn codes off/);
    expect(helpWith('all', [], registry).data).toContain('renew_2fa_secret');
  });
});

describe('ls PATH', () => {
  test('lists where we are, or what a path leads to', () => {
    const words = (path: string | undefined, location: readonly string[]) =>
      (listAt(path, location, registry).data as readonly { readonly word: string }[]).map(({ word }) => word);
    expect(words(undefined, inside)).toEqual(words('auth two_factor', []));
    expect(words(undefined, inside)).toContain('update');
    expect(words('/', inside)).toContain('auth');
    expect(words('update', inside)).toEqual(['update']);
  });
});
