import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../src/domain/settings.ts';
import { applyAsFarAsItGoes, applyPlan } from '../../../src/system/enforcement/apply.ts';
import { readFacts } from '../../../src/system/enforcement/facts.ts';
import { finishInterruptedApply, hasInterruptedApply } from '../../../src/system/enforcement/journal.ts';
import { planSystem } from '../../../src/system/enforcement/plan.ts';
import { switchOffLine } from '../../../src/system/switch/file.ts';
import { throwSwitchOff } from '../../../src/system/switch/switch.ts';
import { settingsOn } from '../../support/accounts.ts';
import { places, systemdMachine } from '../../support/fake-machine.ts';

const state = '/var/lib/postern';
const dropIn = '/etc/ssh/sshd_config.d/00-postern.conf';
const passwordsOnly: Settings = {
  ...settingsOn,
  two_factor: { ...settingsOn.two_factor, enabled: false },
  ssh: { passwordauth: null, rootlogin: true },
};
const planOf = (machine: ReturnType<typeof systemdMachine>, settings = passwordsOnly) =>
  planSystem(settings, readFacts(machine.ports, places, []));

describe('a change that fails halfway', () => {
  it('overwrites no work of others', () => {
    const machine = systemdMachine();
    const plan = planOf(machine);
    machine.contents.set(dropIn, 'PermitRootLogin no\n');
    const events: string[] = [];
    const apply = () => applyPlan(plan, machine.ports, { save: () => void events.push('save') });
    expect(apply).toThrow(expect.objectContaining({ code: 'apply.changed_meanwhile' }));
    expect(events).toEqual([]);
    expect(machine.contents.get(dropIn)).toBe('PermitRootLogin no\n');
  });

  it('starts an sshd again that its reload has ended, with everything as it was', () => {
    const machine = systemdMachine();
    machine.state.reloads = false;
    const before = new Map(machine.contents);
    const events: string[] = [];
    const apply = () =>
      applyPlan(planOf(machine), machine.ports, {
        save: () => void events.push('save'),
        restore: () => void events.push('restore'),
      });
    expect(apply).toThrow(
      expect.objectContaining({
        code: 'apply.sshd_died',
        message: 'sshd did not come back after the reload; everything was rolled back',
      }),
    );
    expect(events).toEqual(['save', 'restore']);
    expect(machine.contents).toEqual(before);
    expect(machine.state.active).toBe(true);
  });

  it('says what it could not put back, and puts it back the next time', () => {
    const machine = systemdMachine();
    const plan = planOf(machine);
    machine.state.reloads = false;
    const remove = machine.ports.files.remove;
    const stuck = {
      ...machine.ports.files,
      remove: (path: string) => {
        if (path === dropIn) throw new Error('EROFS');
        remove(path);
      },
    };
    const apply = () => applyPlan(plan, { ...machine.ports, files: stuck });
    expect(apply).toThrow(expect.objectContaining({ message: expect.stringContaining(dropIn) }));
    expect(hasInterruptedApply(machine.ports, state)).toBe(true);
    machine.state.reloads = true;
    expect(finishInterruptedApply(machine.ports, state)).toContain('was repaired');
    expect(hasInterruptedApply(machine.ports, state)).toBe(false);
    expect(finishInterruptedApply(machine.ports, state)).toBeUndefined();
  });

  const before = '@include common-auth\n';
  const ours = 'auth required /x/pam_postern.so\n@include common-auth\n';
  const ourDropIn = '# Written by Postern\nAuthenticationMethods publickey\n';
  const leaveNote = (machine: ReturnType<typeof systemdMachine>, ending: 'before' | 'after') => {
    const [off, on] = ending === 'before' ? (['before', 'after'] as const) : (['after', 'before'] as const);
    const files = [
      { kind: 'pam', path: '/etc/pam.d/sshd', mode: 420, [off]: before, [on]: ours },
      { kind: 'sshd', path: dropIn, mode: 420, [off]: null, [on]: ourDropIn },
    ];
    machine.contents.set(`${state}/apply-journal.json`, JSON.stringify({ version: 2, ending, files }));
  };

  it.each(['before', 'after'] as const)('ends well where it was cut off: codes are off (%s)', (ending) => {
    const machine = systemdMachine();
    leaveNote(machine, ending);
    machine.contents.set(dropIn, ourDropIn);
    machine.contents.set('/etc/pam.d/sshd', ours);
    expect(finishInterruptedApply(machine.ports, state)).toMatch(/was repaired$/);
    expect(machine.contents.has(dropIn)).toBe(false);
    expect(machine.contents.get('/etc/pam.d/sshd')).toBe(before);
    expect(machine.ran).toContain('systemctl reload ssh.service');
  });

  it('keeps what was written since it was cut off, without the rules that ask for codes', () => {
    const machine = systemdMachine();
    leaveNote(machine, 'before');
    machine.contents.set('/etc/pam.d/sshd', `${ours}auth required pam_faildelay.so\n`);
    machine.contents.set(dropIn, 'X11Forwarding no\n');
    const said = finishInterruptedApply(machine.ports, state);
    expect(said).toContain('/etc/pam.d/sshd was changed by another program since then, and that is kept');
    expect(said).toContain(`${dropIn} was changed by another program`);
    expect(machine.contents.get('/etc/pam.d/sshd')).toBe(`${before}auth required pam_faildelay.so\n`);
    expect(machine.contents.get(dropIn)).toBe('X11Forwarding no\n');
    expect(hasInterruptedApply(machine.ports, state)).toBe(false);
  });

  it('takes its own drop-in back though a line of it was edited', () => {
    const machine = systemdMachine();
    leaveNote(machine, 'before');
    machine.contents.set(dropIn, `${ourDropIn}X11Forwarding no\n`);
    finishInterruptedApply(machine.ports, state);
    expect(machine.contents.has(dropIn)).toBe(false);
  });

  it.each([
    '',
    '{',
    '{"version":3,"ending":"before","files":[]}',
    '{"version":2,"ending":"before","files":[{"kind":"pam","path":"etc/passwd","before":"","after":"","mode":0}]}',
    '{"version":2,"ending":"before","files":[{"kind":"pam","path":"/etc/passwd","before":"","mode":0}]}',
  ])('is not repaired by a note that is none: %j', (note) => {
    const machine = systemdMachine();
    const before = new Map(machine.contents);
    machine.contents.set(`${state}/apply-journal.json`, note);
    finishInterruptedApply(machine.ports, state);
    expect(machine.contents).toEqual(before);
  });
});

