import type { Json } from '../json.ts';

export type { Json, JsonObject } from '../json.ts';

/** A secret to show once: drawn as a QR code that this terminal can show, always with key, parameters and URI. */
export type Enrolment = {
  readonly username: string;
  readonly device: string;
  /** Base32, upper case, no padding. */
  readonly secret: string;
  readonly uri: string;
  readonly digits: number;
  readonly periodSeconds: number;
  /** Plain recovery codes, empty where none were made. */
  readonly recoveryCodes: readonly string[];
};

/**
 * What a command answers. `data` is the exact value of `-o json`; the other fields say how it is shown
 * to a person.
 * - `record`: an object, a key a line
 * - `rows`: an array of objects, as a table of `columns`
 * - `changes`: `{changed, changes: [{key, from, to}], warnings}` and more: "key: from -> to", or "unchanged"
 * - `text`: `text` as it stands
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
