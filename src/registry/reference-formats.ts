import { wrapText } from './layout.ts';

/** A part of the reference, in no format yet. Labels and code are as typed; texts are sentences. */
export type Block =
  | { readonly kind: 'section' | 'namespace' | 'command' | 'paragraph'; readonly text: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'entries'; readonly entries: readonly (readonly [label: string, text: string])[] };

/** What the head of a manual page says; absent parts stay empty. */
export type About = {
  readonly version?: string;
  /** ISO date of the release. */
  readonly date?: string;
};

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
  return `${title.join(' ')}\n${blocks.map(writeManBlock).join('\n')}\n`;
}

function writeManBlock(block: Block, index: number, blocks: readonly Block[]): string {
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

/** The reference as Markdown (CommonMark), without the parts that only a manual page has. */
export function writeMarkdown(blocks: readonly Block[]): string {
  return `# Command reference\n\n${blocks.map(writeMarkdownBlock).join('\n\n')}\n`;
}

function writeMarkdownBlock(block: Block): string {
  switch (block.kind) {
    case 'section':
      return `## ${block.text}`;
    case 'namespace':
      return `### \`${block.text}\``;
    case 'command':
      return `#### \`${block.text}\``;
    case 'paragraph':
      return escapeMarkdown(block.text);
    case 'code':
      return ['```', ...block.lines, '```'].join('\n');
    case 'entries':
      return block.entries
        .map(([label, text]) => `- ${quoteCode(label)}: ${escapeMarkdown(text)}`)
        .join('\n');
    default:
      return block satisfies never;
  }
}

function quoteCode(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_<>[\]]/g, '\\$&');
}
