import { quoteWord } from '../../language/quote.ts';
import type { Json } from '../../output/view.ts';
import type { CompiledCommand } from '../../registry/compiled.ts';
import { listKeys, showValue } from '../../registry/describe.ts';
import { valueAt } from './typed-value.ts';

/**
 * The line that would have given `input` without asking: what the audit log holds of a command whose parameters were
 * asked for. A line that was complete stays as it was typed.
 */
export function writeTypedLine(
  { spec, path, text, binding, edit }: CompiledCommand,
  input: Readonly<Record<string, Json>>,
): string {
  if (edit === undefined && binding.missing.length === 0) return text.trim();
  const pairs = listKeys(spec.params).flatMap(({ key, kind, param }) => {
    const value = valueAt(input, key);
    const isPlain = value === undefined || value === null || value === param.default;
    return isPlain ? [] : [`${key}=${quoteWord(showValue(kind, value))}`];
  });
  return [...path, ...pairs].join(' ');
}
