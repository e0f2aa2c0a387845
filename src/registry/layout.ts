/** Cells of a line of help: what the narrowest usual screen shows. */
export const helpColumns = 80;

const widestLabel = 28;

/** Words of `text` in lines of at most `columns` characters; a longer word has a line of its own. Keeps line breaks. */
export function wrapText(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > columns) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}

/** A usage line, wrapped, its further lines indented by four. */
export function wrapUsage(usage: string, columns: number): readonly string[] {
  return wrapText(usage, columns - 4).map((line, index) => (index === 0 ? line : `    ${line}`));
}

/**
 * `label  text` lines, indented by two, the texts aligned and wrapped to 80 columns. A label too long for the
 * alignment is on a line of its own.
 */
export function layOutEntries(
  entries: readonly (readonly [label: string, text: string])[],
): readonly string[] {
  const labels = Math.min(widestLabel, Math.max(0, ...entries.map(([label]) => label.length)));
  const margin = ' '.repeat(labels + 4);
  return entries.flatMap(([label, text]) => {
    const [first = '', ...more] = wrapText(text, helpColumns - margin.length);
    const head = `  ${label.padEnd(labels)}  `;
    const lines =
      label.length <= labels
        ? [`${head}${first}`]
        : [...wrapUsage(label, helpColumns - 2).map((line) => `  ${line}`), `${margin}${first}`];
    return [...lines, ...more.map((line) => `${margin}${line}`)].map((line) => line.trimEnd());
  });
}
