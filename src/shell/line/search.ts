/** An incremental search from the newest line back. `at` is the line found. */
export type Searching = {
  readonly lines: readonly string[];
  readonly query: string;
  readonly at: number;
  readonly found: boolean;
};

/** Starts behind the newest line. */
export function startSearching(lines: readonly string[]): Searching {
  return { lines, query: '', at: lines.length, found: true };
}

/** The search with another query: what is found already stays while it matches. */
export function searchFor(searching: Searching, query: string): Searching {
  return findBack(
    { ...searching, query },
    query.length < searching.query.length ? searching.lines.length - 1 : searching.at,
  );
}

/** The search gone to the next older line that matches. */
export function searchOlder(searching: Searching): Searching {
  return findBack(searching, searching.at - 1);
}

function findBack(searching: Searching, from: number): Searching {
  const { lines, query, at: present } = searching;
  for (let at = Math.min(from, lines.length - 1); at >= 0; at -= 1) {
    const isAnother = lines[at] !== lines[present] || at === present;
    if (query !== '' && isAnother && lines[at]?.includes(query)) return { ...searching, at, found: true };
  }
  return { ...searching, found: query === '' };
}
