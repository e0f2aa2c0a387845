import type { Block } from './reference-text.ts';

/** The reference as Markdown (CommonMark), without the parts that only a manual page has. */
export function writeMarkdown(blocks: readonly Block[]): string {
  return `# Command reference\n\n${blocks.map(writeBlock).join('\n\n')}\n`;
}

function writeBlock(block: Block): string {
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
