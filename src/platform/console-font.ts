import type { Runner } from '../ports/machine.ts';

/** Upper, lower and full block: all that mode `half` draws besides a space. */
const blocks = [0x2580, 0x2584, 0x2588] as const;
const virtualConsole = /^\/dev\/(tty\d+|console)$/;

/** setfont opens the file that it is told to write, and that cannot be the socket that Node gives as standard output. */
const printUnicodeMap = 'setfont -C "$1" -ou /dev/stdout | cat';

/**
 * Whether the font loaded on the Linux console at `ttyPath` has the half blocks, by its Unicode map (setfont(8) -ou);
 * undefined where there is no such console, no `setfont` or no map.
 */
export function findHalfBlocks(runner: Runner, ttyPath: string): boolean | undefined {
  if (!virtualConsole.test(ttyPath)) return undefined;
  const { stdout } = runner.run(['/bin/sh', '-c', printUnicodeMap, 'sh', ttyPath], { timeoutMs: 1000 });
  const characters = parseUnicodeMap(stdout);
  return characters.size === 0 ? undefined : blocks.every((block) => characters.has(block));
}

/** The code points of a Unicode map in text form: a line a glyph, `0xdb U+2588 U+25ae`. */
export function parseUnicodeMap(text: string): ReadonlySet<number> {
  return new Set([...text.matchAll(/U\+([0-9a-f]{4,6})/gi)].map((match) => Number.parseInt(match[1]!, 16)));
}
