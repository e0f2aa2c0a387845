import { describe, expect, it } from 'vitest';
import { runMenu } from '../../src/shell/interactive.ts';
import { layOutMenu } from '../../src/shell/menu/items.ts';
import { createFakeWorld, type FakeWorld } from '../support/fake-world.ts';
import { clearMark, createFakeConsole, type FakeConsole } from '../support/shell-fakes.ts';
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

/** What was written, with the lines of a text joined again. */
const unwrap = (io: FakeConsole) => io.written.replaceAll('\n', ' ');

describe('the items', () => {
  it('stand in two columns on 80 cells', () => {
    expect(layOutMenu(80, 24).join('\n')).toBe(
      ` 1) Two-factor status                      6) Check the clock
 2) Turn two-factor authentication off     7) Unlock an account
 3) Turn two-factor authentication on      8) Change an administrator's password
 4) New secret for an account (QR)         9) Open the Postern shell
 5) New recovery codes for an account     10) Open a Linux shell
                                          11) Reboot   12) Shut down`,
    );
  });

  it('stand below each other on 40 cells', () => {
    const lines = layOutMenu(40, 24);
    expect(lines).toHaveLength(11);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines.at(-1)).toBe('11) Reboot   12) Shut down');
  });

  it('are short words on 40x12, so that what stands above them stays on the screen', () => {
    expect(layOutMenu(40, 12).join('\n')).toBe(
      ` 1) Status            7) Unlock
 2) Codes off         8) Password
 3) Codes on          9) Postern shell
 4) New secret (QR)  10) Linux shell
 5) Recovery codes   11) Reboot
 6) Clock            12) Shut down`,
    );
  });
});

