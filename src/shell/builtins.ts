import { PosternError } from '../errors.ts';
import { suggest } from '../language/suggest.ts';
import { renderFirstHelp, renderHelp, renderListing } from '../registry/help.ts';
import { text } from '../registry/kinds.ts';
import { type CommandSpec, defineCommand, type SessionControl } from '../registry/spec.ts';
import { findNamespace, listWords, type Namespace } from '../registry/tree.ts';
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
  run: ({ path }, session) => {
    const shown =
      path === undefined
        ? renderFirstHelp(session.registry)
        : renderHelp(path === 'all' ? session.registry : findTarget(path, session));
    return { shape: 'text', text: shown, data: shown };
  },
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
  run: ({ path }, session) => {
    const target = path === undefined ? hereOf(session) : findTarget(path, session);
    if ('params' in target) {
      const { path: words, brief } = target;
      return {
        shape: 'text',
        text: `${words.join(' ')}  ${brief}`,
        data: [{ word: words.at(-1) ?? '', kind: 'command', brief }],
      };
    }
    const data = listWords(target).map(({ word, brief, isNamespace }) => ({
      word,
      kind: isNamespace ? 'namespace' : 'command',
      brief,
    }));
    return { shape: 'text', text: renderListing(target), data };
  },
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

function hereOf({ registry, location }: SessionControl): Namespace {
  return findNamespace(registry, location) ?? registry.root;
}

/** What a path leads to: from here, else from the root, else a builtin. Error: `resolve.unknown_word`. */
function findTarget(path: string, session: SessionControl): CommandSpec | Namespace {
  const { registry, location } = session;
  const isAbsolute = path.startsWith('/');
  const words = path.replace(/^\//, '').trim().split(/\s+/).filter(Boolean);
  const ups = words.findIndex((word) => word !== '..');
  const up = ups < 0 ? words.length : ups;
  const start = isAbsolute ? [] : location.slice(0, Math.max(0, location.length - up));
  const rest = words.slice(up);
  const first = rest[0] ?? '';
  const target =
    follow(findNamespace(registry, start), rest) ??
    follow(registry.root, rest) ??
    (rest.length === 1 ? registry.builtins.get(first) : undefined);
  if (target) return target;
  throw explainUnknown(rest, session);
}

function follow(start: Namespace | undefined, words: readonly string[]): CommandSpec | Namespace | undefined {
  let at = start;
  for (const [index, word] of words.entries()) {
    const spec = at?.commands.get(word);
    if (spec) return index === words.length - 1 ? spec : undefined;
    at = at?.namespaces.get(word);
  }
  return at;
}

function explainUnknown(words: readonly string[], { registry }: SessionControl): PosternError {
  let namespace = registry.root;
  for (const [index, word] of words.entries()) {
    const next = namespace.namespaces.get(word);
    if (!next) {
      const known = listWords(namespace).map((entry) => entry.word);
      const close = suggest(word, index === 0 ? [...known, ...registry.builtins.keys()] : known);
      return new PosternError({
        code: 'resolve.unknown_word',
        message: `no command or namespace "${word}"${namespace.path.length > 0 ? ` in ${namespace.path.join(' ')}` : ''}`,
        hint: close
          ? `help ${[...namespace.path, close].join(' ')}`
          : `help ${namespace.path.join(' ')}`.trim(),
      });
    }
    namespace = next;
  }
  return new PosternError({
    code: 'resolve.unknown_word',
    message: `there is no ${words.join(' ')}`,
    hint: 'help',
  });
}
