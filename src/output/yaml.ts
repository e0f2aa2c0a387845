import { Document, visit } from 'yaml';
import { escapeJsonText, hasUnsafeCharacter } from './escape.ts';
import type { Json } from './view.ts';

/** Text that needs no quotes, unless it is one of the words that YAML 1.1 reserves: those the library knows. */
const plainText = /^[A-Za-z](?:[\w ./@-]*[\w./@-])?$/;

/**
 * One YAML document, without the last newline. Whatever could be read as a number, a date or a boolean by some
 * version of YAML is quoted, and so is text that a terminal would obey, with its characters escaped.
 */
export function renderYaml(data: Json, asciiOnly: boolean): string {
  const document = new Document(data, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value !== 'string' || isBlock(scalar.value, asciiOnly)) return;
      if (!plainText.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return escapeJsonText(document.toString({ lineWidth: 0 }).trimEnd(), asciiOnly);
}

/** Several lines of harmless text stay readable as a block. */
function isBlock(text: string, asciiOnly: boolean): boolean {
  const lines = text.split('\n');
  return lines.length > 1 && lines.every((line) => /^\S/.test(line) && !hasUnsafeCharacter(line, asciiOnly));
}
