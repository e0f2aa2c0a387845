import { describe, expect, it } from 'vitest';
import type { Completion } from '../../../src/registry/candidates.ts';
import { openHistory } from '../../../src/shell/line/history.ts';
import type { Key } from '../../../src/shell/line/key.ts';
import type { LineHelp } from '../../../src/shell/line/reader.ts';
import { frameOf, type Pressed, pressKey, startTyping, type Typing } from '../../../src/shell/line/typing.ts';

const named = (name: string, more: Partial<Key> = {}): Key => ({
  name,
  ctrl: false,
  meta: false,
  text: '',
  pasted: false,
  ...more,
});
const ctrl = (name: string) => named(name, { ctrl: true });
const letters = (text: string) => [...text].map((character) => named(character, { text: character }));

/** Presses keys one after the other, each long after the one before. */
function pressAll(start: Typing, keys: readonly Key[], help: LineHelp): Pressed {
  let pressed: Pressed = { typing: start };
  for (const key of keys) pressed = pressKey(pressed.typing, key, true, help);
  return pressed;
}

function helpWith(lines: readonly string[]): LineHelp {
  return { history: openHistory({ read: () => lines, append: () => true }), answersQuestions: true };
}

function completing(completion: Partial<Completion>): LineHelp {
  return {
    complete: (_text, cursor) => ({ from: 0, to: cursor, candidates: [], omitted: 0, ...completion }),
  };
}

const candidates = (...texts: readonly string[]) => texts.map((text) => ({ text, description: '' }));

describe('Tab', () => {
  const tab = [named('tab', { text: '\t' })];
  const lineAfter = (text: string, completion: Partial<Completion>) =>
    pressAll(startTyping(text), tab, completing(completion));

  it('completes the only candidate, and a space with it', () => {
    expect(lineAfter('au', { candidates: candidates('auth') }).typing.line.text).toBe('auth ');
  });

  it.each(['enabled=', '/etc/'])('leaves %s open', (text) => {
    expect(lineAfter('', { candidates: candidates(text) }).typing.line.text).toBe(text);
  });

  it('completes what all candidates begin with, and lists nothing yet', () => {
    const { typing, effect } = lineAfter('o', { candidates: candidates('order_by', 'order_of') });
    expect([typing.line.text, effect]).toEqual(['order_', undefined]);
  });

  it('lists where there is nothing to add', () => {
    const { typing, effect } = lineAfter('a', { candidates: candidates('account', 'auth') });
    expect([typing.line.text, effect?.kind]).toEqual(['a', 'list']);
  });

  it('does not take the first hundred names for all of them', () => {
    const { typing, effect } = lineAfter('u', { candidates: candidates('user1', 'user2'), omitted: 900 });
    expect([typing.line.text, effect?.kind]).toEqual(['u', 'list']);
  });

  it('says what is expected where nothing can be listed', () => {
    expect(lineAfter('window=', { note: 'window expects a whole number' }).effect).toEqual({
      kind: 'note',
      note: 'window expects a whole number',
    });
  });

  it('rings where nothing can be said', () => {
    expect(lineAfter('x', {}).effect).toEqual({ kind: 'bell' });
  });

  it('is a space in what is pasted', () => {
    const help = completing({ candidates: candidates('auth') });
    const { typing } = pressAll(startTyping('a'), [named('tab', { text: '\t', pasted: true })], help);
    expect(typing.line.text).toBe('a ');
  });
});

describe('?', () => {
  const question = named('?', { text: '?' });
  const explains = (text: string, isLast = true) =>
    pressKey(startTyping(text), question, isLast, helpWith([])).effect !== undefined;

  it.each([
    '',
    'auth two_factor update ',
    'auth two_factor update enabled=',
    "update issuer='a b' ",
    'query where (a == 1) ',
    "create full_name=O'Brien ad",
    'update issuer=a[ en',
    'query where name.match("a") and ',
    "query where name == O'Brien and ",
  ])('explains at once behind %j', (text) => {
    expect(explains(text)).toBe(true);
  });

  it.each([
    "issuer='what",
    'issuer=a"b',
    'query where name == "a b',
    'services={"ssh": ',
    'query where name.match("a',
    'config # why',
    'query where (a == ',
  ])('stands for itself in %j', (text) => {
    expect(explains(text)).toBe(false);
    expect(pressKey(startTyping(text), question, true, helpWith([])).typing.line.text).toBe(`${text}?`);
  });

  it('asks nothing in the middle of a line, or when more came with it', () => {
    const middle = { ...startTyping('auth'), line: { text: 'auth', cursor: 1, killed: '' } };
    expect(pressKey(middle, question, true, helpWith([])).effect).toBeUndefined();
    expect(explains('auth ', false)).toBe(false);
  });
});

