import { describe, expect, it } from 'vitest';
import { createEditingReader } from '../../../src/shell/line/editing-reader.ts';
import { createPlainReader } from '../../../src/shell/line/plain-reader.ts';
import type { LineEvent, LineRequest } from '../../../src/shell/line/reader.ts';
import { createFakeConsole, type FakeConsole, settle } from '../../support/shell-fakes.ts';

const request: LineRequest = { prompt: '> ' };

/** Types chunks one after the other while a line is read. */
async function typeInto(
  io: FakeConsole,
  chunks: readonly string[],
  more: Partial<LineRequest> = {},
): Promise<LineEvent> {
  const reading = createEditingReader(io, undefined).read({ ...request, ...more });
  for (const chunk of chunks) {
    io.keys.write(chunk);
    await settle();
  }
  return reading;
}

describe('a line that is edited where it stands', () => {
  it('is read in raw mode, and leaves the terminal as programs expect it', async () => {
    const io = createFakeConsole();
    expect(await typeInto(io, ['l', 's', '\r'])).toEqual({ kind: 'line', text: 'ls' });
    expect(io.rawModes).toEqual([true, false]);
    expect(io.written).toBe('> ls\r\n');
    expect(io.keys.isPaused()).toBe(true);
  });

  it('at the foot of a screen goes when it is read, so that nothing scrolls', async () => {
    const io = createFakeConsole();
    expect(await typeInto(io, ['12', '\r'], { atFoot: true })).toEqual({ kind: 'line', text: '12' });
    expect(io.written).toBe('> 12\r\x1b[J');
  });

  it.each([
    ['Ctrl-L', '\x0c'],
    ['a signal to go on', 'SIGCONT'],
  ])('at the foot of a screen has the screen drawn for %s, with what was typed kept', async (_what, key) => {
    const io = createFakeConsole();
    const reading = typeInto(io, ['12'], { atFoot: true });
    await settle();
    if (key === 'SIGCONT') io.signals.emit(key);
    else io.keys.write(key);
    expect(await reading).toEqual({ kind: 'redraw', text: '12' });
  });

  it('at the foot of a screen is not left by Ctrl-Z, which would leave the screen to others', async () => {
    const io = createFakeConsole();
    expect(await typeInto(io, ['1', '\x1a', '2', '\r'], { atFoot: true })).toEqual({
      kind: 'line',
      text: '12',
    });
    expect(io.signals.suspended).toBe(0);
  });

  it('sends one byte back for one character', async () => {
    const io = createFakeConsole();
    const reading = typeInto(io, ['config']);
    await settle();
    io.written = '';
    io.keys.write('x');
    await settle();
    expect(io.written).toBe('x');
    io.keys.write('\r');
    await reading;
  });

  it('runs lines that come at once one after the other, and shows each', async () => {
    const io = createFakeConsole();
    const reader = createEditingReader(io, undefined);
    const first = reader.read(request);
    io.keys.write('one\rtwo\rthr');
    expect(await first).toEqual({ kind: 'line', text: 'one' });
    expect(await reader.read(request)).toEqual({ kind: 'line', text: 'two' });
    const third = reader.read(request);
    io.keys.write('ee\r');
    expect(await third).toEqual({ kind: 'line', text: 'three' });
    expect(io.written).toBe('> one\r\n> two\r\n> three\r\n');
  });

  it('takes a marked paste for text, its line ends apart', async () => {
    const io = createFakeConsole();
    const help = { answersQuestions: true, complete: () => ({ from: 0, to: 0, candidates: [], omitted: 0 }) };
    const event = await typeInto(io, ['\x1b[200~a\tb ?\r\x1b[201~'], { help });
    expect(event).toEqual({ kind: 'line', text: 'a b ?' });
  });

  it('asks for marked pastes only where the terminal knows them, and takes it back', async () => {
    const io = { ...createFakeConsole(), marksPaste: true };
    const written: string[] = [];
    await typeInto(
      {
        ...io,
        terminal: { ...io.terminal, write: (text: string) => void written.push(text) },
      } as FakeConsole,
      ['\r'],
    );
    expect(written.join('')).toBe('\x1b[?2004h> \r\n\x1b[?2004l');
  });

  it('is drawn again when the process was stopped and goes on', async () => {
    const io = createFakeConsole();
    const reading = typeInto(io, ['abc', '\x1a']);
    await settle();
    expect([io.signals.suspended, io.rawModes.at(-1), io.written]).toEqual([1, false, '> abc\r\n']);
    io.written = '';
    io.signals.emit('SIGCONT');
    expect([io.written, io.rawModes.at(-1)]).toEqual(['> abc', true]);
    io.keys.write('\r');
    expect(await reading).toEqual({ kind: 'line', text: 'abc' });
  });

  it('goes on by itself where nobody could stop it', async () => {
    const io = createFakeConsole();
    const reading = typeInto(io, ['abc', '\x1a']);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(io.rawModes.at(-1)).toBe(true);
    io.keys.write('\r');
    expect(await reading).toEqual({ kind: 'line', text: 'abc' });
  });

  it('is wrapped again when the width changes', async () => {
    const io = createFakeConsole({ columns: 20 });
    const reading = typeInto(io, ['abcdefghijklmnopqrstuvwxyz']);
    await settle();
    io.written = '';
    io.columns = 40;
    io.signals.emit('SIGWINCH');
    expect(io.written).toBe('\r\x1b[J> abcdefghijklmnopqrstuvwxyz');
    io.keys.write('\r');
    await reading;
  });

  it.each([
    ['Ctrl-C as a key', (io: FakeConsole) => io.keys.write('\x03')],
    ['Ctrl-C as a signal', (io: FakeConsole) => io.signals.emit('SIGINT')],
  ])('is cancelled by %s, and by nothing left over from it', async (_how, cancel) => {
    const io = createFakeConsole();
    const reading = typeInto(io, ['abc']);
    await settle();
    cancel(io);
    expect(await reading).toEqual({ kind: 'interrupt', text: 'abc' });
    expect(io.written.endsWith('^C\r\n')).toBe(true);
    expect(io.signals.listenerCount('SIGINT')).toBe(0);
  });

  it('keeps what was typed after Ctrl-C', async () => {
    const io = createFakeConsole();
    const reader = createEditingReader(io, undefined);
    const first = reader.read(request);
    io.keys.write('abc\x03ls\r');
    expect([(await first).kind, await reader.read(request)]).toEqual([
      'interrupt',
      { kind: 'line', text: 'ls' },
    ]);
  });

  it('ends with the input, in cooked mode', async () => {
    const io = createFakeConsole();
    const reading = typeInto(io, ['abc']);
    await settle();
    io.keys.end();
    expect(await reading).toEqual({ kind: 'end' });
    expect(io.rawModes.at(-1)).toBe(false);
  });

  it('ends when it is stopped, and no other line is read', async () => {
    const io = createFakeConsole();
    const reader = createEditingReader(io, undefined);
    const reading = reader.read(request);
    reader.stop();
    expect([await reading, await reader.read(request)]).toEqual([{ kind: 'end' }, { kind: 'end' }]);
  });
});

