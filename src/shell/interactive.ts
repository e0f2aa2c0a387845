import type { World } from '../pipeline/world.ts';
import { type ConsoleParts, openConsole } from './console.ts';
import type { ShellIo } from './io.ts';
import { openShell, type Shell } from './open-shell.ts';
import { runShell } from './repl.ts';

/** Runs the shell on this process's terminal until it is left; the exit code. */
export function startShell(parts: ConsoleParts): Promise<number> {
  return runRepl(parts.world, openConsole(parts));
}

/** Runs the menu on this process's terminal until it is left; the exit code. */
export function startMenu(parts: ConsoleParts): Promise<number> {
  return runMenu(parts.world, openConsole(parts));
}

/** Runs the shell until it is left; the exit code. */
export function runRepl(world: World, io: ShellIo): Promise<number> {
  return whileOpen(io, (shell) => shellIn(world, shell));
}

/** Runs the menu until it is left; the exit code. */
export function runMenu(world: World, io: ShellIo): Promise<number> {
  return whileOpen(io, async (shell) => {
    await menuIn(world, shell);
    return shell.stopCode() ?? 0;
  });
}

/** Each can be opened from the other, in the same session. */
function shellIn(world: World, shell: Shell): Promise<number> {
  return runShell(world, shell, () => menuIn(world, shell));
}

async function menuIn(world: World, shell: Shell): Promise<void> {
  const menu = await import('./menu/menu.ts');
  await menu.runMenu(world, shell, () => shellIn(world, shell));
}

async function whileOpen(io: ShellIo, work: (shell: Shell) => Promise<number>): Promise<number> {
  const shell = await openShell(io);
  try {
    return await work(shell);
  } finally {
    shell.close();
  }
}
