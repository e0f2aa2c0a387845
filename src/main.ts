import { createRegistry } from './commands/registry.ts';
import { isPosternError, PosternError } from './errors.ts';
import { defaultOptions, type Invocation, type Parsed, type ProcessOptions } from './invocation.ts';
import { joinArgv } from './language/argv.ts';
import { buildWorld } from './pipeline/build-world.ts';
import { runOne, runScript } from './pipeline/script.ts';
import { type Display, showError, showResult, writeNote } from './pipeline/show.ts';
import { describeDueChange, runTimers, settleDueChange } from './pipeline/timers.ts';
import type { SessionState, World } from './pipeline/world.ts';
import { createFileReader, isTerminal, writeAll } from './platform/io.ts';
import { builtinCommands } from './shell/builtins.ts';
import type { ConsoleParts } from './shell/console.ts';
import { createControl } from './shell/control.ts';
import { createDisplay } from './shell/display.ts';
import { createLazyPrompter } from './shell/lazy-prompter.ts';
import { choosePlace } from './store/place.ts';

declare const POSTERN_VERSION: string;
/** Day of the release, for the manual page. */
declare const POSTERN_DATE: string;

/** First words that are not of the command language. */
const modes: ReadonlySet<string> = new Set(['menu', 'completion', 'reference', 'complete', 'timers']);

/** Runs what the arguments ask for; the exit code. Whatever goes wrong is shown, never thrown. */
export async function main(argv: readonly string[]): Promise<number> {
  const registry = createRegistry(builtinCommands);
  let display = createDisplay({ ...defaultOptions, output: guessOutput(argv) });
  try {
    const parsed = await parseArguments(argv);
    display = createDisplay(parsed.options);
    const text = await answerWithoutStore(parsed.invocation, registry);
    if (text === undefined) return await runInWorld(parsed, registry, display);
    writeAll(1, `${text}\n`);
    return 0;
  } catch (error) {
    return showError(error, undefined, display, { registry });
  }
}

/** Words alone are a command: what reads options is loaded only where there are some, for every start waits for it. */
async function parseArguments(argv: readonly string[]): Promise<Parsed> {
  const [first] = argv;
  const isCommand = first !== undefined && !modes.has(first) && argv.every((word) => !word.startsWith('-'));
  if (isCommand) return { invocation: { mode: 'words', words: argv }, options: defaultOptions };
  return (await import('./program.ts')).parseArguments(argv, POSTERN_VERSION);
}

/** A mistake in the options is told in the format that was asked for, as far as that can be seen. */
function guessOutput(argv: readonly string[]): ProcessOptions['output'] {
  return /(^|\0)(-o\0?|--output[=\0])json(\0|$)/.test(argv.join('\0')) ? 'json' : 'table';
}

/** What needs no store, and so no right to read one. */
async function answerWithoutStore(
  invocation: Invocation,
  registry: World['registry'],
): Promise<string | undefined> {
  switch (invocation.mode) {
    case 'print':
      return invocation.text;
    case 'completion': {
      const { completionShells, renderCompletionScript } = await import('./registry/completion-scripts.ts');
      const shell = completionShells.find((known) => known === invocation.shell);
      if (shell) return renderCompletionScript(shell).trimEnd();
      throw new PosternError({
        code: 'usage.unknown_shell',
        message: `no completion script for ${invocation.shell}; there is one for ${completionShells.join(', ')}`,
        hint: 'postern completion bash',
      });
    }
    case 'reference': {
      const { renderReference } = await import('./registry/reference.ts');
      const { describeProgram } = await import('./program.ts');
      const { options } = describeProgram();
      return renderReference(registry, options, invocation.format === 'man' ? 'man' : 'markdown', {
        version: POSTERN_VERSION,
        date: POSTERN_DATE,
      }).trimEnd();
    }
    default:
      return undefined;
  }
}

async function runInWorld(
  { invocation, options }: Parsed,
  registry: World['registry'],
  plainDisplay: Display,
): Promise<number> {
  let display = plainDisplay;
  const place = choosePlace(options.stateDir, process.env, process.geteuid?.() ?? 0);
  const world = buildWorld({
    directory: place.directory,
    registry,
    options,
    version: POSTERN_VERSION,
    prompter: createLazyPrompter(),
    control: (state, itsWorld) => createControl(state, itsWorld, { mode: () => options.output }),
  });
  if (place.isTrial && isTerminal(2) && invocation.mode !== 'complete') {
    const sentence = `trial mode: this system is not touched; the store is ${place.directory}`;
    writeNote('mode', sentence, display);
  }
  if (!place.isTrial && !options.dryRun) await settleQuietly(world);
  const keepGoing = options.keepGoing;
  if (isTerminal(0) && isTerminal(1)) display = enrolByDialogue({ world, display, options });
  switch (invocation.mode) {
    case 'words':
      return runOne(
        { text: joinArgv(invocation.words), location: [] },
        { location: [], navigates: false },
        world,
        display,
      );
    case 'help':
      return runOne(
        { text: joinArgv(['help', ...invocation.words]), location: [] },
        { location: [], navigates: false },
        world,
        display,
      );
    case 'lines': {
      const lines = [...invocation.lines];
      const state: SessionState = { location: [], navigates: lines.length > 1 };
      return runScript({ file: undefined, next: () => lines.shift() }, state, world, display, keepGoing);
    }
    case 'file':
      return runFile(invocation.file, world, display, keepGoing);
    case 'default':
      if (!isTerminal(0)) return runFile('-', world, display, keepGoing);
      return (await import('./shell/interactive.ts')).startShell({ world, display, options });
    case 'menu':
      return (await import('./shell/interactive.ts')).startMenu({ world, display, options });
    case 'complete': {
      const { answerCompletion } = await import('./shell/completion.ts');
      writeAll(1, answerCompletion(invocation.words, world));
      return 0;
    }
    case 'timers':
      if (!options.dryRun) return runTimers(invocation.verb, world);
      return showResult(
        { view: describeDueChange(world), redirect: undefined, command: undefined },
        display,
        world,
      );
    default:
      throw new Error(`not a mode of the store: ${invocation.mode}`);
  }
}

/** Where someone sits, a secret is shown by its dialogue, which also asks for the first code. */
function enrolByDialogue(parts: ConsoleParts): Display {
  return {
    ...parts.display,
    enrol: async (view) => (await import('./shell/console.ts')).enrolOnConsole(view, parts),
  };
}

/** A store that cannot be read or written must not keep anybody from the line that mends it. */
async function settleQuietly(world: World): Promise<void> {
  try {
    await settleDueChange(world);
  } catch (error) {
    if (!isPosternError(error)) throw error;
  }
}

function runFile(file: string, world: World, display: Display, keepGoing: boolean): Promise<number> {
  const next = file === '-' ? world.readInputLine : createFileReader(file);
  return runScript(
    { file: file === '-' ? 'standard input' : file, next },
    { location: [], navigates: true },
    world,
    display,
    keepGoing,
  );
}
