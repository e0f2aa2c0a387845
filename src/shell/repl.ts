import { needsMoreInput } from '../language/continuation.ts';
import { runLine } from '../pipeline/run-line.ts';
import type { SessionState, World } from '../pipeline/world.ts';
import { completeLine } from '../registry/complete.ts';
import { redactLine } from '../registry/redact.ts';
import { completionSources } from './completion-sources.ts';
import { createControl } from './control.ts';
import { findOffer } from './find-offer.ts';
import type { ShellIo } from './io.ts';
import { type History, openHistory } from './line/history.ts';
import type { LineHelp } from './line/reader.ts';
import type { Shell } from './open-shell.ts';
import { describePlace, dryRunNote } from './prompt.ts';

/** How long account names that were listed for one Tab serve the next. */
const namesKeptMs = 2000;
const continuationPrompt = '... ';

/** Runs the interactive shell until it is left; the exit code. `openMenu` is what the builtin `menu` does. */
export async function runShell(world: World, shell: Shell, openMenu: () => Promise<void>): Promise<number> {
  const { io, reader } = shell;
  const state: SessionState = { location: [], navigates: true };
  const history = openHistory(io.history);
  const shellWorld = withBuiltins(world, shell, history, openMenu);
  const help = createLineHelp(() => state.location, world, history);
  if (world.options.dryRun && io.isInteractive) io.terminal.write(`${dryRunNote}\n`);
  if (io.isInteractive)
    io.terminal.write(
      io.canEdit
        ? 'help lists commands, ? shows what can follow, Tab completes, exit leaves.\n'
        : 'help lists commands, exit leaves.\n',
    );

  let unfinished = '';
  let initial = '';
  let offered = '';
  for (;;) {
    if (shell.stopCode() !== undefined || state.isLeaving) return shell.stopCode() ?? 0;
    const prompt = unfinished === '' ? describePlace(world.hostName, state.location) : continuationPrompt;
    const event = await reader.read({ prompt, initial, offered, help: help(unfinished) });
    initial = '';
    offered = '';
    switch (event.kind) {
      case 'line': {
        const text = unfinished === '' ? event.text : `${unfinished}\n${event.text}`;
        unfinished = needsMoreInput(text) ? text : '';
        if (unfinished !== '') break;
        history.add(redactLine(text, state.location, world.registry));
        const { location } = state;
        await runAndShow(text, state, shellWorld, io, (error) => {
          offered = findOffer(error, text, location, world.registry);
        });
        break;
      }
      case 'explain':
        initial = event.text;
        await runAndShow(`${event.text}?`, state, shellWorld, io);
        break;
      case 'redraw':
        break;
      case 'interrupt':
        if (event.text === '' && unfinished === '' && io.isInteractive)
          io.terminal.write('exit or Ctrl-D leaves the shell\n');
        unfinished = '';
        break;
      case 'end':
        if (unfinished === '') return shell.stopCode() ?? 0;
        unfinished = '';
        break;
      default:
        event satisfies never;
    }
  }
}

/** Runs one line and shows what came of it. Never throws; `onError` hears of an error too. */
export async function runAndShow(
  text: string,
  state: SessionState,
  world: World,
  io: ShellIo,
  onError: (error: unknown) => void = () => {},
): Promise<number> {
  const location = state.location;
  try {
    return await io.showResult(await runLine(text, state, world));
  } catch (error) {
    onError(error);
    return io.showError(error, { text, location });
  }
}

function withBuiltins(world: World, { io }: Shell, history: History, openMenu: () => Promise<void>): World {
  return Object.create(world, {
    control: {
      value: (state: SessionState) =>
        createControl(state, world, {
          mode: io.mode,
          setMode: io.setMode,
          setPager: io.setPager,
          setQr: io.setQr,
          historyLines: () => history.list(),
          clearScreen: () => {
            if (!io.terminal.clearScreenAndScrollback())
              io.terminal.write('This terminal cannot be cleared.\n');
          },
          openMenu,
        }),
    },
  }) as World;
}

/** Completion from the store as it is when Tab is pressed; `unfinished` are the lines before the present one. */
function createLineHelp(location: () => readonly string[], world: World, history: History) {
  let sources = completionSources(world);
  let listedAtMs = 0;
  let names: readonly string[] = [];
  const cached = {
    accountNames: () => {
      const nowMs = performance.now();
      if (listedAtMs === 0 || nowMs - listedAtMs > namesKeptMs) {
        sources = completionSources(world);
        names = sources.accountNames();
        listedAtMs = nowMs;
      }
      return names;
    },
    deviceNames: (username: string) => sources.deviceNames(username),
  };
  return (unfinished: string): LineHelp => {
    if (unfinished !== '') return { history };
    return {
      history,
      answersQuestions: true,
      complete: (text, cursor) => completeLine(text, cursor, location(), world.registry, cached),
    };
  };
}
