import { quoteWord } from '../language/quote.ts';
import { escapeForTerminal } from '../output/escape.ts';
import { wrapCells } from '../output/width.ts';
import { chooseSorted } from '../registry/candidates.ts';
import { completionSources } from './completion-sources.ts';
import type { ShellIo } from './io.ts';
import { describeHost } from './menu-header.ts';
import { layOutMenu, type MenuItem, menuItems } from './menu-items.ts';
import { openShell, type Shell } from './open-shell.ts';
import { describePlace, dryRunNote, runAndShow, runShell } from './repl.ts';
import type { World } from './world.ts';

/** Most account names that are listed to choose from. */
const namesShown = 30;

/** Runs the console menu until it is left; the exit code. */
export async function runMenu(world: World, io: ShellIo): Promise<number> {
  const shell = await openShell(io);
  try {
    await runMenuInShell(world, shell);
    return shell.stopCode() ?? 0;
  } finally {
    shell.close();
  }
}

/** Runs the menu in a session that is open already. */
export async function runMenuInShell(world: World, shell: Shell): Promise<void> {
  const { io, reader } = shell;
  await drawMenu(world, io);
  let showsSecrets = false;
  for (;;) {
    const isWide = widthOf(io) >= 60;
    const event = await reader.read({
      prompt: isWide ? 'Number (Enter shows the menu, q leaves): ' : 'Number (q leaves): ',
    });
    if (event.kind === 'end') return;
    const typed = event.kind === 'line' ? event.text.trim().toLowerCase() : undefined;
    if (typed === undefined) continue;
    if (['q', 'quit', 'exit'].includes(typed)) return;
    if (typed === '') {
      // Whatever the kernel has written over the screen goes with it.
      if (showsSecrets) io.terminal.clearScreenAndScrollback();
      else if (io.canEdit) io.terminal.write('\x1b[H\x1b[2J');
      showsSecrets = false;
      await drawMenu(world, io);
      continue;
    }
    const item = /^\d{1,3}$/.test(typed) ? menuItems[Number(typed) - 1] : undefined;
    if (!item) {
      io.terminal.write(
        `There is no item ${escapeForTerminal(typed.slice(0, 40))}: type a number from 1 to ${menuItems.length}.\n`,
      );
      continue;
    }
    const ran = await runItem(item, world, shell);
    if (ran === 'secrets') showsSecrets = true;
    if (shell.stopCode() !== undefined) return;
  }
}

async function runItem(item: MenuItem, world: World, shell: Shell): Promise<'secrets' | undefined> {
  switch (item.does) {
    case 'open_shell':
      await runShell(world, shell);
      return undefined;
    case 'run':
      await runItemLine(item.line, world, shell);
      return undefined;
    case 'run_for_account': {
      const username = await chooseAccount(world, shell);
      if (username === undefined) return undefined;
      await runItemLine(item.line(username), world, shell);
      return item.showsSecrets ? 'secrets' : undefined;
    }
    default:
      return item satisfies never;
  }
}

/** The line is shown as the shell would show it, so that people learn it. */
async function runItemLine(line: string, world: World, { io }: Shell): Promise<void> {
  io.terminal.write(`${describePlace(world.hostName, [])}${line}\n`);
  await runAndShow(line, { location: [], navigates: false }, world, io);
}

/** Asks for an account; undefined: the person thought better of it. */
async function chooseAccount(world: World, { io, reader }: Shell): Promise<string | undefined> {
  const names = completionSources(world).accountNames();
  const initial = names.includes('root') ? 'root' : names[0];
  const more = names.length > namesShown ? ` ... ${names.length} in all` : '';
  const listed = `Accounts: ${names.slice(0, namesShown).map(quoteWord).join(', ')}${more}`;
  if (names.length > 1)
    io.terminal.write(`${wrapCells(escapeForTerminal(listed), widthOf(io)).join('\n')}\n`);
  const event = await reader.read({
    prompt: initial === undefined ? 'Account: ' : `Account [${escapeForTerminal(initial)}]: `,
    help: {
      complete: (text, cursor) => chooseSorted(names, { word: text.slice(0, cursor), from: 0, cursor }),
    },
  });
  const typed = event.kind === 'line' ? event.text.trim() : undefined;
  if (typed === undefined) io.terminal.write('Nothing was done.\n');
  return typed === '' ? initial : typed;
}

async function drawMenu(world: World, io: ShellIo): Promise<void> {
  const columns = widthOf(io);
  const lines = [
    ...(world.options.dryRun ? [dryRunNote] : []),
    ...(await describeHost(world, io.addresses())),
  ];
  const header = lines.flatMap((line) => wrapCells(line, columns - 1));
  // A low screen needs every row for the items.
  const gap = (io.terminal.size().rows || 24) < 18 ? [] : [''];
  io.terminal.write(`${[...gap, ...header, ...gap, ...layOutMenu(columns), ...gap].join('\n')}\n`);
}

function widthOf({ terminal }: ShellIo): number {
  return terminal.size().columns || 80;
}
