import { findEnrolledAdministrator } from '../../commands/account.ts';
import { isPosternError } from '../../errors.ts';
import { parseHead } from '../../language/head.ts';
import { quoteWord } from '../../language/quote.ts';
import { escapeForTerminal } from '../../output/escape.ts';
import { wrapCells } from '../../output/width.ts';
import { runLine } from '../../pipeline/run-line.ts';
import { cancelledWords } from '../../pipeline/show.ts';
import { takeSnapshot } from '../../pipeline/snapshot.ts';
import type { World } from '../../pipeline/world.ts';
import { chooseSorted } from '../../registry/candidates.ts';
import { redactLine } from '../../registry/redact.ts';
import { resolveHead } from '../../registry/resolve.ts';
import { completionSources } from '../completion-sources.ts';
import type { ShellIo } from '../io.ts';
import type { Shell } from '../open-shell.ts';
import { describePlace, dryRunNote } from '../prompt.ts';
import { describeHost } from './header.ts';
import { enrolItem, isLow, layOutMenu, type MenuItem, menuItems } from './items.ts';

/** Most account names that are listed to choose from. */
const namesShown = 30;

/** Runs the console menu until it is left. `openShell` is what its item for the shell does. */
export async function runMenu(world: World, shell: Shell, openShell: () => Promise<unknown>): Promise<void> {
  const { io, reader } = shell;
  await drawMenu(world, io);
  let showsSecrets = false;
  for (;;) {
    const isWide = widthOf(io) >= 60;
    const event = await reader.read({
      prompt: isWide ? 'Number (Enter shows the menu, q leaves): ' : 'Number (q leaves): ',
    });
    if (event.kind === 'end') return;
    const typed = event.kind === 'line' ? event.text.trim() : undefined;
    if (typed === undefined) continue;
    if (['q', 'quit', 'exit'].includes(typed.toLowerCase())) return;
    if (typed === '') {
      // Whatever the kernel has written over the screen goes with it.
      if (showsSecrets) io.terminal.clearScreenAndScrollback();
      else io.terminal.clearScreen();
      showsSecrets = false;
      await drawMenu(world, io);
      continue;
    }
    const item = /^\d{1,3}$/.test(typed) ? menuItems[Number(typed) - 1] : undefined;
    if (item) {
      if ((await runItem(item, world, shell, openShell)) === 'secrets') showsSecrets = true;
    } else if (isLine(typed, world)) {
      await runItemLine(typed, world, shell);
      showsSecrets = true;
    } else {
      io.terminal.write(
        `There is no item ${escapeForTerminal(typed.slice(0, 40))}: type a number from 1 to ${menuItems.length}, or 9 for the shell.\n`,
      );
    }
    if (shell.stopCode() !== undefined) return;
  }
}

/** Whether someone typed a command instead of a number; one that is not right is explained by running it. */
function isLine(typed: string, { registry }: World): boolean {
  return /\S\s+\S/.test(typed) || resolveHead(parseHead(typed), [], registry).kind !== 'unknown';
}

async function runItem(
  item: MenuItem,
  world: World,
  shell: Shell,
  openShell: () => Promise<unknown>,
): Promise<'secrets' | undefined> {
  switch (item.does) {
    case 'open_shell':
      await openShell();
      return undefined;
    case 'run':
      await runItemLine(item.line, world, shell);
      return undefined;
    case 'turn_on':
      await turnOn(world, shell, openShell);
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

/** Where nobody could sign in with a code, an account is enrolled first. */
async function turnOn(world: World, shell: Shell, openShell: () => Promise<unknown>): Promise<void> {
  const line = `auth two_factor update enabled=true${asksNowhere(world) ? ' services.ssh=true' : ''}`;
  if ((await runItemLine(line, world, shell)) !== 'rule.no_administrator_enrolled') return;
  shell.io.terminal.write('Enrol an administrator first (item 4).\n');
  await runItem(enrolItem, world, shell, openShell);
  if (shell.stopCode() !== undefined) return;
  // Refused for the same reason, it would only be said twice.
  if (hasAdministrator(world)) await runItemLine(line, world, shell);
  else
    shell.io.terminal.write(
      'Codes stay off until an administrator has typed a first code: then choose 3 again.\n',
    );
}

/** Whether codes could be turned on now, as far as it is about who is enrolled. */
function hasAdministrator(world: World): boolean {
  try {
    return findEnrolledAdministrator(takeSnapshot(world, world.store)).isThere;
  } catch {
    // The line itself tells what is wrong.
    return true;
  }
}

/** Whether no service would ask for codes. */
function asksNowhere(world: World): boolean {
  try {
    return !Object.values(takeSnapshot(world, world.store).settings.two_factor.services).includes(true);
  } catch {
    // The line itself tells what is wrong with the settings.
    return false;
  }
}

/** The line is shown as the shell would show it, so that people learn it. Answers the code of an error. */
async function runItemLine(line: string, world: World, { io }: Shell): Promise<string | undefined> {
  io.terminal.write(`${describePlace(world.hostName, [])}${redactLine(line, [], world.registry)}\n`);
  try {
    await io.showResult(await runLine(line, { location: [], navigates: false }, world));
    return undefined;
  } catch (error) {
    io.showError(error, { text: line, location: [] });
    return isPosternError(error) ? error.code : 'bug.unexpected';
  }
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
  if (typed === undefined) io.terminal.write(`${cancelledWords}\n`);
  return typed === '' ? initial : typed;
}

async function drawMenu(world: World, io: ShellIo): Promise<void> {
  const columns = widthOf(io);
  const lines = [
    ...(world.options.dryRun ? [dryRunNote] : []),
    ...(await describeHost(world, io.addresses())),
  ];
  const header = lines.flatMap((line) => wrapCells(line, columns - 1));
  const rows = io.terminal.size().rows || 24;
  const gap = isLow(rows) ? [] : [''];
  const items = layOutMenu(columns, rows);
  // A low screen needs every row: the end of a long header goes, and item 1 tells it.
  const room = Math.max(1, rows - 1 - items.length - 3 * gap.length);
  io.terminal.write(`${[...gap, ...header.slice(0, room), ...gap, ...items, ...gap].join('\n')}\n`);
}

function widthOf({ terminal }: ShellIo): number {
  return terminal.size().columns || 80;
}
