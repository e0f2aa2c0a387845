/** Text with its escapes read; `badAt` is the offset of the first backslash that begins none, else -1. */
export type Escaped = { readonly text: string; readonly badAt: number };

const simple: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Reads the escapes of RFC 8259 section 7; a backslash that begins none stays as it is. */
export function readEscapes(content: string): Escaped {
  let badAt = -1;
  const text = content.replace(/\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))?/g, (found, hex, letter, at) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (letter !== undefined) return simple[letter] as string;
    if (badAt < 0) badAt = at;
    return found;
  });
  return { text, badAt };
}
