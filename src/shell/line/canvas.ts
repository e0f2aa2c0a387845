import type { Terminal } from '../../ports/terminal.ts';
import { drawFrame, eraseFrame, type Frame, leaveFrame } from './draw.ts';

const pasteMarksOn = '\x1b[?2004h';
const pasteMarksOff = '\x1b[?2004l';

/** The lines of the screen that a line being typed takes up. Everything goes out in one write, at `flush`. */
export interface Canvas {
  size(): { readonly columns: number; readonly rows: number };
  draw(frame: Frame): void;
  /** Adds to the end of what is shown, for good. */
  append(text: string): void;
  /** Leaves what is shown where it is; the cursor is on an empty line below it. */
  leave(): void;
  /** Takes what is shown away; the cursor is where it began. */
  erase(): void;
  showBelow(lines: readonly string[]): void;
  clear(): void;
  ring(): void;
  /** Makes way for a new drawing after the width has changed. */
  rewrap(): void;
  /** Redraws from where the cursor is: something else has written to the screen. */
  forget(): void;
  markPastes(on: boolean): void;
  flush(): void;
}

/** A canvas at the cursor, which is at the start of an empty line. */
export function openCanvas(
  terminal: Terminal,
  marksPaste: boolean,
  columnsAsked: number | undefined,
): Canvas {
  let shown: Frame | undefined;
  let output = '';
  const measure = () => {
    const { columns, rows } = terminal.size();
    return { columns: columns || columnsAsked || 80, rows: rows || 24 };
  };
  let { columns } = measure();

  const draw = (frame: Frame) => {
    output += drawFrame(shown, frame, columns);
    shown = frame;
  };
  const leave = () => {
    if (shown) output += leaveFrame(shown, columns);
    shown = undefined;
  };
  return {
    size: measure,
    draw,
    leave,
    erase: () => {
      if (shown) output += eraseFrame(shown, columns, columns);
      shown = undefined;
    },
    append: (text) => {
      if (shown) draw({ ...shown, text: shown.text + text, cursor: shown.text.length + text.length });
    },
    showBelow: (lines) => {
      leave();
      output += lines.map((line) => `${line}\r\n`).join('');
    },
    clear: () => {
      output += '\x1b[H\x1b[2J';
      shown = undefined;
    },
    ring: () => {
      output += '\x07';
    },
    rewrap: () => {
      const now = measure().columns;
      if (shown) output += eraseFrame(shown, columns, now);
      shown = undefined;
      columns = now;
    },
    forget: () => {
      shown = undefined;
      columns = measure().columns;
    },
    markPastes: (on) => {
      if (marksPaste) output += on ? pasteMarksOn : pasteMarksOff;
    },
    flush: () => {
      if (output !== '') terminal.write(output);
      output = '';
    },
  };
}
