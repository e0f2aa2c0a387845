import { describe, expect, test } from 'vitest';
import { canMoveCursor } from '../../src/platform/shell-io.ts';
import { correctFacts, guessTerminalFacts, type TerminalEnvironment } from '../../src/qr/facts.ts';

const window = { isTty: true, movesCursor: true, columns: 80, rows: 24 };

describe('guessTerminalFacts', () => {
  test.each<[TerminalEnvironment, true | undefined]>([
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'en_US.UTF-8', LC_CTYPE: 'C' }, undefined],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, undefined],
    [{ LANG: 'C', LC_CTYPE: 'C', LC_ALL: 'de_DE.UTF-8' }, true],
    [{ LANG: 'de_DE.UTF-8', LC_ALL: '' }, true],
    [{ LANG: 'C' }, undefined],
    [{}, undefined],
  ])('takes UTF-8 from the locale: %o', (environment, utf8) => {
    expect(guessTerminalFacts({ TERM: 'xterm', ...environment }, window).utf8).toBe(utf8);
  });

  test.each([
    ['xterm-256color', 'xterm', true],
    ['linux', 'linux', true],
    ['vt220', 'vt220', true],
    ['vt100', 'vt100', true],
    ['xterm-mono', 'xterm', false],
    ['linux-m', 'linux', false],
    ['dumb', 'dumb', false],
    ['unknown', 'dumb', false],
    ['', 'dumb', false],
    ['vt52', 'dumb', false],
    [undefined, 'dumb', false],
  ])('takes the family and colours from TERM: %s', (TERM, kind, colours) => {
    const movesCursor = canMoveCursor({ TERM });
    expect(guessTerminalFacts({ TERM }, { ...window, movesCursor })).toMatchObject({ kind, colours });
  });

  test('NO_COLOR changes nothing: the colours of a code are not decoration', () => {
    const environment = { TERM: 'xterm', LANG: 'C.UTF-8' };
    expect(guessTerminalFacts({ ...environment, NO_COLOR: '1' }, window)).toEqual(
      guessTerminalFacts(environment, window),
    );
  });
});

describe('correctFacts', () => {
  const guess = (environment: TerminalEnvironment) =>
    guessTerminalFacts(environment, { ...window, columns: 0, rows: 0 });

  test('the terminal knows better than the kernel and the locale', () => {
    const facts = correctFacts(guess({ TERM: 'vt220', LANG: 'C.UTF-8' }), {
      size: { columns: 80, rows: 25 },
      utf8: false,
      switchesToUtf8: true,
      sixel: false,
    });
    expect(facts).toMatchObject({ columns: 80, rows: 25, utf8: false, switchesToUtf8: true, sixel: false });
  });

  test('no answer leaves what was known', () => {
    const facts = guess({ TERM: 'xterm', LANG: 'C.UTF-8' });
    expect(correctFacts(facts, {})).toEqual(facts);
  });

  test('a multiplexer that reads UTF-8 says nothing about the screen in front of it', () => {
    expect(correctFacts(guess({ TERM: 'tmux-256color', LANG: 'C' }), { utf8: true }).utf8).toBeUndefined();
    expect(correctFacts(guess({ TERM: 'screen', LANG: 'C.UTF-8' }), { utf8: true }).utf8).toBe(true);
    expect(correctFacts(guess({ TERM: 'screen', LANG: 'C.UTF-8' }), { utf8: false }).utf8).toBe(false);
  });
});
