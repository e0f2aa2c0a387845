import { describe, expect, it } from 'vitest';
import { runMenu } from '../../src/shell/menu.ts';
import { layOutMenu } from '../../src/shell/menu-items.ts';
import {
  createFakeConsole,
  createFakeWorld,
  type FakeConsole,
  type FakeWorld,
} from '../support/shell-fakes.ts';
import { waitFor } from '../support/wait.ts';

const numberPrompt = 'Number (Enter shows the menu, q leaves): ';

/** Answers prompts one after the other, each when its prompt is there, then leaves with Ctrl-D. */
async function answer(
  answers: readonly string[],
  world: FakeWorld = createFakeWorld(),
  io: FakeConsole = createFakeConsole(),
) {
  const running = runMenu(world, io);
  for (const typed of [...answers, '\x04']) {
    await waitFor('a prompt', () => /(: |> )$/.test(io.written) || undefined);
    io.written += '\u0000';
    io.keys.write(typed === '\x04' ? typed : `${typed}\r`);
  }
  const code = await running;
  io.written = io.written.replaceAll('\u0000', '');
  return { code, io, world };
}

describe('the items', () => {
  it('stand in two columns on 80 cells', () => {
    expect(layOutMenu(80).join('\n')).toBe(
      ` 1) Two-factor status                      6) Check the clock
 2) Turn two-factor authentication off     7) Unlock an account
 3) Turn two-factor authentication on      8) Change an administrator's password
 4) New secret for an account (QR)         9) Open the Postern shell
 5) New recovery codes for an account     10) Open a Linux shell
                                          11) Reboot   12) Shut down`,
    );
  });

  it('stand below each other on 40 cells, all of them on 12 rows with the prompt', () => {
    const lines = layOutMenu(40);
    expect(lines).toHaveLength(11);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines.at(-1)).toBe('11) Reboot   12) Shut down');
  });
});

describe('the menu', () => {
  it('says which host this is, whether codes are asked for, and whether the clock is right', async () => {
    const world = createFakeWorld();
    world.settings = {
      ...world.settings,
      two_factor: { ...world.settings.two_factor, enabled: true, services: { ssh: true } },
    };
    const { io } = await answer([], world);
    expect(io.written).toContain(
      'nas (192.0.2.7)\ntwo-factor authentication: ON, SSH asks for codes\nclock: right\n',
    );
  });

  it('says that it is a dry run', async () => {
    const { io } = await answer([], createFakeWorld({ options: { yes: false, dryRun: true } }));
    expect(io.written).toContain('Dry run: nothing is changed.\nnas (');
  });

  it('says that the clock is wrong', async () => {
    const world = createFakeWorld();
    world.appliance.readClock = async () => ({
      synchronised: false,
      by: 'chrony',
      offset_seconds: 90,
      source: null,
      detail: '',
    });
    const { io } = await answer([], world);
    expect(io.written).toContain('clock: WRONG: the clock is 90 s ahead');
  });

  it('opens although the settings cannot be read', async () => {
    const world = createFakeWorld();
    world.store.settings = () => {
      throw new Error('damaged');
    };
    const { code, io } = await answer([], world);
    expect([code, io.written.includes('its settings cannot be read: Error: damaged')]).toEqual([0, true]);
  });

  it('shows the line that an item runs, and runs it', async () => {
    const world = createFakeWorld();
    world.settings = { ...world.settings, two_factor: { ...world.settings.two_factor, enabled: true } };
    const { io } = await answer(['2'], world);
    expect(io.written).toContain('[nas]> auth two_factor update enabled=false\n');
    expect(world.settings.two_factor.enabled).toBe(false);
  });

  it('asks which account, root unless another is named', async () => {
    const world = createFakeWorld();
    world.accounts.set('ann', { ...world.accounts.get('root')!, username: 'ann' });
    const { io } = await answer(['7', '', '7', 'ann'], world);
    expect(io.written).toContain('Accounts: ann, root\n');
    expect(io.written).toContain('[nas]> account user unlock username=root\n');
    expect(io.written).toContain('[nas]> account user unlock username=ann\n');
  });

  it.each(['0', '13', '999999999999999999', '-1', '1.5', 'x'])('takes %j for an error', async (typed) => {
    const { code, io } = await answer([typed]);
    expect(code).toBe(0);
    expect([io.results, io.errors]).toEqual([[], []]);
    expect(io.written).toContain('type a number from 1 to 12.');
  });

  it('draws itself again on Enter, over whatever stands there', async () => {
    const { io } = await answer(['']);
    expect(io.written.split(' 1) Two-factor status')).toHaveLength(3);
    expect(io.written).toContain('\x1b[H\x1b[2J');
  });

  it('goes on after Ctrl-C', async () => {
    const { code, io } = await answer(['99\x03']);
    expect(code).toBe(0);
    expect(io.written.split(numberPrompt).length).toBeGreaterThan(2);
  });

  it('opens the shell and comes back', async () => {
    const { io } = await answer(['9', 'auth two_factor', 'exit']);
    expect(io.written).toMatch(/\[nas\] auth two_factor> exit\r\nNumber/);
  });

  it('ends when there is no more input, rather than asking for ever', async () => {
    const io = createFakeConsole({ canEdit: false });
    io.keys.end('99\n');
    expect(await runMenu(createFakeWorld(), io)).toBe(0);
    expect(io.written.split(numberPrompt)).toHaveLength(3);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('ends for %s', async (signal, code) => {
    const io = createFakeConsole();
    const running = runMenu(createFakeWorld(), io);
    await waitFor('the prompt', () => io.written.endsWith(numberPrompt) || undefined);
    io.signals.emit(signal);
    expect(await running).toBe(code);
  });
});
