import { escapeForTerminal } from '../../output/escape.ts';
import { measureCells, padCells, wrapCells } from '../../output/width.ts';
import type { Completion } from '../../registry/candidates.ts';

const gap = '  ';

/**
 * The candidates of a completion as lines that fit the screen: each with its description where there is room for all
 * of them, else names alone in columns. The last line says how many more there are.
 */
export function listCandidates(
  completion: Completion,
  screen: { readonly columns: number; readonly rows: number },
): readonly string[] {
  const entries = completion.candidates.map(({ text, description }) => ({
    text: escapeForTerminal(text),
    description: escapeForTerminal(description),
  }));
  const room = Math.max(3, screen.rows - 3);
  const isDescribed = new Set(entries.map(({ description }) => description)).size > 1;
  const described = isDescribed ? describeEach(entries, screen.columns) : undefined;
  const lines =
    described && described.length <= room
      ? described
      : layOutNames(
          entries.map(({ text }) => text),
          screen.columns,
        );
  return addOmitted(lines.slice(0, room), completion, lines.slice(room).length, entries.length);
}

/** What all the candidates begin with. */
export function commonStart(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let length = first.length;
  for (const text of others) {
    while (!text.startsWith(first.slice(0, length))) length -= 1;
  }
  return first.slice(0, length);
}

type Entry = { readonly text: string; readonly description: string };

function describeEach(entries: readonly Entry[], columns: number): readonly string[] {
  const widest = Math.max(...entries.map(({ text }) => measureCells(text)));
  const room = columns - widest - 2 * gap.length - 1;
  if (room < 10) return entries.flatMap(({ text }) => `${gap}${text}`);
  return entries.map(({ text, description }) => {
    const [first = '', ...more] = wrapCells(description, room - (measureCells(description) > room ? 3 : 0));
    return `${gap}${padCells(text, widest)}${gap}${first}${more.length > 0 ? '...' : ''}`.trimEnd();
  });
}

function layOutNames(names: readonly string[], columns: number): readonly string[] {
  const width = Math.max(...names.map(measureCells)) + gap.length;
  const perLine = Math.max(1, Math.floor((columns - 1) / width));
  const height = Math.ceil(names.length / perLine);
  return Array.from({ length: height }, (_, row) =>
    names
      .filter((_name, index) => index % height === row)
      .map((name) => gap + padCells(name, width - gap.length))
      .join('')
      .trimEnd(),
  );
}

function addOmitted(
  lines: readonly string[],
  { omitted }: Completion,
  cut: number,
  count: number,
): readonly string[] {
  if (cut === 0 && omitted === 0) return lines;
  const what = omitted > 0 ? `${omitted + count} in all` : 'more than fit the screen';
  return [...lines, `${gap}... ${what}: type more of it and press Tab again`];
}