describe('tidying up once people are let in', () => {
  it('keeps the block for key holders while sshd has not read that it is over', () => {
    const machine = systemdMachine();
    const block = 'auth required /x/pam_postern.so\n@include common-auth\n';
    machine.contents.set('/etc/pam.d/sshd', block);
    machine.contents.set(
      dropIn,
      '# Written by Postern\nAuthenticationMethods publickey,keyboard-interactive:pam\n',
    );
    machine.state.reloads = false;
    const off = { ...passwordsOnly, ssh: { passwordauth: null, rootlogin: null } };
    const report = applyAsFarAsItGoes(planOf(machine, off), machine.ports);
    expect(report).toMatchObject({
      sshd: 'not_reloaded',
      warnings: [expect.stringContaining('sshd did not come back')],
    });
    expect(machine.contents.get('/etc/pam.d/sshd')).toBe(block);
    expect(machine.contents.get(`${state}/enforcement`)).toBe('off\n');
    // One that its reload has ended is there again, and the next time it reads its configuration first.
    expect(machine.state.active).toBe(true);
    machine.state.reloads = true;
    expect(applyAsFarAsItGoes(planOf(machine, off), machine.ports).warnings).toEqual([]);
    expect(machine.contents.get('/etc/pam.d/sshd')).toBe('@include common-auth\n');
  });
});

describe('the switch', () => {
  it('is thrown in the state directory, or where that cannot be written, until the next boot', () => {
    const machine = systemdMachine();
    expect(throwSwitchOff(machine.ports, state)).toEqual({ until: 'changed', warnings: [] });
    const broken = systemdMachine();
    broken.state.readOnly = state;
    expect(throwSwitchOff(broken.ports, state)).toMatchObject({
      until: 'boot',
      warnings: [expect.stringContaining('holds until the next boot')],
    });
    expect(broken.contents.get('/run/postern/enforcement')).toBe('off\n');
  });

  it('says what to type where nothing can be written', () => {
    const machine = systemdMachine();
    machine.state.readOnly = '/';
    expect(() => throwSwitchOff(machine.ports, state)).toThrow(
      expect.objectContaining({
        code: 'store.read_only',
        problems: [expect.objectContaining({ hint: switchOffLine })],
      }),
    );
  });
});
