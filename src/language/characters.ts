const bareSigns = '-_./@:+%!~\\,';
const bareAscii = Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[A-Za-z0-9]/.test(character) || bareSigns.includes(character);
});
// Marks belong to their letter (decomposed é), invisible "letters" such as the Hangul filler do not count as any.
const bareLetter = /^(?!\p{DI})[\p{L}\p{M}]$/u;
const space = /^[\p{Zs}\p{Zl}\p{Zp}]$/u;
// The joiners and variation selectors stay legal inside quotes: Persian, Indic scripts and emoji need them.
const hidden = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?!\u200c|\u200d|[\ufe00-\ufe0f])\p{DI}/u;

const names: Readonly<Record<number, string>> = {
  0: 'a NUL character',
  9: 'a tab',
  10: 'a line break',
  13: 'a carriage return',
  27: 'an escape character',
  127: 'a delete character',
  160: 'a no-break space',
  173: 'a soft hyphen',
  8203: 'a zero-width space',
  8204: 'a zero-width non-joiner',
  8205: 'a zero-width joiner',
  65279: 'a byte order mark',
  65533: 'a character that was not valid UTF-8',
};

/** The code point at `at`; half a surrogate pair is answered as itself, the end of the text as -1. */
export function codeAt(text: string, at: number): number {
  return text.codePointAt(at) ?? -1;
}

/** How many UTF-16 units the code point takes. */
export function unitsOf(code: number): number {
  return code > 0xffff ? 2 : 1;
}

/** Whether the code point may be in a word without quotes. */
export function isBare(code: number): boolean {
  return code < 128 ? bareAscii[code] === true : bareLetter.test(String.fromCodePoint(code));
}

/** The offset after the bare characters that start at `at`. Linear, with no backtracking to run out of. */
export function findBareEnd(text: string, at: number): number {
  let end = at;
  for (let code = codeAt(text, end); code >= 0 && isBare(code); code = codeAt(text, end))
    end += unitsOf(code);
  return end;
}

/** Space, tab or a line break: what separates words without complaint, or with one for the line break. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

/** A space that is none of ASCII's, such as the no-break space of a copied document. */
export function isForeignSpace(code: number): boolean {
  return code > 127 && space.test(String.fromCodePoint(code));
}

/** Such a space that separates words: all but the separators of lines and paragraphs. */
export function isForeignBlank(code: number): boolean {
  return isForeignSpace(code) && code !== 0x2028 && code !== 0x2029;
}

/** Control, bidi, zero-width and broken characters: never typed on purpose, so they are written as escapes. */
export function isHidden(code: number): boolean {
  if (code < 127) return code < 32 && !isBlank(code);
  return hidden.test(String.fromCodePoint(code));
}

/** Where in `text` the first character stands that must be written as an escape inside quotes; -1: nowhere. */
export function findHidden(text: string): number {
  return text.search(hidden);
}

/** `text` with every such character written as its JSON escape. */
export function escapeHidden(text: string): string {
  return text.replace(new RegExp(hidden, 'gu'), (found) =>
    Array.from({ length: found.length }, (_, i) => `\\u${hex(found.charCodeAt(i))}`).join(''),
  );
}

/** The character for a message: itself where it can be seen, else its name and code point. */
export function describeCharacter(code: number): string {
  const character = String.fromCodePoint(code);
  if (code > 32 && code < 127) return character;
  if (names[code] === undefined && !isHidden(code) && !isForeignSpace(code)) {
    return `${character} (U+${hex(code).toUpperCase()})`;
  }
  return `${names[code] ?? nameHidden(code)} (U+${hex(code).toUpperCase()})`;
}

function nameHidden(code: number): string {
  if (code >= 0xd800 && code <= 0xdfff) return 'half a surrogate pair';
  if (/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(String.fromCodePoint(code))) {
    return 'a mark of text direction';
  }
  if (isForeignSpace(code)) return 'a space that is not the plain one';
  return code < 160 ? 'a control character' : 'an invisible character';
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0');
}
