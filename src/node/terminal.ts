import { readFileSync, readlinkSync } from 'node:fs';
import type { Runner, Terminal, TerminalAnswers } from '../ports.ts';
import { findHalfBlocks } from './console-font.ts';
import { holdKernelMessages, receivesKernelMessages } from './kernel-messages.ts';
import { probeTerminal, probeTimeoutMs } from './probe.ts';
import { canAsk, type TtyInput, type TtyOutput } from './raw-input.ts';

const printkPath = '/proc/sys/kernel/printk';
const activeConsolesPath = '/sys/class/tty/console/active';
/** Scrollback (3J, xterm and Linux) last: some terminals scroll what 2J clears into it. */
const clearAll = '\x1b[H\x1b[2J\x1b[3J';

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
  const isDumb = !environment.TERM || environment.TERM === 'dumb';
  // NO_COLOR counts when it is set and not empty (no-color.org).
  const colours = isTty && !isDumb && !world.noColor && !environment.NO_COLOR;
  return {
    isTty,
    colours,
    size: () => ({ columns: isTty ? output.columns : 0, rows: isTty ? output.rows : 0 }),
    write: (text) => void output.write(text),
    clearScreenAndScrollback: () => {
      if (isTty && !isDumb) output.write(clearAll);
    },
    ask: async () => (isTty && !isDumb ? await ask(input, output, world.runner) : {}),
    holdKernelMessages: () => {
      const mayHold = isTty && process.geteuid?.() === 0 && isKernelConsole(readTtyPath(output));
      return mayHold ? holdKernelMessages(printkPath) : () => {};
    },
  };
}

async function ask(input: TtyInput, output: TtyOutput, runner: Runner): Promise<TerminalAnswers> {
  // The kernel knows its console's font whether or not standard input is that console.
  const halfBlocksInFont = findHalfBlocks(runner, readTtyPath(output));
  const font = halfBlocksInFont === undefined ? {} : { halfBlocksInFont };
  if (!canAsk({ input, output })) return font;
  const { answers, typedAhead } = await probeTerminal({ input, output }, probeTimeoutMs);
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
