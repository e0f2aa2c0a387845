const integer = /^[+-]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|\d+)$/;
const durationParts = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/i;
const booleans = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['1', true],
  ['0', false],
]);

/** The integer that `text` writes in decimal, as 0x1F or as 0o17, with a sign or none; undefined if it is none. */
export function readInteger(text: string): number | undefined {
  if (!integer.test(text)) return undefined;
  const isNegative = text.startsWith('-');
  const value = Number(text.replace(/^[+-]/, ''));
  // Beyond this an integer would silently become another one.
  if (!Number.isSafeInteger(value)) return undefined;
  return isNegative && value !== 0 ? -value : value;
}

/** true, yes, on, 1, false, no, off or 0 in any case as a boolean; undefined for anything else. */
export function readBoolean(text: string): boolean | undefined {
  return booleans.get(text.toLowerCase());
}

/** Whether the text stands for nothing: null, and None of the older generation. */
export function readNull(text: string): boolean {
  return text === 'null' || text === 'NULL' || text === 'None';
}

/** Seconds of `90s`, `30m`, `2h`, `1d`, `1h30m` or a plain number of seconds; undefined for anything else. */
export function readDurationSeconds(text: string): number | undefined {
  if (/^\d+$/.test(text)) return readInteger(text);
  const parts = durationParts.exec(text);
  if (text === '' || parts === null) return undefined;
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The items of a comma list, blanks around them taken off; an empty text is a list of none. */
export function splitList(text: string): readonly string[] {
  return text.trim() === '' ? [] : text.split(',').map((item) => item.trim());
}
