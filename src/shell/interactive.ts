import { type ConsoleParts, openConsole } from './console.ts';
import { runMenu } from './menu/menu.ts';
import { runRepl } from './repl.ts';

/** Runs the shell on this process's terminal until it is left; the exit code. */
export function startShell(parts: ConsoleParts): Promise<number> {
  return runRepl(parts.world, openConsole(parts));
}

/** Runs the menu on this process's terminal until it is left; the exit code. */
export function startMenu(parts: ConsoleParts): Promise<number> {
  return runMenu(parts.world, openConsole(parts));
}
