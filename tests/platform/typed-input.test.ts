import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { TtyInput } from '../../src/platform/raw-input.ts';
import { openTypedInput } from '../../src/platform/typed-input.ts';
import type { ShellInput } from '../../src/shell/io.ts';
import { createEditingReader } from '../../src/shell/line/editing-reader.ts';
import { createFakeConsole, settle } from '../support/shell-fakes.ts';
import { waitFor } from '../support/wait.ts';

function openFakeTty() {
  const modes: boolean[] = [];
  const source = Object.assign(new PassThrough(), {
    isTTY: true,
    fd: 0,
    isRaw: false,
    setRawMode: (mode: boolean) => void modes.push(mode),
  });
  return { source, modes, typed: openTypedInput(source as unknown as TtyInput) };
}

/** What is read from it until it is paused or ended. */
function collect(typed: TtyInput): { text: string } {
  const read = { text: '' };
  typed.on('data', (chunk: Buffer) => {
    read.text += chunk.toString();
  });
  return read;
}

describe('what is typed on a terminal', () => {
  it('comes without what the terminal answers, in whatever pieces that arrives', async () => {
    const { source, typed } = openFakeTty();
    const read = collect(typed);
    for (const chunk of ['12', '\x1b[?6', '2;2', '2c34', '\x1b', '[24;80R', '\xc3', 'x'])
      source.write(Buffer.from(chunk, 'latin1'));
    await waitFor('all of it', () => read.text.endsWith('x') || undefined);
    expect(read.text).toBe('1234\ufffdx');
  });

  it.each(['\x1b', '\x1b[', '\x1b[1;5'])('is %j all the same, when nothing follows', async (key) => {
    const { source, typed } = openFakeTty();
    const read = collect(typed);
    source.write(key);
    await waitFor('the key', () => read.text !== '' || undefined);
    expect(read.text).toBe(key);
  });

  it('comes a line at a time, each line of a paste marked as one', async () => {
    const { source, typed } = openFakeTty();
    const chunks: string[] = [];
    typed.on('data', (chunk: Buffer) => void chunks.push(chunk.toString()));
    for (const chunk of ['a\rb\r\nc', 'd\ne\x1b[200~f\r', 'g\rh', 'i\x1b[201~j']) source.write(chunk);
    await waitFor('all of it', () => chunks.at(-1)?.endsWith('j') || undefined);
    const [start, end] = ['\x1b[200~', '\x1b[201~'];
    expect(chunks).toEqual([
      'a\r',
      'b\r\n',
      'c',
      'd\n',
      `e${start}f\r${end}`,
      `${start}g\r${end}`,
      `${start}h${end}`,
      `${start}i${end}j`,
    ]);
  });

  it('is left to others while nobody reads here', async () => {
    const { source, typed } = openFakeTty();
    const read = collect(typed);
    typed.pause();
    source.write('for the other program');
    await settle();
    expect([read.text, source.isPaused(), source.readableLength > 0]).toEqual(['', true, true]);
    typed.resume();
    await waitFor('it', () => read.text !== '' || undefined);
  });

  it('ends when the terminal goes away', async () => {
    const { source, typed } = openFakeTty();
    let ended = false;
    typed.on('end', () => {
      ended = true;
    });
    collect(typed);
    source.end();
    await waitFor('the end', () => ended || undefined);
  });

  it('is one for each terminal, with its mode', () => {
    const { source, modes, typed } = openFakeTty();
    expect(openTypedInput(source as unknown as TtyInput)).toBe(typed);
    typed.setRawMode(true);
    expect([modes, typed.isTTY, typed.fd]).toEqual([[true], true, 0]);
  });

  it('is the line that is edited', async () => {
    const { source, typed } = openFakeTty();
    const io = { ...createFakeConsole(), input: typed as unknown as ShellInput };
    const reading = createEditingReader(io, undefined).read({ prompt: '> ' });
    for (const chunk of ['12', '\x1b[24;8', '0R', '\x1b[<0;1;1M', '34', '\x1b[?62;22c', '56\r'])
      source.write(chunk);
    expect(await reading).toEqual({ kind: 'line', text: '123456' });
  });
});
