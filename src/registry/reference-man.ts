import { wrapText } from './layout.ts';
import type { About, Block } from './reference-text.ts';

/** mandoc finds fault with lines of more than 80 bytes; escapes take some. */
const inputColumns = 66;

/** The reference as a manual page for section 8, in the macros of man(7) that groff and mandoc share. */
export function writeMan(blocks: readonly Block[], { version = '', date = '' }: About): string {
  const title = [
    '.TH POSTERN 8',
    `"${date}"`,
    quote(`postern ${version}`.trim()),
    quote('System administration'),
  ];
  return `${title.join(' ')}\n${blocks.map(writeBlock).join('\n')}\n`;
}

function writeBlock(block: Block, index: number, blocks: readonly Block[]): string {
  const before = blocks[index - 1]?.kind;
  // A macro for a new paragraph right behind a heading is one too many.
  const isFirst = before === 'section' || before === 'namespace' || before === 'command';
  switch (block.kind) {
    case 'section':
      return `.SH ${quote(block.text.toUpperCase())}`;
    case 'namespace':
      return `.SH ${quote(block.text)}`;
    case 'command':
      return `.SS ${quote(block.text)}`;
    case 'paragraph':
      return `${isFirst ? '' : '.PP\n'}${escapeText(block.text)}`;
    case 'code':
      return [...(isFirst ? [] : ['.PP']), '.RS 2', '.nf', ...block.lines.map(bold), '.fi', '.RE'].join('\n');
    case 'entries':
      return block.entries.map(([label, text]) => `.TP\n${bold(label)}\n${escapeText(text)}`).join('\n');
    default:
      return block satisfies never;
  }
}

function bold(text: string): string {
  return `.B ${quote(text)}`;
}

/** A macro's argument; `""` stands for one quote in it. */
function quote(text: string): string {
  return `"${escapeRoff(text).replaceAll('"', '""')}"`;
}

/** Text in short lines, none of which a dot or quote at its beginning turns into a request. */
function escapeText(text: string): string {
  return wrapText(text, inputColumns)
    .map((line) => escapeRoff(line).replace(/^[.']/, '\\&$&'))
    .join('\n');
}

/** Signs that roff would take for something else, or print as their typographic kin, which nobody can type. */
function escapeRoff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('\n', ' ');
}
