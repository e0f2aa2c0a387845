/** Half-open range of UTF-16 offsets into a line: `start` is the first unit, `end` the one after the last. */
export type Span = { readonly start: number; readonly end: number };

/** One span that covers both. */
export function joinSpans(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
