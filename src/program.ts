import { Command, CommanderError, Option } from 'commander';
import { PosternError } from './errors.ts';
import {
  defaultOptions,
  type Invocation,
  type Parsed,
  type ProcessOptions,
  qrChoices,
} from './invocation.ts';
import { findOptionValue, type ProgramOption, type ProgramWords } from './registry/complete-words.ts';

/** Put before what commander is not to read: in the command language it has a meaning of its own. */
const hidden = '\u0000';

const examples = `
Examples:
  postern auth two_factor update enabled=false    let people in on their password alone
  postern auth two_factor status                  what is asked for, and who is enrolled
  postern account user renew_2fa_secret root      a new secret, with its QR code
  postern -o json account user query              for scripts
  postern help                                    every namespace and command
`;

/** Reads the process's arguments. Errors: `usage.*`. Help and version come back as text to print. */
export function parseArguments(argv: readonly string[], version: string): Parsed {
  const completion = readCompletionCall(argv);
  if (completion) return completion;
  let invocation: Invocation = { mode: 'default' };
  const printed: string[] = [];
  const program = buildProgram(version, printed, (chosen) => {
    invocation = chosen;
  });
  try {
    program.parse(hideLanguage(argv, program), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw explain(error);
    invocation = { mode: 'print', text: printed.join('').trimEnd() };
  }
  const options = program.opts<ProcessOptions & { help?: boolean; line?: string[]; file?: string }>();
  return { invocation: chooseInvocation(invocation, options, program), options };
}

function buildProgram(version: string, printed: string[], choose: (invocation: Invocation) => void): Command {
  const program = new Command('postern')
    .description('A command shell for the two-factor authentication of this appliance.')
    .usage('[options] [COMMAND...]')
    .argument('[words...]', 'a command; without one, the interactive shell, or a script on standard input')
    .option('-c, --line <LINE>', 'run this line (repeatable, in order, stopping at the first error)', collect)
    .option('-f, --file <FILE>', 'run a script, one command a line; - is standard input')
    .option('--keep-going', 'in a script, continue after an error and exit with the worst code', false)
    .option('--state-dir <DIR>', 'use the store in this directory (also POSTERN_STATE_DIR)')
    .addOption(
      new Option('-o, --output <FORMAT>', 'output format')
        .choices(['table', 'json', 'yaml', 'csv'])
        .default('table'),
    )
    .option('-y, --yes', 'assume yes; do not ask', false)
    .option('--dry-run', 'show what would change, and change nothing', false)
    .option('--no-color', 'no colours (also NO_COLOR)')
    .addOption(new Option('--qr <MODE>', 'how QR codes are drawn').choices(qrChoices).default('auto'))
    .option('--invert', 'swap dark and light in QR codes', false)
    .option('--pager', 'show long answers through $PAGER', false)
    .helpOption(false)
    .option('-h, --help', 'show help, for a command if one is named')
    .version(version, '-V, --version', 'show the version')
    .addHelpText('after', examples)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => void printed.push(text), writeErr: () => {} })
    .action((words: string[]) => {
      if (words.length > 0) choose({ mode: 'words', words: words.map(showLanguage) });
    });
  addSubcommand(program, 'menu', 'open the numbered console menu').action(() => choose({ mode: 'menu' }));
  addSubcommand(program, 'completion', 'print a completion script')
    .argument('<shell>', 'bash, zsh or fish')
    .action((shell: string) => choose({ mode: 'completion', shell }));
  addSubcommand(program, 'reference', 'print the reference of every command')
    .addOption(
      new Option('--format <FORMAT>', 'man or markdown').choices(['man', 'markdown']).default('markdown'),
    )
    .action(({ format }: { format: string }) => choose({ mode: 'reference', format }));
  addSubcommand(program, 'timers', '', true)
    .argument('<verb>')
    .action((verb: string) =>
      choose({ mode: 'timers', verb: verb === 'wait' || verb === 'watch' ? verb : 'run' }),
    );
  return program;
}

/**
 * `complete --shell SHELL -- WORD...`, which completion scripts call: the words are what someone is typing, options
 * and `--` among them, so they are not read as our own.
 */
