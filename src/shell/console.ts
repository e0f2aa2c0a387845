import type { ProcessOptions } from '../invocation.ts';
import type { OutputMode } from '../output/render.ts';
import type { View } from '../output/view.ts';
import { type Display, showError, showResult } from '../pipeline/show.ts';
import type { World } from '../pipeline/world.ts';
import { openHistoryFile } from '../platform/history-file.ts';
import { runner } from '../platform/runner.ts';
import { describeTty, ignoreLostTerminal, listAddresses, processSignals } from '../platform/shell-io.ts';
import { openTerminal } from '../platform/terminal.ts';
import { openTypedInput } from '../platform/typed-input.ts';
import type { QrRequest } from '../qr/fit.ts';
import type { HistoryFile, ShellIo } from './io.ts';

export type ConsoleParts = {
  readonly world: World;
  readonly display: Display;
  readonly options: Pick<ProcessOptions, 'color' | 'qr' | 'invert' | 'pager'>;
};

/** The person at this process's terminal. */
export function openConsole({ world, display, options }: ConsoleParts): ShellIo {
  const { stdin: input, stdout: output, env: environment } = process;
  const streams = { input, output } as const;
  let mode: OutputMode | undefined;
  let pages = options.pager;
  let qr: ShellIo['qr'] = { requested: options.qr, invert: options.invert || undefined };
  ignoreLostTerminal(output);
  const here: Display = {
    ...display,
    output: () => (mode === undefined ? display.output() : { ...display.output(), mode }),
    enrol: async (view) => (await import('./enrolment/enrolment.ts')).runEnrolment(view, world, io),
  };
  const io: ShellIo = {
    ...describeTty(streams, environment),
    input: openTypedInput(input),
    terminal: openTerminal({ ...streams, environment, noColor: !options.color, runner }),
    environment,
    get qr() {
      return qr;
    },
    history: openHistory(world),
    signals: processSignals,
    addresses: listAddresses,
    mode: () => here.output().mode,
    setMode: (chosen) => {
      mode = chosen as OutputMode;
    },
    setPager: (on) => {
      pages = on;
    },
    setQr: (chosen, invert) => {
      qr = { requested: chosen as QrRequest, invert };
    },
    showResult: async (result) => {
      const shown: Display = io.isInteractive ? here : display;
      if (!pages || !io.isInteractive) return showResult(result, shown, world);
      let text = '';
      const keep = (more: string) => {
        text += more;
        return true;
      };
      const code = await showResult(result, { ...shown, writeOut: keep }, world);
      await pageText(text, io, display);
      return code;
    },
    showError: (error, source) => showError(error, source, here, world),
  };
  return io;
}

/** Shows an enrolment by its dialogue, for a command that was given whole. Answers the last words to print. */
export async function enrolOnConsole(view: View, parts: ConsoleParts): Promise<string> {
  const { runEnrolment } = await import('./enrolment/enrolment.ts');
  return runEnrolment(view, parts.world, openConsole(parts));
}

/** A dry run knows what was typed before, and leaves no line, nor a folder for one. */
function openHistory({ store, options }: World): HistoryFile {
  const file = openHistoryFile(store.directory);
  return options.dryRun ? { read: file.read, append: () => true } : file;
}

async function pageText(text: string, { terminal }: ShellIo, display: Display): Promise<void> {
  const rows = terminal.size().rows || 24;
  const { showInPager } = await import('../platform/pager.ts');
  if (text.split('\n').length <= rows || !showInPager(text)) display.writeOut(text);
}
