import type { View } from '../output/view.ts';

/** The view with more warnings, in its data as well where that has them. */
export function addWarnings(view: View, warnings: readonly string[]): View {
  if (warnings.length === 0) return view;
  const all = [...(view.warnings ?? []), ...warnings];
  const data = view.data;
  const hasWarnings = data !== null && typeof data === 'object' && 'warnings' in data;
  return { ...view, warnings: all, data: hasWarnings ? { ...data, warnings: all } : data };
}
