import type { Arguments, NamedArgument, Redirect, Value } from './ast.ts';
import { findBareEnd } from './characters.ts';
import { isKey, readChunk, readValue } from './lex.ts';
import { addFault, finishProblems } from './repair.ts';
import { endsWord, openSource, type Source, skipBlanks, skipComment, skipPlainBlanks } from './source.ts';
import type { Span } from './span.ts';

/**
 * All that follows offset `from`: positionals, `key=value`, `--`, `> file`, `?` and a comment. Reports every
 * problem at once and keeps what it could read.
 */
export function parseArguments(text: string, from: number): Arguments {
  const { faults, ...rest } = scanArguments(text, from);
  const problems = finishProblems(
    text,
    faults,
    (line) => scanArguments(line, from).faults.problems.length === 0,
  );
  return { ...rest, problems };
}

type Scanned = {
  readonly source: Source;
  readonly faults: Source['faults'];
  readonly positionals: Value[];
  readonly named: NamedArgument[];
  edit: Arguments['edit'];
  help: Span | undefined;
  redirect: Redirect | undefined;
};

/** The same with its faults as they are found, for those who need no hints. */
export function scanArguments(text: string, from: number): Omit<Scanned, 'source'> {
  const source = openSource(text);
  const scanned: Scanned = {
    source,
    faults: source.faults,
    positionals: [],
    named: [],
    edit: undefined,
    help: undefined,
    redirect: undefined,
  };
  for (let at = skipBlanks(source, from); at < source.end; at = skipBlanks(source, at)) {
    at = scanNext(scanned, at);
  }
  const { source: _, ...rest } = scanned;
  return rest;
}

function scanNext(scanned: Scanned, at: number): number {
  const { source } = scanned;
  const { text } = source;
  if (at === source.helpAt) {
    scanned.help = { start: at, end: at + 1 };
    return at + 1;
  }
  if (text[at] === '#') return skipComment(source, at);
  if (text[at] === '>') return scanRedirect(scanned, at);
  if (text.startsWith('--', at)) return scanEdit(scanned, at);
  const chunk = readSpacedChunk(source, at);
  if (scanned.redirect !== undefined || scanned.edit !== undefined) {
    const message = `nothing may follow ${scanned.redirect === undefined ? '-- but edit' : '> file'}`;
    const hint = `move ${scanned.redirect === undefined ? '--' : '> file'} to the end of the line`;
    addFault(source.faults, { code: 'parse.after_end', message, span: chunk.span, hint }, undefined);
  }
  if (chunk.key !== undefined) {
    const { key, value, span } = chunk;
    scanned.named.push({ key: key.text, keySpan: key.span, value, span });
  } else if (chunk.value !== undefined) scanned.positionals.push(chunk.value);
  return Math.max(chunk.span.end, at + 1);
}

/** Reads a chunk; in `key = value` the blanks mean nothing. */
export function readSpacedChunk(source: Source, at: number): ReturnType<typeof readChunk> {
  const chunk = readChunk(source, at);
  const { key, value } = chunk;
  const next = skipPlainBlanks(source.text, chunk.span.end);
  if (key === undefined && value?.kind === 'bare' && isKey(value.text) && isSpacedEquals(source, next)) {
    return readLateValue(
      source,
      { text: value.text, span: value.span },
      skipPlainBlanks(source.text, next + 1),
    );
  }
  if (key !== undefined && value === undefined && next > chunk.span.end && startsValue(source, next)) {
    return readLateValue(source, key, next);
  }
  return chunk;
}

/** Whether a `=` that sets a key is at `at`. */
export function isSpacedEquals(source: Source, at: number): boolean {
  return at < source.end && source.text[at] === '=' && source.text[at + 1] !== '=';
}

/** Whether a lone value follows, rather than the next `key=`, a sign of the line, or nothing. */
function startsValue(source: Source, at: number): boolean {
  const { text, end } = source;
  if (at >= end || at === source.helpAt || '>#='.includes(text[at] as string) || text.startsWith('--', at))
    return false;
  const bareEnd = findBareEnd(text, at);
  return text[bareEnd] !== '=' && !isSpacedEquals(source, skipPlainBlanks(text, bareEnd));
}

function readLateValue(
  source: Source,
  key: { text: string; span: Span },
  at: number,
): ReturnType<typeof readChunk> {
  const { value, end } = readValue(source, at, true);
  return { key, value, span: { start: key.span.start, end } };
}

function scanRedirect(scanned: Scanned, start: number): number {
  const { source } = scanned;
  let at = start + 1;
  if (source.text[at] === '>' && at < source.end) {
    const span = { start: at, end: at + 1 };
    const message = 'output goes to a new file; it is never appended';
    addFault(source.faults, { code: 'parse.append', message, span, hint: 'type one >' }, { span, text: '' });
    at++;
  }
  at = skipBlanks(source, at);
  const { value, end } = at === source.helpAt ? { value: undefined, end: at } : readValue(source, at, true);
  const span = { start, end };
  if (scanned.redirect !== undefined) {
    const message = 'output goes to one file';
    const hint = 'keep one > file';
    addFault(source.faults, { code: 'parse.redirect_twice', message, span, hint }, undefined);
  } else if (value !== undefined && 'text' in value && value.text !== '') {
    scanned.redirect = { path: value.text, span };
    // A file of that name is hardly meant: key>value, or >key=value, is.
    if (value.text.includes('=')) source.faults.repairable = false;
  } else {
    const message = 'a file name is expected after >';
    const hint = 'type > and the path of a new file';
    const caret = { start, end: start + 1 };
    addFault(source.faults, { code: 'parse.redirect_file', message, span: caret, hint }, undefined);
  }
  return Math.max(end, start + 1);
}

function scanEdit(scanned: Scanned, at: number): number {
  const { source } = scanned;
  if (!endsWord(source, at + 2) && source.text[at + 2] !== '>') return scanOption(scanned, at);
  scanned.edit = 'prompt';
  const next = skipBlanks(source, at + 2);
  if (!source.text.startsWith('edit', next) || !endsWord(source, next + 4)) return at + 2;
  scanned.edit = 'editor';
  return next + 4;
}

/** `--key=value`, as other programs have it: whether the key is one, the registry knows. */
function scanOption(scanned: Scanned, at: number): number {
  const { source } = scanned;
  const { key, value, span } = readChunk(source, at + 2);
  const flag = value?.kind === 'bare' && isKey(value.text) ? value : undefined;
  if (key !== undefined) {
    const keySpan = { start: at, end: key.span.end };
    scanned.named.push({ key: key.text, keySpan, dashed: true, value, span: { start: at, end: span.end } });
  } else if (flag !== undefined) {
    const keySpan = { start: at, end: flag.span.end };
    scanned.named.push({ key: flag.text, keySpan, dashed: true, value: undefined, span: keySpan });
  } else {
    const message = 'options go before the command';
    const hint = 'type postern, the options, then the command; or -- alone to be asked for each parameter';
    const wrong = { start: at, end: span.end };
    addFault(source.faults, { code: 'parse.option', message, span: wrong, hint }, undefined);
  }
  return Math.max(span.end, at + 2);
}
