import { PassThrough } from 'node:stream';
import type { TtyInput } from './raw-input.ts';
import { dropReplies } from './replies.ts';

/** A key that begins like an answer goes on at once, a slow line's answer within this; then it was the key alone. */
const restOfAnswerMs = 500;
/** Escape is a key of its own: whoever waits for it waits no longer than this. */
const restAfterEscapeMs = 100;

/** On the source itself, for each file of the build has modules of its own: two readers would both take every key. */
const opened = Symbol.for('postern.typed-input');

/** A line with its end, or the beginning of one. */
const lines = /[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+/g;
const [pasteStart, pasteEnd] = ['\x1b[200~', '\x1b[201~'];

/**
 * What people type on `source`, without what the terminal answers, however late that comes. One for each source, so
 * that no two readers take the same keys. What is paused here is paused there: programs that run meanwhile get the rest.
 * It comes a line at a time: who pauses at the end of one leaves the next to the question that this line asks. Each
 * line of what was pasted is marked as a paste of its own, so that no reader waits for an end that another one got.
 */
export function openTypedInput(source: TtyInput): TtyInput {
  const known = source as TtyInput & { [opened]?: TtyInput };
  known[opened] ??= new TypedInput(source) as unknown as TtyInput;
  return known[opened];
}

class TypedInput extends PassThrough {
  readonly #source: TtyInput;
  #held = '';
  #isPasting = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: TtyInput) {
    super();
    this.#source = source;
    source
      .pause()
      .on('data', (chunk) => this.#take(chunk))
      .on('end', () => this.end())
      .on('close', () => this.end())
      // A terminal that went away.
      .on('error', () => this.end());
  }

  get fd(): number {
    return this.#source.fd;
  }

  get isTTY(): boolean {
    return this.#source.isTTY;
  }

  get isRaw(): boolean {
    return this.#source.isRaw;
  }

  setRawMode(mode: boolean): this {
    this.#source.setRawMode(mode);
    return this;
  }

  override pause(): this {
    this.#source.pause();
    return super.pause();
  }

  override resume(): this {
    this.#source.resume();
    return super.resume();
  }

  #take(chunk: Buffer | string): void {
    clearTimeout(this.#timer);
    // Latin-1 keeps every byte as it came, a character cut in two included.
    const { typed, held } = dropReplies(this.#held + Buffer.from(chunk as Buffer).toString('latin1'));
    this.#held = held;
    this.#pass(typed);
    if (held === '') return;
    this.#timer = setTimeout(() => this.#release(), held === '\x1b' ? restAfterEscapeMs : restOfAnswerMs);
    this.#timer.unref();
  }

  #release(): void {
    const held = this.#held;
    this.#held = '';
    this.#pass(held);
  }

  #pass(typed: string): void {
    if (this.writableEnded) return;
    for (const line of typed.match(lines) ?? []) {
      const start = this.#isPasting ? pasteStart : '';
      const [started, ended] = [pasteStart, pasteEnd].map((mark) => line.lastIndexOf(mark)) as [
        number,
        number,
      ];
      if (started !== ended) this.#isPasting = started > ended;
      this.write(Buffer.from(`${start}${line}${this.#isPasting ? pasteEnd : ''}`, 'latin1'));
    }
  }
}
