import type { Enrolment } from '../domain/two-factor/enrol.ts';
import type { Json, JsonObject } from '../json.ts';

export type { Json, JsonObject } from '../json.ts';

/**
 * What a command answers. `data` is the exact value of `-o json`; the other fields say how it is shown
 * to a person.
 * - `record`: an object, a key a line
 * - `rows`: an array of objects, as a table of `columns`
 * - `changes`: `{changed, changes: [{key, from, to}], warnings}` and more: "key: from -> to", or "unchanged"
 * - `text`: `text` as it is
 */
export type View = {
  readonly shape: 'record' | 'rows' | 'changes' | 'text';
  readonly data: Json;
  /** Columns of `rows`, in order. Default: the keys of the first row. */
  readonly columns?: readonly string[];
  /** What `text` shows in table mode; may have many lines; no trailing newline. */
  readonly text?: string;
  /** One sentence each, to standard error. */
  readonly warnings?: readonly string[];
  /** More text after the answer in table mode: the diff of a dry run. */
  readonly appendix?: string;
  readonly enrolment?: Enrolment;
  /** 1 when the answer is a refusal that is still a value (a wrong code). Default 0. */
  readonly exitCode?: 0 | 1;
};

/** The answer of a change: every `{key, from, to}` of it; `more` stands beside them in the data. */
export function changesView(
  changes: readonly JsonObject[],
  warnings: readonly string[] = [],
  more: JsonObject = {},
): View & { readonly data: JsonObject } {
  return { shape: 'changes', data: { changed: changes.length > 0, changes, warnings, ...more }, warnings };
}

/** The view with more warnings, in its data as well where that has them. */
export function addWarnings(view: View, warnings: readonly string[]): View {
  if (warnings.length === 0) return view;
  const all = [...(view.warnings ?? []), ...warnings];
  const data = view.data;
  const hasWarnings = data !== null && typeof data === 'object' && 'warnings' in data;
  return { ...view, warnings: all, data: hasWarnings ? { ...data, warnings: all } : data };
}
