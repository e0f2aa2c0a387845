import { describe, expect, it } from 'vitest';
import type { View } from '../../src/output/view.ts';
import { runLine } from '../../src/pipeline/run-line.ts';
import { runEnrolment } from '../../src/shell/enrolment/enrolment.ts';
import { createFakeWorld, type FakeWorld } from '../support/fake-world.ts';
import { clearMark, createFakeConsole, type FakeConsole } from '../support/shell-fakes.ts';
import { waitFor } from '../support/wait.ts';

// RFC 6238, appendix B: this secret in base32; its code at 59 s of SHA-1 is 94287082, so 287082 with 6 digits.
const rfcSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const groupedSecret = 'GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ';
const at59Seconds = { clock: { nowMs: () => 59_000 } };
const codePrompt = 'Code shown by the app (Enter = skip for now, ? = help): ';
const donePrompt = 'They are never shown again. Write them down, then type done: ';

async function runOn(world: FakeWorld, line: string): Promise<View> {
  const { view } = await runLine(line, { location: [], navigates: false }, world);
  if (!view) throw new Error('no view');
  return view;
}

const enrol = (world: FakeWorld) =>
  runOn(world, `account user renew_2fa_secret username=root secret=${rfcSecret}`);

/** Answers prompts one after the other, each when its prompt is there; the screens seen, each with its prompt. */
async function answer(view: View, answers: readonly string[], world: FakeWorld, io: FakeConsole) {
  const running = runEnrolment(view, world, io);
  const screens: string[] = [];
  for (const typed of answers) {
    await waitFor(`a prompt for ${JSON.stringify(typed)}`, () => /: $/.test(io.written) || undefined);
    screens.push(io.written.slice(io.written.lastIndexOf(clearMark) + 1));
    io.written += '\u0000';
    io.keys.write(typed);
  }
  return { words: await running, screens };
}

/** A new secret of root, whose dialogue is answered so. */
async function enrolAndAnswer(
  answers: readonly string[],
  options: Parameters<typeof createFakeConsole>[0] = {},
) {
  const world = createFakeWorld(at59Seconds);
  const io = createFakeConsole({ answers: { utf8: true }, ...options });
  const view = await enrol(world);
  return { world, io, view, ...(await answer(view, answers, world, io)) };
}

