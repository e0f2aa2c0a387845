import type { HistoryFile } from '../io.ts';

/** The lines to go back to, newest last: those of this session behind those of others. */
export interface History {
  list(): readonly string[];
  /** `line` has no secret in it. A line that repeats the one before is not kept twice. */
  add(line: string): void;
}

/** A history on a file that other shells append to as well; without the file it lasts for this session. */
export function openHistory(file: HistoryFile): History {
  const own: string[] = [];
  return {
    list: () => [...withoutNewest(file.read(), own), ...own],
    add: (line) => {
      const flat = line.replace(/\s+/g, ' ').trim();
      if (flat === '' || flat === own.at(-1)) return;
      own.push(flat);
      file.append(flat);
    },
  };
}

/** The lines of a file without those that this session put there, which are near its end. */
function withoutNewest(lines: readonly string[], own: readonly string[]): readonly string[] {
  const others: string[] = [];
  let next = own.length - 1;
  for (const line of [...lines].reverse()) {
    if (next >= 0 && line === own[next]) next -= 1;
    else others.push(line);
  }
  return others.reverse();
}

/** Going back and forth among lines that begin with what was typed. */
export type Browsing = {
  readonly lines: readonly string[];
  readonly typed: string;
  readonly prefix: string;
  readonly at: number;
};

/** Starts behind the newest line. */
export function startBrowsing(lines: readonly string[], typed: string, cursor: number): Browsing {
  return { lines, typed, prefix: typed.slice(0, cursor), at: lines.length };
}

/** The next line in that direction (-1 older) that is another one; undefined: there is none. Behind the newest stands what was typed. */
export function browse(browsing: Browsing, direction: -1 | 1): Browsing | undefined {
  const { lines, prefix } = browsing;
  const present = lineOf(browsing);
  for (let at = browsing.at + direction; at >= 0 && at < lines.length; at += direction) {
    const line = lines[at] ?? '';
    if (line.startsWith(prefix) && line !== present) return { ...browsing, at };
  }
  return direction === 1 && browsing.at < lines.length ? { ...browsing, at: lines.length } : undefined;
}

/** The line that browsing has come to. */
export function lineOf({ lines, typed, at }: Browsing): string {
  return lines[at] ?? typed;
}
