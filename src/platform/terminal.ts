import { readFileSync, readlinkSync } from 'node:fs';
import type { Runner } from '../ports/machine.ts';
import type { Terminal } from '../ports/terminal.ts';
import type { TerminalAnswers } from '../qr/facts.ts';
import { findHalfBlocks } from './console-font.ts';
import { holdKernelMessages, receivesKernelMessages } from './kernel-messages.ts';
import { probeTerminal, probeTimeoutMs } from './probe.ts';
import { canAsk, type TtyInput, type TtyOutput } from './raw-input.ts';
import { canMoveCursor, takesRequests } from './shell-io.ts';

const printkPath = '/proc/sys/kernel/printk';
const activeConsolesPath = '/sys/class/tty/console/active';
/** Rows to clear where no size is known: going down stops at the last one. */
const manyRows = 60;

/** The terminal at this process's standard streams. */
export function openTerminal(world: {
  readonly input: TtyInput;
  readonly output: TtyOutput;
  readonly environment: { readonly [name: string]: string | undefined };
  /** --no-color. */
  readonly noColor: boolean;
  readonly runner: Runner;
}): Terminal {
  const { input, output, environment } = world;
  const isTty = output.isTTY === true;
  const isDumb = !canMoveCursor(environment);
  const canClear = isTty && !isDumb;
  let rowsAsked = 0;
  const clearRows = () => eraseRows(Math.max(output.rows || 0, rowsAsked) || manyRows);
  // NO_COLOR counts when it is set and not empty (no-color.org).
  const colours = isTty && !isDumb && !world.noColor && !environment.NO_COLOR;
  return {
    isTty,
    colours,
    size: () => ({ columns: isTty ? output.columns : 0, rows: isTty ? output.rows : 0 }),
    write: (text) => void output.write(text),
    clearScreen: () => {
      if (canClear) output.write(clearRows());
    },
    clearScreenAndScrollback: () => {
      // 3J (xterm and Linux) is for what has scrolled off.
      if (canClear) output.write(`${clearRows()}\x1b[2J\x1b[3J`);
      return canClear;
    },
    ask: async () => {
      if (!isTty || isDumb) return {};
      const answers = await ask(input, output, world);
      rowsAsked = answers.size?.rows ?? rowsAsked;
      return answers;
    },
    holdKernelMessages: () => {
      const mayHold = isTty && process.geteuid?.() === 0 && isKernelConsole(readTtyPath(output));
      return mayHold ? holdKernelMessages(printkPath) : () => {};
    },
  };
}

/** Row by row: GNU screen keeps in its scrollback what 2J clears, and urxvt and mlterm know no 3J. */
function eraseRows(rows: number): string {
  return `\x1b[m\x1b[H${'\x1b[2K\x1b[B'.repeat(rows)}\x1b[H`;
}

async function ask(
  input: TtyInput,
  output: TtyOutput,
  { runner, environment }: Parameters<typeof openTerminal>[0],
): Promise<TerminalAnswers> {
  // The kernel knows its console's font whether or not standard input is that console.
  const halfBlocksInFont = findHalfBlocks(runner, readTtyPath(output));
  const font = halfBlocksInFont === undefined ? {} : { halfBlocksInFont };
  if (!canAsk({ input, output })) return font;
  const { answers, typedAhead } = await probeTerminal(
    { input, output },
    probeTimeoutMs,
    takesRequests(environment),
  );
  if (typedAhead.length > 0) input.unshift(typedAhead);
  return { ...answers, ...font };
}

function isKernelConsole(ttyPath: string): boolean {
  try {
    return receivesKernelMessages(ttyPath, readFileSync(activeConsolesPath, 'utf8'));
  } catch {
    return false;
  }
}

/** Path of the terminal device; empty where there is no telling. */
function readTtyPath(output: TtyOutput): string {
  try {
    return readlinkSync(`/proc/self/fd/${output.fd}`);
  } catch {
    return '';
  }
}