describe('a line that comes whole', () => {
  it('is read from any chunks, a last one without a line end too', async () => {
    const io = createFakeConsole({ canEdit: false });
    const reader = createPlainReader(io);
    for (const chunk of ['on', 'e\ntwo\r\nthr', 'ee']) io.keys.write(chunk);
    io.keys.end();
    const events = [];
    for (let count = 0; count < 4; count += 1) events.push(await reader.read(request));
    expect(events.map((event) => (event.kind === 'line' ? event.text : event.kind))).toEqual([
      'one',
      'two',
      'three',
      'end',
    ]);
  });

  it('prompts a terminal only', async () => {
    const io = createFakeConsole({ canEdit: false });
    io.keys.write('ls\n');
    await createPlainReader(io).read(request);
    const silent = { ...createFakeConsole({ canEdit: false }), isInteractive: false };
    silent.keys.write('ls\n');
    await createPlainReader(silent).read(request);
    expect([io.written, silent.written]).toEqual(['> ', '']);
  });

  it('keeps a character that was cut in two', async () => {
    const io = createFakeConsole({ canEdit: false });
    const [first, second] = [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])];
    const reading = createPlainReader(io).read(request);
    io.keys.write(first);
    await settle();
    io.keys.write(second);
    expect(await reading).toEqual({ kind: 'line', text: 'é' });
  });
});
