/*
 * What a terminal obeys or hides: C0, DEL, C1 (8-bit CSI among them), soft hyphen, zero-width and bidi marks, line
 * separators, invisible fillers, variation selectors, tags, lone surrogates, and the rest that Unicode calls
 * ignorable.
 */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Default_Ignorable_Code_Point}\p{Cf}\p{Surrogate}]/gu;
const unsafeOrForeign =
  /[\u0000-\u001f\u007f-\u{10ffff}\u2028\u2029\p{Default_Ignorable_Code_Point}\p{Cf}\p{Surrogate}]/gu;
const plainAscii = /^[\x20-\x7e]*$/;

export type EscapeOptions = {
  /** Newlines stay what they are. */
  readonly keepNewlines?: boolean;
  /** Everything beyond ASCII is escaped too: on an 8-bit terminal the bytes of UTF-8 can be control characters. */
  readonly asciiOnly?: boolean;
};

/** The text with every character that a terminal would obey or hide written visibly: `\x1b`, `\u202e`. */
export function escapeForTerminal(text: string, options: EscapeOptions = {}): string {
  if (plainAscii.test(text)) return text;
  const pattern = options.asciiOnly ? unsafeOrForeign : unsafe;
  return text.replace(pattern, (character) =>
    options.keepNewlines && character === '\n' ? character : nameCharacter(character),
  );
}

/** JSON text with the characters that a terminal would obey or hide as `\uXXXX`: the same value to every reader. */
export function escapeJsonText(json: string, asciiOnly = false): string {
  if (plainAscii.test(json)) return json;
  return json.replace(asciiOnly ? unsafeOrForeign : unsafe, (character) =>
    character === '\n' ? character : escapeUnits(character),
  );
}

/** Whether the text holds a character that a terminal would obey or hide, newlines and tabs included. */
export function hasUnsafeCharacter(text: string, asciiOnly = false): boolean {
  if (plainAscii.test(text)) return false;
  return text.search(asciiOnly ? unsafeOrForeign : unsafe) >= 0;
}

function nameCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
