import { tracePamPaths } from './bypass.ts';
import { type PamLine, parsePamLines } from './lines.ts';
import type { PamPhase } from './stack.ts';

/** The PAM service of sshd, by its path. */
export const pamServicePath = '/etc/pam.d/sshd';

const begin =
  '# >>> postern: codes at SSH sign-in; `postern system enforcement remove` takes these lines out';
const end = '# <<< postern';
/** Either of them, also where someone's editor has changed the case, the blanks or the words after the name. */
const marker = /^\s*#\s*(>>>|<<<)\s*postern\b/i;
const module = 'pam_postern.so';

/** What the lines of the block say to the module. */
export type PamArguments = {
  /** Absolute path of `pam_postern.so`. */
  readonly modulePath: string;
  readonly stateDirectory: string;
  /** The Node that runs the helper, absolute; null: it runs by itself. */
  readonly node: string | null;
  /** What answers to `pam`, absolute. */
  readonly helper: string;
  /** Whom the account phase looks at who came by a key alone: all, or whoever spells a name in another way. */
  readonly keys?: 'policy' | 'spelling';
};

/**
 * The file with Postern's block. Where that leaves no way round the module, nor one to it with a wrong password, the
 * block is around the lines that ask for the password: before them a line that serves those who showed a public
 * key, after them the one that asks all others for the code. Elsewhere the code is asked for in the account phase,
 * which comes after any authentication that succeeds, whatever its rules. undefined: no line asks for a password.
 */
export function addPamBlock(
  content: string,
  args: PamArguments,
  readService: (name: string) => string | undefined,
): string | undefined {
  const forms = renderForms(content, args, readService);
  if (forms === undefined) return undefined;
  const { bypass, unguarded } = tracePamPaths(forms.around, readService);
  return bypass === null && unguarded === null ? forms.around : forms.above;
}

/**
 * Whether an older Postern left the block so, or this one for another Node: both write the same but for the programs that
 * they name, and a version that named no Node put the block around the password's lines whatever the stack.
 */
export function isOlderPamBlock(
  content: string,
  args: PamArguments,
  readService: (name: string) => string | undefined,
): boolean {
  const { node = null, helper } = readPamArguments(content);
  const modulePath = parsePamLines(content).find(runsModule)?.module;
  if (helper === undefined || modulePath === undefined) return false;
  if (node !== null && (helper !== args.helper || modulePath !== args.modulePath)) return false;
  const { keys: _, ...former } = args;
  return [former, { ...former, keys: 'policy' as const }, { ...former, keys: 'spelling' as const }].some(
    (each) => {
      const forms = renderForms(content, { ...each, modulePath, node, helper }, readService);
      return forms !== undefined && [forms.around, forms.above].includes(content);
    },
  );
}

/** The file with the block around the lines that ask for the password, and above all of them. */
function renderForms(
  content: string,
  args: PamArguments,
  readService: (name: string) => string | undefined,
): { readonly around: string; readonly above: string } | undefined {
  const clean = removePamBlock(content);
  const asking = parsePamLines(clean).filter((line) => asksForPassword(line, readService));
  const [first, last] = [asking[0], asking.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  // Before the first line of any kind, for an account rule may end its phase as well.
  const top = args.keys === undefined ? first.firstRow : (parsePamLines(clean)[0]?.firstRow ?? 0);
  const around = insertRows(clean, [
    { row: top, rows: [begin, ...renderJudgeLine(args)] },
    { row: first.firstRow, rows: [renderKeyLine(args)] },
    { row: last.lastRow + 1, rows: [renderCodeLine('auth', args), end] },
  ]);
  const rows = [begin, renderKeyLine(args), renderCodeLine('account', args), ...renderJudgeLine(args), end];
  return { around, above: insertRows(clean, [{ row: parsePamLines(clean)[0]?.firstRow ?? 0, rows }]) };
}

function insertRows(
  content: string,
  blocks: readonly { readonly row: number; readonly rows: readonly string[] }[],
): string {
  const lines = content.split('\n');
  for (const { row, rows } of [...blocks].reverse()) lines.splice(row, 0, ...rows);
  return lines.join('\n');
}

/** The file as it was before the block, byte for byte; also where the block was edited or has lost a marker. */
export function removePamBlock(content: string): string {
  const mentions = new Set<number>();
  for (const line of parsePamLines(content).filter(runsModule)) {
    for (let row = line.firstRow; row <= line.lastRow; row++) mentions.add(row);
  }
  const lines = content.split('\n');
  return lines.filter((line, row) => !marker.test(line) && !mentions.has(row)).join('\n');
}

/** Whether any line of the file runs the module. */
export function hasPamBlock(content: string): boolean {
  return parsePamLines(content).some(runsModule);
}

/** The programs that the present block names; of a block of before Node was named, no `node`. */
export function readPamArguments(content: string): { readonly node?: string; readonly helper?: string } {
  const words = parsePamLines(content).find(runsModule)?.arguments ?? [];
  const named = (key: string) => words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
  const [node, helper] = [named('node'), named('helper')];
  return { ...(node === undefined ? {} : { node }), ...(helper === undefined ? {} : { helper }) };
}

function runsModule(line: PamLine): boolean {
  return line.module.split('/').at(-1) === module;
}

/** Asks those who showed a key, and ends the authentication; all others it ignores. */
function renderKeyLine(args: PamArguments): string {
  return `auth [success=done ignore=ignore default=die] ${renderModule(args, ['after=publickey'])}`;
}

function renderCodeLine(phase: PamPhase, args: PamArguments): string {
  return `${phase} [success=ok ignore=ignore default=die] ${renderModule(args, [])}`;
}

function renderJudgeLine(args: PamArguments): readonly string[] {
  if (args.keys === undefined) return [];
  return [`account [success=ok ignore=ignore default=die] ${renderModule(args, [`keys=${args.keys}`])}`];
}

function renderModule(args: PamArguments, flags: readonly string[]): string {
  const node = args.node === null ? [] : [`node=${args.node}`];
  const words = [args.modulePath, ...flags, `state=${args.stateDirectory}`, ...node, `helper=${args.helper}`];
  return words.map(quotePamWord).join(' ');
}

/** A word with a space or bracket in it is in square brackets, its `]` escaped (pam.conf(5)). */
function quotePamWord(word: string): string {
  return /[\s[\]#]/.test(word) ? `[${word.replaceAll(']', '\\]')}]` : word;
}

function asksForPassword(line: PamLine, readService: (name: string) => string | undefined): boolean {
  if (line.type === 'auth') return true;
  if (line.type !== '@include') return false;
  const included = readService(line.control);
  // A file that cannot be read is judged by its name, which Debian gives it.
  if (included === undefined) return line.control.endsWith('auth');
  return parsePamLines(included).some((inner) => inner.type === 'auth' || inner.type === '@include');
}