describe('the dialogue of an enrolment', () => {
  it('fits QR code, key, parameters, URI and what else to try on 80x24, with the prompt', async () => {
    const { screens } = await enrolAndAnswer(['\r', 'done\r']);
    const [first = ''] = screens;
    expect(first.split('\n')).toHaveLength(23);
    expect(first).toContain(
      `key         ${groupedSecret}\nparameters  TOTP, SHA-1, 6 digits, 30 s\nURI         otpauth://totp/`,
    );
    for (const words of [
      'If the phone does not read it',
      'm  draw it another way',
      'k  show the key to type',
    ])
      expect(first).toContain(words);
    expect(first.endsWith(codePrompt)).toBe(true);
  });

  it('confirms by the first code, then shows the recovery codes alone, then nothing', async () => {
    const { world, io, view, words, screens } = await enrolAndAnswer(['287 082\r', 'done\r']);
    expect(world.store.accountsNow.get('root')?.devices[0]?.confirmed).toBe(true);
    const [first, second = ''] = screens;
    expect(view.enrolment?.recoveryCodes).toHaveLength(10);
    for (const code of view.enrolment?.recoveryCodes ?? []) {
      expect(second).toContain(code);
      expect(first).not.toContain(code);
    }
    expect(second.endsWith(donePrompt)).toBe(true);
    expect([words, io.cleared]).toEqual(['Device default of root is confirmed.', 1]);
  });

  it('explains wrong codes on the row of the prompt, so that nothing scrolls', async () => {
    const wrong = ['287083\r', 'abc\r', '12\r', '287083\r'];
    const { world, io, screens } = await enrolAndAnswer([...wrong, '287082\r', 'done\r']);
    expect(io.written).toContain('Wrong code: wait for the next one and try again. Code: ');
    expect(io.written).toContain('Type the 6 digits that the app shows. Code');
    const lineEnds = screens.slice(0, 5).map((screen) => screen.split('\n').length);
    expect(new Set(lineEnds)).toEqual(new Set([23]));
    expect(world.store.accountsNow.get('root')?.devices[0]?.confirmed).toBe(true);
  });

  it('gives a message that does not fit a screen of its own, from which q leads back', async () => {
    const { screens } = await enrolAndAnswer(['287083\r', 'q\r', '\r', 'done\r'], { columns: 50, rows: 30 });
    expect(screens[1]).toContain(
      'Wrong code: wait for the next one and try again.\n\nq shows the QR code again.\n',
    );
    expect(screens[2]).toContain('\u2588');
  });

  it.each([
    ['Enter', '\r'],
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('is left for later by %s, nothing lost', async (_key, typed) => {
    const { world, words, screens } = await enrolAndAnswer([typed, 'done\r']);
    expect(words).toContain('account user confirm_2fa_secret username=root token=CODE');
    expect(world.store.accountsNow.get('root')?.devices).toHaveLength(1);
    expect(screens[1]).toContain('Recovery codes');
  });

  it.each([
    ['Enter', '\r'],
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
    ['a word', 'ok\r'],
  ])('keeps the recovery codes on the screen for %s', async (_key, typed) => {
    const { view, screens } = await enrolAndAnswer(['\r', typed, 'done\r']);
    for (const code of view.enrolment?.recoveryCodes ?? []) expect(screens[2]).toContain(code);
  });

  it.each(['again\r', '\x0c'])('shows the recovery codes once more for %j', async (typed) => {
    const { io } = await enrolAndAnswer(['\r', typed, 'done\r']);
    expect(io.written.split('Recovery codes. Each')).toHaveLength(3);
  });

  it('says how to get recovery codes that nobody wrote down', async () => {
    const { words } = await enrolAndAnswer(['\r', '\x04', '\x04']);
    expect(words).toContain('account user renew_recovery_codes username=root');
  });

  it('keeps the code out of the audit log', async () => {
    const { world } = await enrolAndAnswer(['287082\r', 'done\r']);
    expect(JSON.stringify(world.entries)).not.toContain('287082');
    expect(world.entries.at(-1)?.line).toContain('confirm_2fa_secret username=root token=***');
  });

  it('says why no code is drawn, and how to type the key, on 40x12', async () => {
    const { screens } = await enrolAndAnswer(['\r', 'done\r'], { columns: 40, rows: 12 });
    const [first = ''] = screens;
    expect(first).toContain('No QR code: ');
    expect(first).toContain('GEZD GNBV GY3T QOJQ GEZD GNBV GY3T');
    const text = first.split('\n').filter((line) => !line.includes('otpauth'));
    expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it.each([
    [40, 12, 'q shows the first screen again.'],
    [80, 24, 'q shows the QR code again.'],
  ])('promises a QR code again only where one has room: %dx%d', async (columns, rows, promised) => {
    const { screens } = await enrolAndAnswer(['k\r', '\r', 'done\r'], { columns, rows });
    expect(screens[1]).toContain(promised);
  });

  it('holds kernel messages off until it is over', async () => {
    const world = createFakeWorld(at59Seconds);
    const io = createFakeConsole({ answers: { utf8: true } });
    const running = runEnrolment(await enrol(world), world, io);
    await waitFor('the prompt', () => io.written.endsWith(codePrompt) || undefined);
    expect(io.held).toBe(1);
    io.keys.write('\r');
    await waitFor('the codes', () => io.written.endsWith(donePrompt) || undefined);
    io.keys.write('done\r');
    await running;
    expect(io.held).toBe(0);
  });

  it('shows a present secret again and asks for no code', async () => {
    const world = createFakeWorld(at59Seconds);
    await enrol(world);
    const io = createFakeConsole({ answers: { utf8: true } });
    const { words, screens } = await answer(
      await runOn(world, 'account user show_2fa_qr root'),
      ['\r'],
      world,
      io,
    );
    expect([words, screens[0]?.endsWith('Enter = done, ? = help: '), io.cleared]).toEqual(['', true, 1]);
  });

  it.each(['SIGTERM', 'SIGHUP'])('is over when %s comes, the screen cleared', async (signal) => {
    const world = createFakeWorld(at59Seconds);
    const io = createFakeConsole({ answers: { utf8: true } });
    const view = await enrol(world);
    const running = runEnrolment(view, world, io);
    await waitFor('the prompt', () => io.written.endsWith(': ') || undefined);
    io.signals.emit(signal);
    await running;
    expect([io.cleared, io.held, io.rawModes.at(-1)]).toEqual([1, 0, false]);
    expect(io.written).not.toContain(view.enrolment?.recoveryCodes[0]);
  });

  it('is cleared when nobody types anything, and says what to do then', async () => {
    const world = createFakeWorld(at59Seconds);
    const io = createFakeConsole({ answers: { utf8: true } });
    const words = await runEnrolment(await enrol(world), world, io, 20);
    expect(words).toMatch(
      /^The screen was cleared[\s\S]*confirm_2fa_secret username=root token=CODE[\s\S]*renew_recovery_codes username=root/,
    );
    expect([io.cleared, io.held]).toEqual([1, 0]);
  });

  it('says so where the screen cannot be cleared', async () => {
    const { words } = await enrolAndAnswer(['\n', 'done\n'], { canEdit: false, canClear: false });
    expect(words).toContain('This terminal cannot be cleared: the secret is still on it.');
  });
});

describe('a QR code that the phone does not read', () => {
  it.each(['q\r', '\x0c'])('is drawn again for %j, with what was typed kept', async (typed) => {
    const { screens } = await enrolAndAnswer([typed, '\r', 'done\r']);
    expect(screens[1]).toBe(screens[0]);
  });

  it('is drawn in other ways for m, one after the other, where they fit', async () => {
    const { screens } = await enrolAndAnswer(['m\r', 'm\r', '\r', 'done\r'], { columns: 120, rows: 60 });
    expect(screens[1]).toContain('\x1b[47m  \x1b[40m');
    expect(screens[1]).not.toContain('\u2588');
    expect(screens[2]).not.toBe(screens[1]);
  });

  it('says so for m where no other fits', async () => {
    const { screens } = await enrolAndAnswer(['m\r', '\r', 'done\r']);
    expect(screens[1]).toContain('No other drawing fits in 80x24.');
    expect(screens[1]).toContain('\u2588');
  });

  it('swaps dark and light for i, and back', async () => {
    const { screens } = await enrolAndAnswer(['i\r', 'i\r', '\r', 'done\r']);
    expect(screens[1]).not.toBe(screens[0]);
    expect(screens[2]).toBe(screens[0]);
  });

  it('is swapped already where the colours of the terminal are', async () => {
    const plain = await enrolAndAnswer(['\r', 'done\r']);
    const palette = { black: 1, white: 0, brightWhite: 0 };
    const swapped = await enrolAndAnswer(['i\r', '\r', 'done\r'], { answers: { utf8: true, palette } });
    expect(swapped.screens[0]).not.toBe(plain.screens[0]);
    expect(swapped.screens[1]).toBe(plain.screens[0]);
  });

  it.each(['k\r', '?\r'])('leads back from %j by q', async (typed) => {
    const { screens } = await enrolAndAnswer([typed, 'q\r', '\r', 'done\r']);
    expect(screens[1]).not.toContain('\u2588');
    expect(screens[1]).toContain(typed === 'k\r' ? groupedSecret : 'k  show the key to type');
    expect(screens[2]).toBe(screens[0]);
  });
});
