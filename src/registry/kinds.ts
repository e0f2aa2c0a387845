/** The sort of value a parameter takes. It alone decides how the text that was typed is read. */
export type Kind =
  /** `null`, where it is allowed, means what is said there. */
  | { readonly kind: 'boolean'; readonly null?: string }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number; readonly unit?: string }
  /** `zero`, where 0 is allowed as well, says what it means. */
  | {
      readonly kind: 'duration';
      readonly minSeconds: number;
      readonly maxSeconds: number;
      readonly zero?: string;
    }
  /** Texts between commas; `[]` and `null` are none. */
  | { readonly kind: 'list'; readonly what: string; readonly example: string; readonly check?: TextCheck }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | {
      readonly kind: 'text';
      readonly what: string;
      readonly example: string;
      readonly maxLength?: number;
      readonly check?: TextCheck;
    }
  | { readonly kind: 'object'; readonly fields: { readonly [name: string]: Kind } };

/** Answers what is wrong with the text, as the rest of a sentence: "holds a '/'". */
export type TextCheck = (text: string) => string | undefined;

/** The type of a value that a kind has read: seconds for a duration. */
export type ValueOf<K extends Kind> = K extends { kind: 'boolean'; null: string }
  ? boolean | null
  : K extends { kind: 'boolean' }
    ? boolean
    : K extends { kind: 'integer' | 'duration' }
      ? number
      : K extends { kind: 'choice'; options: readonly (infer O)[] }
        ? O
        : K extends { kind: 'list' }
          ? readonly string[]
          : K extends { kind: 'object'; fields: infer F extends { readonly [name: string]: Kind } }
            ? { readonly [N in keyof F]?: ValueOf<F[N]> }
            : string;

export const boolean = { kind: 'boolean' } as const;
/** `meaning` says what null stands for: "as in sshd_config". */
export const nullableBoolean = (meaning: string) => ({ kind: 'boolean', null: meaning }) as const;
export const integer = <const R extends { min: number; max: number; unit?: string }>(range: R) =>
  ({ kind: 'integer', ...range }) as const;
export const duration = (range: { minSeconds: number; maxSeconds: number; zero?: string }) =>
  ({ kind: 'duration', ...range }) as const;
/** `what` names what is listed, in the plural; `check` judges each. */
export const list = (what: string, example: string, check?: TextCheck) =>
  ({ kind: 'list', what, example, ...(check ? { check } : {}) }) as const;
export const choice = <const O extends readonly string[]>(...options: O) =>
  ({ kind: 'choice', options }) as const;
export const object = <const F extends { readonly [name: string]: Kind }>(fields: F) =>
  ({ kind: 'object', fields }) as const;
/** `what` names what is expected, with its article: "a user name"; `example` is a value that hints can show. */
export const text = (what: string, example: string, more: { maxLength?: number; check?: TextCheck } = {}) =>
  ({ kind: 'text', what, example, ...more }) as const;

/** What a kind expects, as a phrase that completes "expects …". */
export function describeKind(kind: Kind): string {
  switch (kind.kind) {
    case 'boolean':
      return kind.null === undefined ? 'true or false' : `true, false, or null (${kind.null})`;
    case 'integer':
      return `a whole number from ${kind.min} to ${kind.max}${kind.unit ? ` (${kind.unit})` : ''}`;
    case 'duration':
      return `a duration such as 30m (${showDuration(kind.minSeconds)} to ${showDuration(kind.maxSeconds)}${kind.zero === undefined ? '' : `; 0: ${kind.zero}`})`;
    case 'list':
      return `${kind.what} between commas, or [] for none`;
    case 'choice':
      return `one of ${kind.options.join(', ')}`;
    case 'text':
      return kind.maxLength === undefined ? kind.what : `${kind.what}, at most ${kind.maxLength} characters`;
    case 'object':
      return `an object with ${Object.keys(kind.fields).join(', ')}`;
    default:
      return kind satisfies never;
  }
}

/** A short name of a kind, for tables of parameters. */
export function nameKind(kind: Kind): string {
  switch (kind.kind) {
    case 'boolean':
      return kind.null === undefined ? 'true|false' : 'true|false|null';
    case 'integer':
      return `${kind.min}..${kind.max}`;
    case 'duration':
      return 'duration';
    case 'choice':
      return kind.options.join('|');
    case 'text':
      return 'text';
    case 'list':
      return 'list';
    case 'object':
      return `{${Object.keys(kind.fields).join(', ')}}`;
    default:
      return kind satisfies never;
  }
}

/** Seconds as 90s, 30m, 2h, 1d: the largest unit that divides them. */
export function showDuration(seconds: number): string {
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}

/** The values a kind can be completed to; empty where they cannot be listed. */
export function listChoices(kind: Kind): readonly string[] {
  if (kind.kind === 'boolean') return ['true', 'false', ...(kind.null === undefined ? [] : ['null'])];
  return kind.kind === 'choice' ? kind.options : [];
}
