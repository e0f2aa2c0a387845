/** One key press, as node:readline names it. */
export type Key = {
  /** `left`, `return`, `a` …; undefined for characters that have no name. */
  readonly name: string | undefined;
  readonly ctrl: boolean;
  readonly meta: boolean;
  /** The character that it types; empty: none. */
  readonly text: string;
  /** It is part of something pasted: it means itself, and is no command to the editor. */
  readonly pasted: boolean;
};

/** `ctrl-left`, `meta-b`, `return`; a plain character has no chord. */
export function nameChord({ name, ctrl, meta, text }: Key): string | undefined {
  if (name === undefined || (text !== '' && !ctrl && !meta)) return undefined;
  return `${ctrl ? 'ctrl-' : ''}${meta ? 'meta-' : ''}${name}`;
}
