import { describe, expect, test } from 'vitest';
import { findHalfBlocks, parseUnicodeMap } from '../../src/platform/console-font.ts';
import type { Runner } from '../../src/ports/machine.ts';

describe('findHalfBlocks', () => {
  const answer = (stdout: string): Runner => ({
    run: () => ({ status: 0, signal: null, stdout, stderr: '' }),
  });
  const full = '0xdb\tU+2588\n0xdc\tU+2584\n0xdf\tU+2580\n';

  test.each([
    ['/dev/tty1', full, true],
    ['/dev/console', full, true],
    ['/dev/tty1', '0xdb\tU+2588\n', false],
    ['/dev/tty1', '', undefined],
    ['/dev/pts/1', full, undefined],
    ['/dev/ttyS0', full, undefined],
    ['', full, undefined],
  ])('%s: %j', (path, map, halfBlocks) => {
    expect(findHalfBlocks(answer(map), path)).toBe(halfBlocks);
  });

  test('asks setfont for the map of that console', () => {
    const asked: (readonly string[])[] = [];
    const run: Runner['run'] = (argv) => {
      asked.push(argv);
      return { status: 0, signal: null, stdout: '', stderr: '' };
    };
    findHalfBlocks({ run }, '/dev/tty3');
    expect(asked).toEqual([['/bin/sh', '-c', 'setfont -C "$1" -ou /dev/stdout | cat', 'sh', '/dev/tty3']]);
  });

  test('reads every way that a map is written', () => {
    expect([...parseUnicodeMap('0x0db\tU+2588 U+25ae\n0x0e9\tU+00e9, U+0065 U+0301\n')]).toEqual([
      0x2588, 0x25ae, 0xe9, 0x65, 0x301,
    ]);
  });
});
