import { escapeForTerminal, escapeJsonText } from './escape.ts';
import { describeItem, describeValue, flattenFields, isList, isObject } from './readable.ts';
import { layOutRecord, layOutTable } from './table.ts';
import type { Json, JsonObject, View } from './view.ts';

export type OutputMode = 'table' | 'json' | 'yaml' | 'csv';

/** Where a view is shown. */
export type Output = {
  readonly mode: OutputMode;
  readonly isTty: boolean;
  /** Cells of a line of the terminal; of no meaning where `isTty` is false. */
  readonly columns: number;
  readonly colours: boolean;
  /** Whether the terminal shows UTF-8; of no meaning where `isTty` is false. */
  readonly utf8: boolean;
};

/**
 * The text of a view for standard output, without the last newline; empty: nothing is to be printed. No control
 * character in it comes from the data. JSON is exactly one value; nothing is cut off in any mode.
 */
export function renderView(view: View, output: Output): string | Promise<string> {
  switch (output.mode) {
    case 'table':
      return renderTable(view, output);
    case 'json':
      return renderJson(view.data, output);
    case 'yaml':
      return import('./yaml.ts').then(({ renderYaml }) => renderYaml(view.data, isForeign(output)));
    case 'csv':
      return import('./csv.ts').then(({ renderCsv }) => renderCsv(view, isForeign(output)));
    default:
      return output.mode satisfies never;
  }
}

function renderJson(data: Json, output: Output): string {
  return escapeJsonText(JSON.stringify(data, null, output.isTty ? 2 : undefined), isForeign(output));
}

function renderTable(view: View, output: Output): string {
  switch (view.shape) {
    case 'text': {
      const text = view.text ?? describeValue(view.data, 'full');
      return escapeForTerminal(text, { keepNewlines: true, asciiOnly: isForeign(output) });
    }
    case 'rows':
      return renderRows(view, output);
    case 'record':
      return isObject(view.data)
        ? renderRecord(view.data, output)
        : escapeFor(describeValue(view.data, 'full'), output);
    case 'changes':
      return renderChanges(view, output);
    default:
      return view.shape satisfies never;
  }
}

function renderRows(view: View, output: Output): string {
  const rows = isList(view.data) ? view.data.filter(isObject) : [];
  if (rows.length === 0 && output.isTty) return 'nothing found';
  const headers = view.columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => headers.map((key) => escapeFor(describeCell(row[key] ?? null), output)));
  return layOutTable(
    headers.map((key) => escapeFor(key, output)),
    cells,
    layoutOf(output),
  );
}

/** A time without its milliseconds: they take room, and are read by programs alone. */
function describeCell(value: Json): string {
  return describeValue(value).replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}Z$/, '$1Z');
}

function renderRecord(record: JsonObject, output: Output): string {
  const fields = flattenFields(record).map(
    ([key, value]) => [escapeFor(key, output), describeField(value, output)] as const,
  );
  return layOutRecord(fields, layoutOf(output));
}

/** From here on a list is easier to read, and to copy from, with a line for each item. */
const longListCharacters = 60;

/** A list of objects, or a long one, gets a line for each item: a record is where all of it is told. */
function describeField(value: Json, output: Output): string {
  const onOneLine = describeValue(value, 'full');
  const isLong = isList(value) && value.length > 1 && onOneLine.length > longListCharacters;
  if (!isList(value) || !(isLong || value.some(isObject))) return escapeFor(onOneLine, output);
  return value.map((item) => escapeFor(describeItem(item, 'full'), output)).join('\n');
}

function renderChanges(view: View, output: Output): string {
  // What a dry run adds is for programs: a person reads it below, and the diff as it is.
  const {
    changed,
    changes,
    warnings: _,
    dry_run: _d,
    diff: _f,
    ...more
  } = isObject(view.data) ? view.data : {};
  const list = isList(changes) ? changes.filter(isObject) : [];
  const lines = list.map(({ key, from, to }) => {
    // An account that comes or goes has no other value to tell.
    if (key === 'username' && (from === null || to === null))
      return escapeFor(from === null ? `created ${to}` : `deleted ${from}`, output);
    const change = `${describeValue(from ?? null, 'full')} -> ${describeValue(to ?? null, 'full')}`;
    return escapeFor(`${describeValue(key ?? null)}: ${change}`, output);
  });
  if (lines.length === 0) lines.push(changed === false ? 'unchanged' : 'changed');
  // What an enrolment holds is shown with its QR code.
  const hasMore = !view.enrolment && Object.keys(more).length > 0;
  return [...lines, ...(hasMore ? [renderRecord(more, output)] : [])].join('\n');
}

function layoutOf(output: Output) {
  return {
    columns: output.isTty && output.columns > 0 ? output.columns : undefined,
    colours: output.colours,
  };
}

function escapeFor(text: string, output: Output): string {
  return escapeForTerminal(text, { asciiOnly: isForeign(output) });
}

/** A terminal that takes the bytes of UTF-8 for something else. */
function isForeign(output: Output): boolean {
  return output.isTty && !output.utf8;
}
