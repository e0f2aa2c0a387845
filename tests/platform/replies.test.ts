import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropReplies } from '../../src/platform/replies.ts';

const replies: readonly (readonly [string, string])[] = [
  ['\x1b[24;80R', 'the cursor'],
  ['\x1b[?62;22c', 'DA1'],
  ['\x1b[?6c', 'DA1 of the Linux console'],
  ['\x1b[>41;390;0c', 'DA2'],
  ['\x1b[0n', 'status'],
  ['\x1b[?2004;2$y', 'a mode'],
  ['\x1b[?0u', "kitty's keyboard"],
  ['\x1b[6;20;10t', 'the size of a cell'],
  ['\x1b[<0;1;1M', 'a mouse button down'],
  ['\x1b[<35;80;24m', 'a mouse button up'],
  ['\x1b[32;10;5M', "urxvt's mouse"],
  ['\x1b[M !!', "X10's mouse"],
  ['\x1b[I', 'the focus comes'],
  ['\x1b]11;rgb:0000/0000/0000\x1b\\', 'a colour, ended by ST'],
  ['\x1b]4;15;rgb:ffff/ffff/ffff\x07', 'a colour, ended by BEL'],
  ['\x1bP>|XTerm(390)\x1b\\', 'DCS'],
  ['\x1b_Gi=1;OK\x1b\\', 'APC'],
];
const keys: readonly (readonly [string, string])[] = [
  ['123456\r', 'a code'],
  ['\x1b[A', 'up'],
  ['\x1b[1;5D', 'Ctrl-Left'],
  ['\x1bOH', 'Home as SS3'],
  ['\x1b[3~', 'Delete'],
  ['\x1b[24~', 'F12'],
  ['\x1b[200~a?b\x1b[201~', 'a marked paste'],
  ['\x1b[[A', 'F1 of the Linux console'],
  ['\x1bb', 'Alt-b'],
  ['\x1b\x7f', 'Alt-Backspace'],
  ['h\xc3\xb6', 'UTF-8'],
  ['\x1b]x', 'Alt-] and a letter'],
  ['\x1bPx\r', 'Alt-Shift-p, and the line goes on'],
];

const brokenOff: readonly (readonly [received: string, typed: string])[] = [
  ['\x1b[\r', '\r'],
  ['a\x1b[\rb', 'a\rb'],
  ['\x1b[1;2\x03', '\x03'],
  ['\x1b[\x1b[A', '\x1b[A'],
];
it.each(brokenOff)('keeps the key that breaks off a sequence: %j', (received, typed) => {
  expect(dropReplies(received)).toEqual({ typed, held: '' });
});

/** What comes out of reads that were cut like this. */
function readAll(chunks: readonly string[]): { typed: string; held: string } {
  return chunks.reduce(
    (before, chunk) => {
      const { typed, held } = dropReplies(before.held + chunk);
      return { typed: before.typed + typed, held };
    },
    { typed: '', held: '' },
  );
}

describe('what a terminal answers', () => {
  it.each(replies)('%j is no typing: %s', (reply) => {
    expect(readAll([`12${reply}34`])).toEqual({ typed: '1234', held: '' });
    expect(readAll([...`1${reply}2${reply}3`])).toEqual({ typed: '123', held: '' });
  });

  it.each(keys)('%j is typed: %s', (key) => {
    expect(readAll([key])).toEqual({ typed: key, held: '' });
    expect(readAll([...key])).toEqual({ typed: key, held: '' });
  });

  it('may end an answer by the first half of its end, as urxvt does', () => {
    const answer = '\x1b]4;0;rgb:0000/0000/0000\x1b\x1b]4;7;rgb:e5e5/e5e5/e5e5\x1b\x1b[?1;2c';
    expect(readAll([`1${answer}2`])).toEqual({ typed: '12', held: '' });
    expect(readAll([...`1${answer}2`])).toEqual({ typed: '12', held: '' });
  });

  it('is told from typing however both are mixed and cut', () => {
    const piece = fc.oneof(
      fc.constantFrom(...replies.map(([text]) => ({ text, typed: '' }))),
      fc.constantFrom(...keys.map(([text]) => ({ text, typed: text }))),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat({ max: 9 })), (pieces, cuts) => {
        let rest = pieces.map(({ text }) => text).join('');
        const chunks = cuts.map((length) => {
          const chunk = rest.slice(0, length);
          rest = rest.slice(length);
          return chunk;
        });
        expect(readAll([...chunks, rest])).toEqual({
          typed: pieces.map(({ typed }) => typed).join(''),
          held: '',
        });
      }),
    );
  });

  it('waits for the end of what may be an answer, but not for ever', () => {
    expect(readAll(['12\x1b'])).toEqual({ typed: '12', held: '\x1b' });
    expect(readAll(['12\x1b[?6'])).toEqual({ typed: '12', held: '\x1b[?6' });
    const long = `\x1bP${'x'.repeat(5000)}`;
    expect(readAll([long])).toEqual({ typed: long, held: '' });
  });
});