describe('the menu', () => {
  const enforced = { expected: true, enforced: true, findings: [] };
  const broken = { expected: true, enforced: false, findings: ['the switch was thrown off by hand', 'more'] };

  it.each<[string, object, { enabled: boolean; ssh: boolean; manages: boolean }, string]>([
    ['it is', enforced, { enabled: true, ssh: true, manages: true }, 'ON, SSH asks for codes'],
    [
      'it is not, whatever the settings say',
      broken,
      { enabled: true, ssh: true, manages: true },
      'ON, but NOT enforced: the switch was thrown off by hand',
    ],
    [
      'nothing was asked for',
      { expected: false, enforced: false, findings: [] },
      { enabled: true, ssh: false, manages: true },
      'ON, but no service requires codes',
    ],
    [
      'off is not in force',
      enforced,
      { enabled: false, ssh: true, manages: true },
      'OFF in the settings, but codes are still required',
    ],
    ['off is', { enforced: false, findings: [] }, { enabled: false, ssh: true, manages: true }, 'OFF'],
    [
      'it is a trial',
      enforced,
      { enabled: true, ssh: true, manages: false },
      'ON (a trial store: nothing here requires codes)',
    ],
  ])(
    'says which host this is, whether codes are asked for (%s), and whether the clock is right',
    async (_what, summary, how, expected) => {
      const world = createFakeWorld();
      const { enabled, ssh, manages } = how;
      world.store.settingsNow = {
        ...world.store.settingsNow,
        two_factor: { ...world.store.settingsNow.two_factor, enabled, services: { ssh } },
      };
      Object.assign(world.appliance, { manages, summary: async () => summary });
      const { io } = await answer([], world);
      expect(unwrap(io)).toContain(`nas (192.0.2.7) two-factor authentication: ${expected} clock: right `);
    },
  );

  it('says so when what is in force cannot be read', async () => {
    const world = createFakeWorld();
    const summary = async () => {
      throw new Error('sshd is gone');
    };
    Object.assign(world.appliance, { manages: true, summary });
    const { io } = await answer([], world);
    expect(unwrap(io)).toContain(
      'OFF in the settings, but what is in force cannot be read: Error: sshd is gone',
    );
  });

  it('keeps what it says above the items on the screen of 40x12', async () => {
    const world = createFakeWorld();
    Object.assign(world.appliance, { manages: true, summary: async () => broken });
    world.store.settingsNow = {
      ...world.store.settingsNow,
      two_factor: { ...world.store.settingsNow.two_factor, enabled: true, services: { ssh: true } },
    };
    const { io } = await answer([], world, createFakeConsole({ columns: 40, rows: 12 }));
    const screen = io.written.slice(0, io.written.indexOf('Number'));
    expect(screen.split('\n').length).toBeLessThanOrEqual(12);
    expect(screen).toContain('nas (192.0.2.7)');
    expect(screen.replace(/\n/g, ' ')).toContain('two-factor authentication: ON, but NOT enforced');
  });

  it('says that it is a dry run', async () => {
    const { io } = await answer([], createFakeWorld({ dryRun: true }));
    expect(io.written).toContain('Dry run: nothing changes.\nnas (');
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
    world.store.settingsNow = {
      ...world.store.settingsNow,
      two_factor: { ...world.store.settingsNow.two_factor, enabled: true },
    };
    const { io } = await answer(['2'], world);
    expect(io.written).toContain('[nas]> auth two_factor update enabled=false\n');
    expect(world.store.settingsNow.two_factor.enabled).toBe(false);
  });

  it('asks which account, root unless another is named', async () => {
    const world = createFakeWorld();
    world.store.accountsNow.set('ann', { ...world.store.accountsNow.get('root')!, username: 'ann' });
    const { io } = await answer(['7', '', '7', 'ann'], world);
    expect(io.written).toContain('Accounts: ann, root\n');
    expect(io.written).toContain('[nas]> account user unlock username=root\n');
    expect(io.written).toContain('[nas]> account user unlock username=ann\n');
  });

  it.each(['0', '13', '999999999999999999', '-1', '1.5', 'x'])('takes %j for an error', async (typed) => {
    const { code, io } = await answer([typed]);
    expect(code).toBe(0);
    expect([io.results, io.errors]).toEqual([[], []]);
    expect(io.written).toContain('type a number from 1 to 12, or 9 for the shell.');
  });

  it.each([
    ['system version', '[nas]> system version\n'],
    ['auth two_factor update window=2', '[nas]> auth two_factor update window=2\n'],
    ['help', '[nas]> help\n'],
    [
      'account user verify_twofactor_token root 123456',
      '[nas]> account user verify_twofactor_token root ***\n',
    ],
  ])('runs the line %j that was typed in the place of a number', async (typed, expected) => {
    const { io } = await answer([typed]);
    expect(io.written).toContain(expected);
    expect([io.results.length, io.errors]).toEqual([1, []]);
  });

  it('explains a line that is wrong', async () => {
    const { io } = await answer(['acount user query']);
    expect(io.errors).toEqual(['resolve.unknown_word']);
  });

  it('says once, not twice, why codes stay off where the first code was skipped', async () => {
    const world = createFakeWorld({ clock: { nowMs: () => 59_000 } });
    const { io } = await answer(['3', ''], world);
    expect(io.errors).toEqual(['rule.no_administrator_enrolled']);
    expect(io.written).toContain(
      'Codes stay off until an administrator has typed a first code: then choose 3 again.',
    );
    expect(world.store.settingsNow.two_factor.enabled).toBe(false);
  });

  it('enrols an account first where nobody could sign in with a code, then asks for codes', async () => {
    const world = createFakeWorld({ clock: { nowMs: () => 59_000 } });
    const io = createFakeConsole();
    const showResult = io.showResult;
    io.showResult = async (result) => {
      // What the dialogue does when the first code is right.
      const root = world.store.accountsNow.get('root');
      if (result.view?.enrolment && root)
        world.store.accountsNow.set('root', {
          ...root,
          devices: root.devices.map((device) => ({ ...device, confirmed: true })),
        });
      return showResult(result);
    };
    await answer(['3', ''], world, io);
    expect(io.errors).toEqual(['rule.no_administrator_enrolled']);
    expect(io.written).toContain('[nas]> account user renew_2fa_secret username=root\n');
    expect(io.written.split('[nas]> auth two_factor update enabled=true services.ssh=true\n')).toHaveLength(
      3,
    );
    expect(world.store.settingsNow.two_factor).toMatchObject({ enabled: true, services: { ssh: true } });
  });

  it('draws itself again on Enter, over whatever stands there', async () => {
    const { io } = await answer(['']);
    expect(io.written.split(' 1) Two-factor status')).toHaveLength(3);
    expect(io.written).toContain(clearMark);
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
