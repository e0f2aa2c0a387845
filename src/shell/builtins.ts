import { text } from '../registry/kinds.ts';
import { type CommandSpec, defineCommand } from '../registry/spec.ts';
import { displayBuiltins } from './display-builtins.ts';

const pathParam = {
  kind: text('words of a path', 'auth two_factor', { check: findPathFault }),
  brief: 'a namespace or command; default: where you are',
  positional: true,
  rest: true,
  completes: 'path',
} as const;

const help = defineCommand({
  path: ['help'],
  aliases: [['man']],
  brief: 'Show help for a command or namespace; "help all" lists all.',
  effect: 'session',
  params: { path: pathParam },
  examples: [
    { line: 'help', note: 'An overview, on one screen.' },
    { line: 'help all', note: 'All commands (about four screens).' },
    { line: 'help auth two_factor update', note: 'Its purpose, parameters and examples.' },
  ],
  run: ({ path }, session) => session.help(path),
});

const ls = defineCommand({
  path: ['ls'],
  brief: 'List what can be typed here, or at a path.',
  effect: 'session',
  params: { path: pathParam },
  examples: [
    { line: 'ls', note: 'What can be typed here.' },
    { line: 'ls account user', note: 'The commands for accounts.' },
  ],
  run: ({ path }, session) => session.list(path),
});

const exit = defineCommand({
  path: ['exit'],
  aliases: [['quit']],
  brief: 'Leave the shell (so does Ctrl-D).',
  effect: 'session',
  params: {},
  examples: [{ line: 'exit', note: "From the menu's shell, this returns to the menu." }],
  run: (_input, session) => {
    session.leave();
    return undefined;
  },
});

const menu = defineCommand({
  path: ['menu'],
  brief: 'Open the numbered menu.',
  effect: 'session',
  params: {},
  examples: [{ line: 'menu', note: 'Each item shows the line it runs.' }],
  run: async (_input, session) => {
    await session.openMenu();
    return undefined;
  },
});

const history = defineCommand({
  path: ['history'],
  brief: 'List the lines typed before, without their secrets.',
  effect: 'session',
  params: {},
  examples: [{ line: 'history', note: 'Up and Ctrl-R find them too.' }],
  run: (_input, session) => {
    const lines = session.historyLines();
    const width = String(lines.length).length;
    const numbered = lines.map((line, index) => `${String(index + 1).padStart(width)}  ${line}`);
    return { shape: 'text', text: numbered.join('\n'), data: lines };
  },
});

function findPathFault(typed: string): string | undefined {
  return /^[\w./ -]*$/.test(typed) ? undefined : 'contains a character that no path has';
}

/** The commands that answer from every namespace and change the session, not the appliance. */
export const builtinCommands: readonly CommandSpec[] = [help, ls, exit, menu, history, ...displayBuiltins];
