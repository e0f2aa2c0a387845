import { describe, expect, it } from 'vitest';
import { type Editing, editLine } from '../../../src/shell/line/edit.ts';
import type { Key } from '../../../src/shell/line/key.ts';

/** A line with `|` where the cursor stands. */
function lineAt(marked: string, killed = ''): Editing {
  return { text: marked.replace('|', ''), cursor: marked.indexOf('|'), killed };
}

function mark({ text, cursor }: Editing): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

function press(name: string, more: Partial<Key> = {}): Key {
  return { name, ctrl: false, meta: false, text: '', pasted: false, ...more };
}

const ctrl = (name: string) => press(name, { ctrl: true });
const meta = (name: string) => press(name, { meta: true });
const type = (text: string) => press(text, { text });

describe('keys', () => {
  const cases: readonly (readonly [string, string, Key, string])[] = [
    ['a character goes in at the cursor', 'a|c', type('b'), 'ab|c'],
    ['a tab that is no completion is a space', 'a|', press('tab', { text: '\t' }), 'a |'],
    ['what would move the cursor stays out', 'a|', type('\u202e'), 'a|'],
    ['left over a letter with its accent', 'ae\u0301|', press('left'), 'a|e\u0301'],
    ['left stays at the start', '|a', press('left'), '|a'],
    ['Ctrl-B is left', 'ab|', ctrl('b'), 'a|b'],
    ['right over a character of two units', '|🙂a', press('right'), '🙂|a'],
    ['Ctrl-F is right', '|ab', ctrl('f'), 'a|b'],
    ['Home', 'ab|c', press('home'), '|abc'],
    ['Ctrl-A', 'ab|c', ctrl('a'), '|abc'],
    ['End', 'a|bc', press('end'), 'abc|'],
    ['Ctrl-E', 'a|bc', ctrl('e'), 'abc|'],
    ['Alt-B goes to the start of a word', 'auth two_factor |', meta('b'), 'auth |two_factor '],
    ['Ctrl-Left too', 'auth two|', press('left', { ctrl: true }), 'auth |two'],
    ['Alt-F goes behind a word', '|auth two', meta('f'), 'auth| two'],
    ['Backspace takes the letter with its accent', 'ae\u0301|b', press('backspace'), 'a|b'],
    ['Ctrl-H is backspace', 'ab|', ctrl('h'), 'a|'],
    ['Delete', 'a|bc', press('delete'), 'a|c'],
    ['Ctrl-D deletes in a line', 'a|bc', ctrl('d'), 'a|c'],
    ['Ctrl-K', 'ab|cd', ctrl('k'), 'ab|'],
    ['Ctrl-U', 'ab|cd', ctrl('u'), '|cd'],
    ['Ctrl-W takes the word with its signs', 'a enabled=false |x', ctrl('w'), 'a |x'],
    [
      'Alt-Backspace takes the letters only',
      'enabled=false|',
      press('backspace', { meta: true }),
      'enabled=|',
    ],
    ['Alt-D takes the next word', 'a| bc d', meta('d'), 'a| d'],
    ['Ctrl-T swaps', 'ab|', ctrl('t'), 'ba|'],
  ];
  it.each(cases)('%s', (_reason, before, key, after) => {
    expect(mark(editLine(lineAt(before), key) ?? lineAt(before))).toBe(after);
  });

  it('Ctrl-Y brings back what was taken last', () => {
    const taken = editLine(lineAt('one two|'), ctrl('w')) as Editing;
    expect(mark(editLine(taken, ctrl('y')) as Editing)).toBe('one two|');
  });

  it('keeps what Ctrl-K took when backspace follows', () => {
    const taken = editLine(lineAt('a|bc'), ctrl('k')) as Editing;
    expect(editLine(taken, press('backspace'))?.killed).toBe('bc');
  });

  it.each([press('f5'), ctrl('x'), press('escape', { meta: true })])('knows nothing of $name', (key) => {
    expect(editLine(lineAt('a|'), key)).toBeUndefined();
  });
});