function readCompletionCall(argv: readonly string[]): Parsed | undefined {
  const [mode, flag, shell, dashes, ...words] = argv;
  if (mode !== 'complete' || flag !== '--shell' || shell === undefined || dashes !== '--') return undefined;
  const stateDir = findOptionValue(words.slice(0, -1), ['--state-dir']);
  const options = {
    ...defaultOptions,
    ...(stateDir === undefined ? {} : { stateDir }),
    color: false,
    qr: 'none',
  } as const;
  return { invocation: { mode: 'complete', shell, words }, options };
}

/** The options and modes of the process, for completion and the reference. */
export function describeProgram(): ProgramWords & { readonly options: readonly ProgramOption[] } {
  const program = buildProgram('', [], () => {});
  const options = program.options.map((option) => ({
    names: [option.short, option.long].filter((name) => name !== undefined) as unknown as readonly [
      string,
      ...string[],
    ],
    brief: option.description,
    label: option.flags.replace(/[<>]/g, ''),
    ...(option.required ? { value: option.argChoices ?? valueKind(option.long) } : {}),
  }));
  const modes = program.commands
    .filter((command) => command.description() !== '')
    .map((command) => ({
      names: [command.name()] as const,
      brief: command.description(),
      ...(command.name() === 'completion' ? { value: ['bash', 'zsh', 'fish'] } : {}),
    }));
  return { options, modes };
}

function valueKind(name: string | undefined): 'directory' | 'file' | 'text' {
  if (name === '--state-dir') return 'directory';
  return name === '--file' ? 'file' : 'text';
}

function addSubcommand(program: Command, name: string, brief: string, hidden = false): Command {
  return program
    .command(name, { hidden })
    .description(brief)
    .helpOption(false)
    .allowExcessArguments(false)
    .copyInheritedSettings(program);
}

function chooseInvocation(
  chosen: Invocation,
  options: { help?: boolean; line?: string[]; file?: string },
  program: Command,
): Invocation {
  if (options.help) {
    if (chosen.mode === 'words') return { mode: 'help', words: chosen.words };
    return { mode: 'print', text: `${program.helpInformation().trimEnd()}\n${examples.trimEnd()}` };
  }
  const given = [
    chosen.mode === 'words' ? 'a command' : '',
    options.line ? '-c' : '',
    options.file === undefined ? '' : '-f',
  ].filter((what) => what !== '');
  if (given.length > 1) {
    throw new PosternError({
      code: 'usage.too_many_inputs',
      message: `${given.join(' and ')} cannot be combined`,
      hint: 'postern --help',
    });
  }
  if (options.line) return { mode: 'lines', lines: options.line };
  return options.file === undefined ? chosen : { mode: 'file', file: options.file };
}

function collect(line: string, lines: string[] = []): string[] {
  return [...lines, line];
}

/** Hides from commander what belongs to the command: `--`, and behind its first word `--key=value`, which is `key=value`. */
function hideLanguage(argv: readonly string[], program: Command): readonly string[] {
  const known = program.options.map(({ long }) => long);
  const first = argv.findIndex((word) => !word.startsWith('-'));
  return argv.map((word, index) => {
    // Before the first word it only ends the options, as everywhere.
    if (first < 0 || index < first) return word;
    if (word === '--') return `${hidden}${word}`;
    const [, name] = /^(--\w[\w.]*)=/.exec(word) ?? [];
    return name === undefined || known.includes(name) ? word : `${hidden}${word.slice(2)}`;
  });
}

function showLanguage(word: string): string {
  return word.startsWith(hidden) ? word.slice(hidden.length) : word;
}

function explain(error: CommanderError): PosternError {
  const message = error.message.replace(/^error: /, '');
  const [sentence = message, ...more] = message.split('\n');
  const suggestion = /\(Did you mean (?:one of )?(.+?)\?\)/.exec(more.join(' '))?.[1];
  return new PosternError(
    {
      code: `usage.${error.code.replace(/^commander\./, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
      message: sentence.replace(/\.$/, ''),
      hint: suggestion ?? 'postern --help',
    },
    error,
  );
}
