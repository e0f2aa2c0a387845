import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawFrame, eraseFrame, type Frame, leaveFrame } from '../../../src/shell/line/draw.ts';
import { createVt } from '../../support/vt.ts';

const prompt = '[nas]> ';
const frame = (text: string, cursor = text.length): Frame => ({ prompt, text, cursor });

/** The screen after the frames, each drawn over the one before. */
function show(frames: readonly Frame[], columns: number) {
  const vt = createVt(columns, 60);
  let shown: Frame | undefined;
  for (const next of frames) {
    vt.write(drawFrame(shown, next, columns));
    shown = next;
  }
  return vt;
}

describe('the bytes of a key', () => {
  const cases: readonly (readonly [string, Frame, Frame, string])[] = [
    ['a character at the end is that character', frame('auth'), frame('auth '), ' '],
    ['a character that waits for nothing is one write of two bytes', frame('a'), frame('aé'), 'é'],
    ['backspace at the end', frame('auth'), frame('aut'), '\b \b'],
    ['nothing for nothing', frame('auth'), frame('auth'), ''],
    ['left is one byte', frame('auth', 4), frame('auth', 3), '\b'],
    ['right is the character again', frame('auth', 1), frame('auth', 2), 'u'],
    ['home', frame('auth two_factor'), frame('auth two_factor', 0), '\x1b[15D'],
    ['a character in the middle draws what is behind it', frame('ath', 1), frame('auth', 2), 'uth\b\b'],
    ['a character taken from the middle', frame('auuth', 2), frame('auth', 1), 'th \b\b\b\b'],
    ['all taken away', frame('auth two_factor'), frame(''), '\x1b[15D\x1b[K'],
  ];
  it.each(cases)('%s', (_reason, shown, next, bytes) => {
    expect(drawFrame(shown, next, 80)).toBe(bytes);
  });
});

describe('a line on the screen', () => {
  it('goes on in the next row, the cursor with it', () => {
    const vt = show([frame('abc'), frame('abcdefghijklmnop')], 10);
    expect(vt.rows()).toEqual(['[nas]> abc', 'defghijklm', 'nop']);
    expect(vt.cursor()).toEqual({ row: 2, column: 3 });
  });

  it('ends a full row at the start of the next one', () => {
    const vt = show([frame('ab'), frame('abc')], 10);
    expect(vt.cursor()).toEqual({ row: 1, column: 0 });
  });

  it('takes an accent back to the letter that it belongs to', () => {
    const vt = show([frame('e'), frame('e\u0301'), frame('e\u0301x')], 40);
    expect(vt.rows()).toEqual(['[nas]> e\u0301x']);
  });

  it('leaves on an empty line below', () => {
    const vt = show([frame('abcdefghijklmnop', 2)], 10);
    vt.write(leaveFrame(frame('abcdefghijklmnop', 2), 10));
    expect(vt.cursor()).toEqual({ row: 3, column: 0 });
  });

  it('shows every line right after any edits, on any width, wide characters and accents included', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', ' ', 'é', 'e\u0301', '漢', '字', 'ﾊ', '🙂', 'x=1'), { maxLength: 30 })
      .map((parts) => parts.join(''));
    const anyFrame = fc.tuple(text, fc.nat(40)).map(([line, at]) => {
      const stops = [
        0,
        ...[...new Intl.Segmenter().segment(line)].map(({ index, segment }) => index + segment.length),
      ];
      return frame(line, stops[at % stops.length]);
    });
    fc.assert(
      fc.property(
        fc.array(anyFrame, { minLength: 2, maxLength: 6 }),
        fc.integer({ min: 12, max: 30 }),
        (frames, columns) => {
          const [edited, fresh] = [show(frames, columns), show(frames.slice(-1), columns)];
          expect(edited.rows()).toEqual(fresh.rows());
          expect(edited.cursor()).toEqual(fresh.cursor());
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a width that changes', () => {
  const shown = frame('abcdefghijklmnop');
  // Some terminals wrap again what they show, others leave it as it was.
  it.each([
    [20, 10, 'left as it was', 20],
    [20, 10, 'wrapped again', 10],
    [10, 20, 'left as it was', 10],
    [10, 20, 'wrapped again', 20],
  ])('from %i to %i, %s, erases the line and no row above it', (before, after, _how, onScreen) => {
    const vt = createVt(onScreen, 60);
    vt.write(`above\r\n${drawFrame(undefined, shown, onScreen)}${eraseFrame(shown, before, after)}`);
    expect(vt.rows()[0]).toBe('above');
    expect(vt.cursor().row).toBeGreaterThanOrEqual(1);
  });
});
