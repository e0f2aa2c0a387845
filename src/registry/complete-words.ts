import { joinArgv } from '../language/argv.ts';
import type { Candidate } from './candidates.ts';
import { type CompletionSources, completeLine } from './complete.ts';
import type { Registry } from './tree.ts';

/** An option of the process, or a word that starts one of its modes: `-o`, `menu`. */
export type ProgramWord = {
  /** Every spelling: `['-o', '--output']`. */
  readonly names: readonly [string, ...string[]];
  readonly brief: string;
  /** What its own word behind it is; absent: it has none. */
  readonly value?: readonly string[] | 'directory' | 'file' | 'text';
};

/** An option as a manual shows it: `-o, --output FORMAT`. */
export type ProgramOption = ProgramWord & { readonly label: string };

/** What the process takes besides a command line. */
export type ProgramWords = {
  readonly options: readonly ProgramWord[];
  readonly modes: readonly ProgramWord[];
};

/** The value of an option among the words before the cursor: `--state-dir` decides whose accounts are completed. */
export function findOptionValue(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const equals = word.indexOf('=');
    if (names.includes(word)) return words[index + 1];
    if (word.startsWith('--') && names.includes(word.slice(0, equals))) return word.slice(equals + 1);
  }
  return undefined;
}

/**
 * What a shell's completion script reads, a line each. `words` are those behind the program's name up to the cursor,
 * the last one as far as it is typed. `WORD<tab>DESCRIPTION`: a word that can take the place of the last one.
 * `:files` and `:directories`: the shell's own completion of names. `:note TEXT`: what is expected, where it cannot be
 * listed. Words that would not survive such a line are left out.
 */
export function completeWords(
  words: readonly string[],
  registry: Registry,
  program: ProgramWords,
  sources: CompletionSources,
): readonly string[] {
  const word = words.at(-1) ?? '';
  const { pending, rest } = skipOptions(words.slice(0, -1), program.options);
  if (pending) return completeOptionValue(pending, word, '');
  const equals = word.indexOf('=');
  const long =
    word.startsWith('--') && equals > 0 ? findWord(program.options, word.slice(0, equals)) : undefined;
  if (long) return completeOptionValue(long, word.slice(equals + 1), word.slice(0, equals + 1));
  const mode = findWord(program.modes, rest[0] ?? '');
  if (mode) return rest.length === 1 ? completeOptionValue(mode, word, '') : [];

  const head = joinArgv(rest);
  const line = head === '' ? word : `${head} ${word}`;
  const { from, candidates, note, files } = completeLine(line, line.length, [], registry, sources);
  if (files) return [':files'];
  const kept = line.slice(line.length - word.length, from);
  const own = candidates.map(({ text, description }) => ({ text: kept + text, description }));
  const lines = [...completeProgramWords(word, rest, program), ...own].filter(isOneWord).map(toOutput);
  return lines.length === 0 && note !== undefined ? [`:note ${note}`] : lines;
}

function completeProgramWords(
  word: string,
  rest: readonly string[],
  program: ProgramWords,
): readonly Candidate[] {
  if (word.startsWith('-')) {
    return program.options.flatMap(({ names, brief }) =>
      names.filter((name) => name.startsWith(word)).map((text) => ({ text, description: brief })),
    );
  }
  if (rest.length > 0) return [];
  return program.modes.flatMap(({ names: [text], brief }) =>
    text.startsWith(word) ? [{ text, description: brief }] : [],
  );
}

function completeOptionValue({ value, brief }: ProgramWord, word: string, before: string): readonly string[] {
  if (value === 'directory') return [':directories'];
  if (value === 'file') return [':files'];
  if (value === undefined || typeof value === 'string') return [];
  return value
    .filter((text) => text.startsWith(word))
    .map((text) => toOutput({ text: before + text, description: brief }));
}

/** The words without the process's options; `pending` is the option that the next word belongs to. */
function skipOptions(
  words: readonly string[],
  options: readonly ProgramWord[],
): { readonly pending: ProgramWord | undefined; readonly rest: readonly string[] } {
  const rest: string[] = [];
  let pending: ProgramWord | undefined;
  for (const word of words) {
    if (pending) {
      pending = undefined;
      continue;
    }
    const option = findWord(options, word);
    if (option) pending = option.value === undefined ? undefined : option;
    else if (!/^-[\w-]/.test(word)) rest.push(word);
  }
  return { pending, rest };
}

function findWord(words: readonly ProgramWord[], typed: string): ProgramWord | undefined {
  return words.find(({ names }) => names.includes(typed));
}

/** Blanks are in quotes only, and nothing in it is a sign of the protocol. */
function isOneWord({ text }: Candidate): boolean {
  const outside = text.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '');
  return !/\s/.test(outside) && !/[\p{Cc}\p{Cs}]/u.test(text) && !text.startsWith(':');
}

function toOutput({ text, description }: Candidate): string {
  return `${text}\t${description.replace(/[\s\p{Cc}]+/gu, ' ')}`;
}
