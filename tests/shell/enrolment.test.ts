import { describe, expect, it } from 'vitest';
import type { View } from '../../src/output/view.ts';
import { runEnrolment } from '../../src/shell/enrolment.ts';
import { runLine } from '../../src/shell/session.ts';
import {
  createFakeConsole,
  createFakeWorld,
  type FakeConsole,
  type FakeWorld,
} from '../support/shell-fakes.ts';
import { waitFor } from '../support/wait.ts';

// RFC 6238, appendix B: this secret in base32; its code at 59 s of SHA-1 is 94287082, so 287082 with 6 digits.
const rfcSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const utf8: { utf8: boolean } = { utf8: true };

async function enrol(world: FakeWorld): Promise<View> {
  const line = `account user renew_2fa_secret username=root secret=${rfcSecret}`;
  const { view } = await runLine(line, { location: [], navigates: false }, world);
  if (!view) throw new Error('no view');
  return view;
}

async function answer(
  view: View,
  answers: readonly string[],
  world: FakeWorld,
  io: FakeConsole,
): Promise<string> {
  const running = runEnrolment(view, world, io);
  for (const typed of answers) {
    await waitFor('a prompt', () => /: $/.test(io.written) || undefined);
    io.written += '\u0000';
    io.keys.write(typed);
  }
  return running;
}

const at59Seconds = { clock: { nowMs: () => 59_000 } };

describe('the dialogue of an enrolment', () => {
  it('fits QR code, key, parameters and URI on 80x24, with the prompt', async () => {
    const world = createFakeWorld(at59Seconds);
    const io = createFakeConsole({ answers: utf8 });
    await answer(await enrol(world), ['\r', '\r'], world, io);
    const [first = ''] = io.written.replace('\x1b[H\x1b[2J', '').split('\u0000');
    expect(first.split('\n')).toHaveLength(23);
    expect(first).toContain(
      'key         GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ\nparameters  TOTP, SHA-1, 6 digits, 30 s\nURI         otpauth://totp/',
    );
  });

  it('confirms by the first code, then shows the recovery codes alone, then nothing', async () => {
    const world = createFakeWorld(at59Seconds);
    const io = createFakeConsole({ answers: utf8 });
    const view = await enrol(world);
    const words = await answer(view, ['287 082\r', '\r'], world, io);
    expect(world.accounts.get('root')?.devices[0]?.confirmed).toBe(true);
    const [, afterCode = ''] = io.written.split('\u0000');
    for (const code of view.enrolment?.recoveryCodes ?? []) expect(afterCode).toContain(code);
    expect(view.enrolment?.recoveryCodes).toHaveLength(10);
    expect(io.written.split('\u0000')[0]).not.toContain(view.enrolment?.recoveryCodes[0]);
    expect([words, io.cleared]).toEqual(['Device default of root is confirmed.', 2]);
  });

  it('explains a wrong code and asks again', async () => {
    const world = createFakeWorld(at59Seconds);
    const io = createFakeConsole({ answers: utf8 });
    await answer(await enrol(world), ['287083\r', '287082\r', '\r'], world, io);
    expect(io.written).toContain('device default of root is not confirmed');
    expect(world.accounts.get('root')?.devices[0]?.confirmed).toBe(true);
  });

  it.each([
    ['Enter', '\r'],
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('is left for later by %s, nothing lost', async (_key, typed) => {
    const world = createFakeWorld(at59Seconds);
    const io = createFakeConsole({ answers: utf8 });
    const words = await answer(await enrol(world), [typed, '\r'], world, io);
    expect(words).toContain('account user confirm_2fa_secret username=root token=CODE');
    expect(world.accounts.get('root')?.devices).toHaveLength(1);
    expect(io.written).toContain('recovery codes');
  });

  it('keeps the code out of the audit log', async () => {
    const world = createFakeWorld(at59Seconds);
    await answer(await enrol(world), ['287082\r', '\r'], world, createFakeConsole({ answers: utf8 }));
    expect(JSON.stringify(world.entries)).not.toContain('287082');
    expect(world.entries.at(-1)?.line).toContain('confirm_2fa_secret username=root token=***');
  });

  it('says why no code is drawn, and how to type the key, on 40x12', async () => {
    const world = createFakeWorld(at59Seconds);
    const io = createFakeConsole({ columns: 40, rows: 12, answers: utf8 });
    await answer(await enrol(world), ['\r', '\r'], world, io);
    const [first = ''] = io.written.replace('\x1b[H\x1b[2J', '').split('\u0000');
    expect(first).toContain('No QR code here: the code takes');
    expect(first).toContain('GEZD GNBV GY3T QOJQ GEZD GNBV GY3T');
    const text = first.split('\n').filter((line) => !line.includes('otpauth'));
    expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it('lets what does not fit be asked for', async () => {
    const world = createFakeWorld(at59Seconds);
    const io = createFakeConsole({ rows: 21, answers: utf8 });
    await answer(await enrol(world), ['k\r', '\r', '\r'], world, io);
    const [first, second] = io.written.split('\u0000');
    expect(first).toMatch(/QOJQ\nFirst code \(Enter: later, k: the key\): $/);
    expect(second).toContain('URI         otpauth://');
  });

  it('holds kernel messages off until it is over', async () => {
    const world = createFakeWorld(at59Seconds);
    const io = createFakeConsole({ answers: utf8 });
    const running = runEnrolment(await enrol(world), world, io);
    await waitFor('the prompt', () => io.written.endsWith(': ') || undefined);
    expect(io.held).toBe(1);
    io.keys.write('\r');
    await waitFor('the codes', () => io.written.endsWith('press Enter: ') || undefined);
    io.keys.write('\r');
    await running;
    expect(io.held).toBe(0);
  });

  it('shows a present secret again and asks for no code', async () => {
    const world = createFakeWorld(at59Seconds);
    await enrol(world);
    const { view } = await runLine(
      'account user show_2fa_qr root',
      { location: [], navigates: false },
      world,
    );
    const io = createFakeConsole({ answers: utf8 });
    expect(await answer(view as View, ['\r'], world, io)).toBe('');
    expect([io.written.includes('Enter when done: '), io.cleared]).toEqual([true, 1]);
  });

  it('is over when the process is told to end, the screen cleared', async () => {
    const world = createFakeWorld(at59Seconds);
    const io = createFakeConsole({ answers: utf8 });
    const running = runEnrolment(await enrol(world), world, io);
    await waitFor('the prompt', () => io.written.endsWith(': ') || undefined);
    io.signals.emit('SIGTERM');
    await running;
    expect([io.cleared, io.held, io.rawModes.at(-1)]).toEqual([2, 0, false]);
  });
});