describe('history', () => {
  const lines = [
    'auth two_factor config',
    'system clock',
    'auth two_factor status',
    'auth two_factor status',
    'ls',
  ];
  const [up, down] = [named('up'), named('down')];
  const textAfter = (start: string, ...keys: readonly Key[]) =>
    pressAll(startTyping(start), keys, helpWith(lines)).typing.line.text;

  it('goes back a line at a time, past repetitions', () => {
    expect(textAfter('', up)).toBe('ls');
    expect(textAfter('', up, up, up)).toBe('system clock');
  });

  it('goes back among lines that begin with what was typed', () => {
    expect(textAfter('auth', up, up)).toBe('auth two_factor config');
    expect(textAfter('auth', up, up, up, up)).toBe('auth two_factor config');
  });

  it('comes forward to what was typed', () => {
    expect(textAfter('auth', up, up, down, down)).toBe('auth');
  });

  it('starts again from a line that was edited', () => {
    expect(textAfter('', up, up, ctrl('u'), up)).toBe('ls');
  });

  it('finds with Ctrl-R, older with each further one, and takes what was found with any other key', () => {
    expect(textAfter('', ctrl('r'), ...letters('two'), named('left'))).toBe('auth two_factor status');
    expect(textAfter('', ctrl('r'), ...letters('two'), ctrl('r'), named('left'))).toBe(
      'auth two_factor config',
    );
  });

  it('shows what it looks for, and that there is nothing', () => {
    const search = (text: string) =>
      frameOf(pressAll(startTyping(''), [ctrl('r'), ...letters(text)], helpWith(lines)).typing, '> ');
    expect(search('clock')).toEqual({ prompt: '(found: clock) ', text: 'system clock', cursor: 7 });
    expect(search('nowhere').prompt).toBe('(nothing found: nowhere) ');
  });

  it.each([named('escape', { meta: true }), ctrl('g'), ctrl('c')])(
    'leaves the search with $name, the line as it was',
    (key) => {
      const { typing, effect } = pressAll(
        startTyping('ls'),
        [ctrl('r'), ...letters('two'), key],
        helpWith(lines),
      );
      expect([typing.line.text, typing.searching, effect]).toEqual(['ls', undefined, undefined]);
    },
  );

  it('runs what was found with Enter', () => {
    const { effect } = pressAll(
      startTyping(''),
      [ctrl('r'), ...letters('clock'), named('return')],
      helpWith(lines),
    );
    expect(effect).toEqual({ kind: 'finish', event: { kind: 'line', text: 'system clock' } });
  });
});

describe('what is pasted', () => {
  it('means itself: only its line ends run what stands before them', () => {
    const paste = [...letters('ls ?'), named('c', { ctrl: true }), named('return')].map((key) => ({
      ...key,
      pasted: true,
    }));
    expect(pressAll(startTyping(''), paste, helpWith([])).effect).toEqual({
      kind: 'finish',
      event: { kind: 'line', text: 'ls ?' },
    });
  });
});

describe('the end', () => {
  it('comes with Ctrl-D on an empty line only', () => {
    expect(pressAll(startTyping(''), [ctrl('d')], {}).effect).toEqual({
      kind: 'finish',
      event: { kind: 'end' },
    });
    expect(pressAll(startTyping('a'), [ctrl('d')], {}).effect).toBeUndefined();
  });
});

describe('a line that is offered', () => {
  const offer = 'auth two_factor update enabled=false';
  const enter = named('return');
  const press = (keys: readonly Key[], isLast = true) => {
    let pressed: Pressed = { typing: startTyping('', offer) };
    for (const key of keys) pressed = pressKey(pressed.typing, key, isLast, helpWith([]));
    return pressed;
  };
  const finished = ({ effect }: Pressed) => (effect?.kind === 'finish' ? effect.event : undefined);

  it('stands there, and Enter takes it', () => {
    expect(frameOf(startTyping('', offer), '> ').text).toBe(offer);
    expect(finished(press([enter]))).toEqual({ kind: 'line', text: offer });
  });

  it.each<[string, readonly Key[], string]>([
    ['Ctrl-U drops it', [ctrl('u')], ''],
    ['what is typed takes its place', letters('ls'), 'ls'],
    ['what is pasted does so too', [named('l', { text: 'l', pasted: true })], 'l'],
    ['a key that edits goes on with it', [named('backspace')], offer.slice(0, -1)],
    ['and then it is a line like any other', [named('end'), ...letters(' x')], `${offer} x`],
  ])('%s', (_what, keys, expected) => {
    expect(press(keys).typing.line.text).toBe(expected);
  });

  it('is not run by an Enter that was typed ahead, or pasted', () => {
    expect(finished(press([enter], false))).toEqual({ kind: 'line', text: '' });
    expect(finished(press([named('return', { pasted: true })]))).toEqual({ kind: 'line', text: '' });
  });

  it('does not keep Ctrl-D from leaving', () => {
    expect(finished(press([ctrl('d')]))).toEqual({ kind: 'end' });
  });
});
