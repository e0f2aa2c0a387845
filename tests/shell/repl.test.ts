import { describe, expect, it } from 'vitest';
import { runRepl } from '../../src/shell/interactive.ts';
import { createFakeWorld, type FakeWorld } from '../support/fake-world.ts';
import { createFakeConsole, type FakeConsole, settle } from '../support/shell-fakes.ts';
import { waitFor } from '../support/wait.ts';

/** Runs the shell on lines typed one after the other, then leaves it with Ctrl-D. */
async function typeLines(
  lines: readonly string[],
  world: FakeWorld = createFakeWorld(),
  io: FakeConsole = createFakeConsole(),
) {
  const running = runRepl(world, io);
  for (const line of lines) {
    io.keys.write(`${line}\r`);
    await settle();
  }
  io.keys.write('\x04');
  return { code: await running, io, world };
}

const prompts = (io: FakeConsole) =>
  [...io.written.matchAll(/(?:^|\n)((?:\[nas\][^>]*>|\.\.\.) )/g)].map(([, prompt]) => prompt);

describe('the shell', () => {
  it('shows where relative words start from', async () => {
    const { io } = await typeLines(['auth two_factor', '..', '/']);
    expect(prompts(io)).toEqual(['[nas]> ', '[nas] auth two_factor> ', '[nas] auth> ', '[nas]> ']);
  });

  it('says that it is a dry run, and then changes nothing', async () => {
    const world = createFakeWorld({ dryRun: true });
    const { io } = await typeLines(['auth two_factor update window=5'], world);
    expect(io.written).toContain('Dry run: nothing changes.');
    expect(io.results[0]?.view?.data).toMatchObject({ changed: true, dry_run: true });
    expect(world.store.settingsNow.two_factor.window).toBe(1);
    expect((await typeLines([])).io.written).not.toContain('Dry run');
  });

  it('goes on in the next line while a bracket is open', async () => {
    const { io, world } = await typeLines(['auth two_factor update services={', '"ssh": true}']);
    expect(prompts(io)).toEqual(['[nas]> ', '... ', '[nas]> ']);
    expect(world.store.settingsNow.two_factor.services.ssh).toBe(true);
  });

  it('never goes on for an open quote', async () => {
    const { io } = await typeLines(["auth two_factor update enabled=false'"]);
    expect([io.errors, prompts(io)]).toEqual([['lex.unclosed_quote'], ['[nas]> ', '[nas]> ']]);
  });

  it.each([
    ["auth two_factor update enabled=false'", 'auth two_factor update enabled=false', 'a stray quote'],
    ['account user delet ben', '', 'what it would destroy was not typed'],
    ['account user set_password root hunter22', '', 'a secret'],
    ['account user create admin=1 nam=x', '', 'nothing that is certain'],
    ['qr', '', 'a name is still to be given'],
  ])('has the line that mends %s ready at the next prompt: %s (%s)', async (line, offered) => {
    const { io } = await typeLines([line]);
    const [, ...prompts] = io.written.split('[nas]> ').slice(1);
    expect(prompts[0]?.includes(offered === '' ? 'account' : offered)).toBe(offered !== '');
  });

  it('leaves an open bracket with Ctrl-C', async () => {
    const io = createFakeConsole();
    const { world } = await typeLines(['auth two_factor update services={', '\x03'], createFakeWorld(), io);
    expect(prompts(io)).toContain('... ');
    expect([world.store.settingsNow.two_factor.services.ssh, io.errors]).toEqual([
      false,
      ['resolve.unknown_word'].slice(1),
    ]);
  });

  it('says how to leave when Ctrl-C finds nothing to cancel', async () => {
    const io = createFakeConsole();
    const running = runRepl(createFakeWorld(), io);
    io.keys.write('abc\x03');
    await settle();
    expect(io.written).not.toContain('exit or Ctrl-D');
    io.keys.write('\x03');
    await settle();
    expect(io.written).toContain('exit or Ctrl-D leaves the shell');
    io.keys.write('\x04');
    expect(await running).toBe(0);
  });

  it.each(['exit', 'quit'])('is left by %s', async (word) => {
    const io = createFakeConsole();
    const running = runRepl(createFakeWorld(), io);
    io.keys.write(`${word}\r`);
    expect(await running).toBe(0);
  });

  it('explains at once behind ?, and the line goes on', async () => {
    const io = createFakeConsole();
    const world = createFakeWorld();
    const running = runRepl(world, io);
    io.keys.write('auth two_factor update ?');
    await waitFor('the explanation', () => io.results[0]);
    expect(io.results[0]?.view?.text).toContain('enabled=true|false');
    io.written = '';
    io.keys.write('window=3\r');
    await waitFor('the answer', () => io.results[1]);
    expect(world.store.settingsNow.two_factor.window).toBe(3);
    io.keys.write('\x04');
    await running;
  });

  it('draws codes from here on as .qr_mode says', async () => {
    const io = createFakeConsole();
    await typeLines(
      ['.qr_mode column', '.qr_mode reverse invert=true', '.qr_mode nonsense'],
      createFakeWorld(),
      io,
    );
    expect(io.qr).toEqual({ requested: 'reverse', invert: true });
    expect(io.errors).toHaveLength(1);
  });

  it('says so where clear cannot clear', async () => {
    const io = createFakeConsole({ canClear: false });
    await typeLines(['clear'], createFakeWorld(), io);
    expect(io.written).toContain('This terminal cannot be cleared.\n');
  });

  it('keeps no secret in the history', async () => {
    const history: string[] = [];
    await typeLines(
      ['account user verify_twofactor_token username=root token=123456', 'nonsense password=hunter2', 'ls'],
      createFakeWorld(),
      createFakeConsole({ history }),
    );
    expect(history).toEqual([
      'account user verify_twofactor_token username=root token=***',
      'nonsense password=***',
      'ls',
    ]);
  });

  it('sees a change that another process made meanwhile', async () => {
    const io = createFakeConsole();
    const world = createFakeWorld();
    const running = runRepl(world, io);
    io.keys.write('auth two_factor config\r');
    await settle();
    world.store.settingsNow = {
      ...world.store.settingsNow,
      two_factor: { ...world.store.settingsNow.two_factor, window: 7 },
    };
    io.keys.write('auth two_factor config\r');
    await settle();
    io.keys.write('\x04');
    await running;
    expect(
      io.results.map(({ view }) => (view as unknown as { data: { window: number } }).data.window),
    ).toEqual([1, 7]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('ends for %s with %i, the terminal as it was', async (signal, code) => {
    const io = createFakeConsole();
    const running = runRepl(createFakeWorld(), io);
    await settle();
    io.signals.emit(signal);
    expect([await running, io.rawModes.at(-1), io.signals.eventNames()]).toEqual([code, false, []]);
  });

  it('finishes the command that runs before it ends', async () => {
    const io = createFakeConsole();
    const world = createFakeWorld();
    const { withLock } = world.store;
    let release = () => {};
    world.store.withLock = async (work) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return withLock(work);
    };
    const running = runRepl(world, io);
    io.keys.write('auth two_factor update window=3\rauth two_factor update window=4\r');
    await settle();
    io.signals.emit('SIGTERM');
    release();
    expect([await running, world.store.settingsNow.two_factor.window]).toEqual([143, 3]);
  });

  it('lists accounts when Tab is pressed, never at a key', async () => {
    const world = createFakeWorld();
    const { accountNames } = world.store;
    let listed = 0;
    world.store.accountNames = () => {
      listed += 1;
      return accountNames();
    };
    const io = createFakeConsole();
    const running = runRepl(world, io);
    io.keys.write('account user unlock username=ro');
    await settle();
    expect(listed).toBe(0);
    io.keys.write('\t');
    await settle();
    expect([listed, io.written.endsWith('username=root ')]).toEqual([1, true]);
    io.keys.write('\x03\x04');
    await running;
  });

  it('works by typing alone where nothing can be edited', async () => {
    const io = createFakeConsole({ canEdit: false });
    io.keys.write('auth two_factor\nupdate ?\nconfig\n');
    io.keys.end();
    expect(await runRepl(createFakeWorld(), io)).toBe(0);
    expect(io.results).toHaveLength(3);
    expect(io.written).not.toContain('\x1b');
  });
});
