import type { ProcessOptions } from '../invocation.ts';
import type { View } from '../output/view.ts';
import type { Display } from '../pipeline/show.ts';
import { isOutputClosed, isTerminal, writeAll } from '../platform/io.ts';
import { canMoveCursor } from '../platform/shell-io.ts';

/** Standard output and standard error as they really are. Node's streams are built only where a terminal's size counts. */
export function createDisplay(options: Pick<ProcessOptions, 'output' | 'color' | 'qr' | 'invert'>): Display {
  const isTty = isTerminal(1);
  const errorIsTty = isTerminal(2);
  const wantsColours = options.color && !process.env.NO_COLOR && canMoveCursor(process.env);
  return {
    output: () => ({
      mode: options.output,
      isTty,
      columns: isTty ? process.stdout.columns || 80 : 0,
      colours: isTty && wantsColours,
      utf8: !isTty || showsUtf8(),
    }),
    error: {
      colours: errorIsTty && wantsColours,
      columns: errorIsTty ? process.stderr.columns || 80 : undefined,
      utf8: !errorIsTty || showsUtf8(),
    },
    writeOut: (text) => writeAll(1, text),
    writeError: (text) => writeAll(2, text),
    isClosed: isOutputClosed,
    drawEnrolment: async (view: View, output) =>
      (await import('./enrolment/text.ts')).describeEnrolment(view, {
        isTty: output.isTty,
        requested: options.qr,
        invert: options.invert,
      }),
  };
}

function showsUtf8(): boolean {
  return /utf-?8/i.test(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || '');
}
