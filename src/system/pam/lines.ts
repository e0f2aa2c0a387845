/** One rule of a PAM service file (pam.conf(5)), comments and continuations resolved. */
export type PamLine = {
  /** `auth`, `account`, … without its `-`; or `@include`, whose file is then in `control`. */
  readonly type: string;
  /** `required`, `[success=1 default=ignore]`, …; a word is in lower case. */
  readonly control: string;
  readonly module: string;
  readonly arguments: readonly string[];
  /** Rows of the text it covers, counted from 0. */
  readonly firstRow: number;
  readonly lastRow: number;
};

/** The rules of a service file in their order. */
export function parsePamLines(content: string): readonly PamLine[] {
  const rows = content.split('\n');
  const lines: PamLine[] = [];
  for (let row = 0; row < rows.length; row++) {
    const firstRow = row;
    let text = rows[row] ?? '';
    while (/\\\s*$/.test(text) && !text.trimStart().startsWith('#') && row + 1 < rows.length) {
      row++;
      text = `${text.replace(/\\\s*$/, ' ')}${rows[row]}`;
    }
    const words = splitPamWords(text.replace(/#.*$/, ''));
    const [type, control] = words;
    if (type === undefined || control === undefined) continue;
    lines.push({
      type: type.toLowerCase().replace(/^-/, ''),
      control: type === '@include' || control.startsWith('[') ? control : control.toLowerCase(),
      module: words[2] ?? '',
      arguments: words.slice(3),
      firstRow,
      lastRow: row,
    });
  }
  return lines;
}

/** Words as libpam splits them: white space separates, square brackets hold together. */
function splitPamWords(text: string): string[] {
  return [...text.matchAll(/\[((?:\\.|[^\]\\])*)\]|[^\s[]\S*/g)].map(([word, bracketed], index) =>
    bracketed === undefined ? word : index === 1 ? word : bracketed.replaceAll('\\]', ']'),
  );
}
