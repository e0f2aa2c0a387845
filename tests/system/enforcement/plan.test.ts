import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../src/domain/settings.ts';
import { diffFiles } from '../../../src/system/enforcement/diff.ts';
import { findDifferences } from '../../../src/system/enforcement/findings.ts';
import { planRemoval, planSystem } from '../../../src/system/enforcement/plan.ts';
import { stockSshdBase } from '../../../src/system/sshd/values.ts';
import { timerUnitPaths } from '../../../src/system/switch/units.ts';
import type { SystemFacts, SystemPlan } from '../../../src/system/types.ts';
import { watchUnitPaths } from '../../../src/system/watch/units.ts';
import { settingsOn } from '../../support/accounts.ts';
import { systemdMachine } from '../../support/fake-machine.ts';

const pam = '/etc/pam.d/sshd';
const dropIn = '/etc/ssh/sshd_config.d/00-postern.conf';
const state = '/var/lib/postern/enforcement';
const override = '/run/postern/enforcement';
const pamContent = '@include common-auth\naccount required pam_unix.so\n';

const machine: SystemFacts = {
  managesSystem: true,
  stateDirectory: '/var/lib/postern',
  program: ['/usr/bin/postern'],
  helper: '/usr/bin/postern',
  programDirectory: '/usr/lib/postern',
  untrusted: null,
  interpreter: { path: '/usr/bin/node', untrusted: null },
  moduleIsCurrent: true,
  accountNames: { named: ['alice', 'root'], exempt: [] },
  administrators: ['root', 'alice'],
  sshdInstalled: true,
  modulePath: '/usr/lib/security/pam_postern.so',
  checkerPath: '/usr/libexec/postern-pam-check',
  init: null,
  pamServices: { sshd: pamContent, 'common-auth': 'auth required pam_unix.so\n' },
  withoutKey: [],
  base: stockSshdBase,
  usesPam: true,
  sshdScan: { paths: [], matches: [], lines: [], size: 0, includesDropIn: true },
  sshdOptions: [],
  superusers: ['root'],
  matchedUsers: [],
  present: { [pam]: { content: pamContent, mode: 0o640 } },
};
const settingsOff: Settings = { ...settingsOn, two_factor: { ...settingsOn.two_factor, enabled: false } };
const changed = ({ files }: SystemPlan) =>
  files.filter(({ before, after }) => before !== after).map(({ path }) => path);
/** The machine as it is once a plan was put in force. */
const putInForce = (plan: SystemPlan, facts: SystemFacts): SystemFacts => ({
  ...facts,
  present: Object.fromEntries(
    plan.files.flatMap(({ path, after: content, mode }) =>
      content === null ? [] : [[path, { content, mode }]],
    ),
  ),
});

describe('the plan', () => {
  it('throws the switch last when codes are turned on, and first when they are turned off', () => {
    const on = planSystem(settingsOn, machine);
    expect(changed(on)).toEqual([pam, dropIn, state]);
    expect(on.files.find(({ path }) => path === pam)?.mode).toBe(0o640);
    const off = planSystem(settingsOff, putInForce(on, machine));
    expect(changed(off)).toEqual([state, dropIn, pam]);
    expect(off.files.find(({ path }) => path === pam)?.after).toBe(pamContent);
  });

  it('has nothing to do the second time', () => {
    const on = planSystem(settingsOn, machine);
    expect(changed(planSystem(settingsOn, putInForce(on, machine)))).toEqual([]);
  });

  it('tells an older block from an edited one, and both are written anew', () => {
    const { ports } = systemdMachine();
    const old = planSystem(settingsOn, { ...machine, interpreter: null });
    const after = putInForce(old, machine);
    const codesOf = (facts: SystemFacts) =>
      findDifferences(planSystem(settingsOn, facts), ports).map(({ code, hint }) => [code, hint]);
    const install = 'system enforcement install';
    expect(codesOf(after)).toContainEqual(['pam_outdated', install]);
    expect(changed(planSystem(settingsOn, after))).toEqual([pam]);
    const content = after.present[pam]?.content.replaceAll('default=die', 'default=bad') ?? '';
    const edited = { ...after, present: { ...after.present, [pam]: { content, mode: 0o640 } } };
    expect(codesOf(edited)).toContainEqual(['pam_edited', install]);
  });

  const watching = [
    { init: 'systemd', paths: ['path', 'service', 'wants'] },
    { init: 'sysv', paths: ['cron'] },
    { init: null, paths: [] },
  ] as const;
  it.each(watching)('is watched by what $init has, while codes are asked for', ({ init, paths }) => {
    const units = paths.map((name) => watchUnitPaths[name]);
    const facts = { ...machine, init };
    const on = planSystem(settingsOn, facts);
    expect(changed(on).filter((path) => Object.values<string>(watchUnitPaths).includes(path))).toEqual(units);
    for (const { path, after } of on.files.filter(({ path }) => units.includes(path as never))) {
      if (path === watchUnitPaths.path) expect(after).toMatch(/PathChanged=\/etc\/pam.d\n/);
      if (path === watchUnitPaths.cron)
        expect(after).toMatch(/^\*\/5 \* \* \* \* root .* timers watch > \/dev\/null 2>&1$/m);
    }
    expect(changed(planSystem(settingsOff, putInForce(on, facts)))).toEqual(expect.arrayContaining(units));
    expect(changed(planRemoval(putInForce(on, facts)))).toEqual(expect.arrayContaining(units));
  });

  it.each(watching)('is watched by what $init has, while codes are to come back', ({ init, paths }) => {
    const restore = settingsOn.two_factor;
    const offForAWhile: Settings = { ...settingsOff, pending: { reason: 'for', due_ms: 9_000_000, restore } };
    const watches = planSystem(offForAWhile, { ...machine, init }).files.filter(
      ({ path, after }) => after !== null && Object.values<string>(watchUnitPaths).includes(path),
    );
    expect(watches.map(({ path }) => path)).toEqual(paths.map((name) => watchUnitPaths[name]));
  });

  it('touches nothing in a trial', () => {
    const trial = { ...machine, managesSystem: false, modulePath: null, sshdInstalled: false };
    expect(planSystem(settingsOn, trial)).toMatchObject({ managesSystem: false, files: [], expected: [] });
    expect(planRemoval(trial).files).toEqual([]);
  });

  it('asks for codes only with services.ssh', () => {
    const noSsh = { ...settingsOn, two_factor: { ...settingsOn.two_factor, services: { ssh: false } } };
    expect(changed(planSystem(noSsh, machine))).toEqual([state]);
  });

  const refused: readonly { because: string; facts: Partial<SystemFacts>; code: string }[] = [
    { because: 'there is no sshd', facts: { sshdInstalled: false }, code: 'rule.ssh_missing' },
    { because: 'there is no module', facts: { modulePath: null }, code: 'rule.pam_module_missing' },
    {
      because: 'users other than root can change Node',
      facts: { interpreter: { path: '/usr/bin/node', untrusted: '/usr' } },
      code: 'rule.interpreter_untrusted',
    },
    {
      because: 'the module is of an older Postern, which denies for a word that it does not know',
      facts: { moduleIsCurrent: false },
      code: 'rule.pam_module_outdated',
    },
    {
      because: 'users other than root can change the program',
      facts: { untrusted: '/usr/bin/postern' },
      code: 'rule.program_untrusted',
    },
    { because: 'there is no PAM file', facts: { present: {} }, code: 'rule.pam_service_missing' },
    {
      because: 'the PAM file asks for no password',
      facts: { present: { [pam]: { content: '', mode: 0o644 } } },
      code: 'rule.pam_service_missing',
    },
  ];
  it.each(refused)('refuses to ask for codes where $because, but never to stop asking', ({ facts, code }) => {
    expect(() => planSystem(settingsOn, { ...machine, ...facts })).toThrow(expect.objectContaining({ code }));
    expect(() => planSystem(settingsOff, { ...machine, ...facts })).not.toThrow();
    expect(() => planRemoval({ ...machine, ...facts })).not.toThrow();
  });

  const overrides = [
    { says: 'off\n', settings: settingsOn, stays: null, because: 'codes are asked for anew' },
    { says: 'off\n', settings: settingsOff, stays: 'off\n', because: 'it says what the settings say' },
    { says: 'on\n', settings: settingsOff, stays: null, because: 'it says the contrary' },
  ];
  it.each(overrides)('leaves an override at $stays where $because', ({ says, settings, stays }) => {
    const facts = { ...machine, present: { ...machine.present, [override]: { content: says, mode: 0o600 } } };
    expect(planSystem(settings, facts).files.find(({ path }) => path === override)?.after).toBe(stays);
  });

  const thrown = [
    { path: override, says: 'off\n', keeps: true, stays: true, because: 'something else is changed' },
    { path: state, says: 'off\n', keeps: true, stays: true, because: 'it is the one in the state directory' },
    { path: override, says: 'on\n', keeps: true, stays: false, because: 'it says on' },
    { path: override, says: 'off\n', keeps: false, stays: false, because: 'codes are asked for anew' },
  ];
  it.each(thrown)(
    'leaves a switch thrown by hand ($stays) where $because',
    ({ path, says, keeps, stays }) => {
      const facts = { ...machine, present: { ...machine.present, [path]: { content: says, mode: 0o600 } } };
      const plan = planSystem(settingsOn, facts, keeps);
      expect(plan.switchedOff).toBe(stays);
      expect(plan.files.some(({ kind }) => kind === 'switch')).toBe(!stays);
    },
  );

  it('warns an administrator who is locked out', () => {
    const keysOnly = { ...settingsOn, ssh: { passwordauth: false, rootlogin: null } };
    const facts = { ...machine, withoutKey: ['alice', 'root'] };
    expect(planSystem(keysOnly, facts).warnings).toHaveLength(2);
    expect(planSystem(settingsOn, facts).warnings).toEqual([
      'root has no public key here, and without one cannot sign in over SSH',
    ]);
    const noRoot = { ...facts, base: { ...stockSshdBase, permitRootLogin: 'no' } as const };
    expect(planSystem(settingsOn, noRoot).warnings).toEqual([
      'root cannot sign in over SSH (PermitRootLogin no)',
    ]);
  });

  const unsafe = { message: '/x can be written by users other than root (mode 0777)', hint: 'chmod go-w /x' };
  it.each([pam, dropIn])('asks for no code that depends on a file others can write: %s', (path) => {
    const on = putInForce(planSystem(settingsOn, machine), machine);
    const content = on.present[path]?.content ?? '';
    const facts = { ...on, present: { ...on.present, [path]: { content, mode: 0o777, fault: unsafe } } };
    expect(() => planSystem(settingsOn, facts)).toThrow(
      expect.objectContaining({
        code: 'rule.file_unsafe',
        message: expect.stringContaining(unsafe.message),
        problems: [expect.objectContaining({ hint: unsafe.hint })],
      }),
    );
    // The way out is open all the same.
    expect(changed(planSystem(settingsOff, facts))).toEqual([state, dropIn, pam]);
    expect(changed(planRemoval(facts))).toEqual([dropIn, pam, state]);
  });

  describe('with a drop-in of somebody else where Postern writes its own', () => {
    const foreign = { content: 'X11Forwarding no\n', mode: 0o644 };
    const withForeign = (facts: SystemFacts) => ({
      ...facts,
      present: { ...facts.present, [dropIn]: foreign },
    });
    const wishes: Settings = { ...settingsOff, ssh: { passwordauth: null, rootlogin: true } };

    it.each([settingsOn, wishes])('refuses to overwrite it', (settings) => {
      expect(() => planSystem(settings, withForeign(machine))).toThrow(
        expect.objectContaining({
          code: 'rule.sshd_file_foreign',
          message: expect.stringContaining(dropIn),
          problems: [expect.objectContaining({ hint: expect.stringContaining(`mv ${dropIn} `) })],
        }),
      );
    });

    it('leaves it where codes end, and where all is removed', () => {
      const on = withForeign(putInForce(planSystem(settingsOn, machine), machine));
      expect(changed(planSystem(settingsOff, on))).toEqual([state, pam]);
      expect(changed(planSystem(wishes, on))).toEqual([state, pam]);
      expect(changed(planRemoval(on))).toEqual([pam, state]);
      expect(changed(planSystem(settingsOff, withForeign(machine)))).toEqual([state]);
    });

    it('takes the place of one with nothing in it', () => {
      const facts = { ...machine, present: { ...machine.present, [dropIn]: { content: '\n', mode: 0o644 } } };
      expect(changed(planSystem(settingsOn, facts))).toContain(dropIn);
    });
  });

  it('asks sshd of no administrator whose name it cannot be asked by, and says so', () => {
    const plan = planSystem(settingsOn, { ...machine, administrators: ['root', 'a,b'] });
    expect(plan.probes.map(({ user }) => user)).toEqual(['root', 'nobody', 'alice']);
    expect(plan.warnings).toEqual(['sshd cannot be asked about a,b: it accepts no name with a comma']);
  });

  describe('whom sshd asks', () => {
    const on = putInForce(planSystem(settingsOn, machine), machine);
    const withNames = (facts: SystemFacts, named: readonly string[]) => ({
      ...facts,
      accountNames: { named, exempt: [] },
    });
    const content = (plan: SystemPlan) => plan.files.find(({ path }) => path === dropIn)?.after ?? '';
    const scanOf = (matches: readonly string[], ...lines: readonly object[]) =>
      ({ ...machine.sshdScan, matches, lines }) as SystemFacts['sshdScan'];
    const ahead = (user: string) =>
      scanOf([`User ${user}`], {
        at: '/etc/ssh/sshd_config.d/00-a.conf:2',
        keyword: 'authenticationmethods',
        value: 'publickey',
        match: 0,
        ahead: true,
      });

    it('follows the accounts with a device, and is nobody where there are none', () => {
      const plan = planSystem(settingsOn, withNames(on, ['alice', 'carol', 'root']), true);
      expect(changed(plan)).toEqual([dropIn]);
      expect(content(plan)).toContain('\nMatch User alice,carol,root\n');
      expect(content(planSystem(settingsOn, withNames(on, []), true))).toBe('');
    });

    it('leaves a Match block alone that is about nobody who is asked, wherever it stands', () => {
      const facts = { ...machine, sshdScan: ahead('backup') };
      expect(content(planSystem(settingsOn, facts))).not.toContain('backup');
      expect(planSystem(settingsOn, facts).warnings).toEqual([]);
    });

    it('refuses a block ahead of its file about somebody who is, and warns of it once codes are on', () => {
      const sshdScan = ahead('alice');
      const refusal = { code: 'apply.sshd_values', message: expect.stringContaining('00-a.conf:2') };
      expect(() => planSystem(settingsOn, { ...machine, sshdScan })).toThrow(
        expect.objectContaining(refusal),
      );
      const { warnings, follows } = planSystem(settingsOn, { ...on, sshdScan }, true);
      expect({ warnings, follows }).toMatchObject({
        follows: true,
        warnings: [
          expect.stringMatching(/00-a\.conf:2.*; to mend it: mv /),
          expect.stringMatching(/00-a\.conf:2\) does not exempt alice from codes/),
        ],
      });
    });

    it('is everybody where the names are more than sshd can be handed', () => {
      const many = Array.from({ length: 120_000 }, (_, index) => `user${index}`);
      const plan = planSystem(settingsOn, withNames(machine, many));
      expect(content(plan)).toContain('\nMatch User *\n');
      expect(plan.warnings).toEqual([expect.stringMatching(/^120000 accounts are more than/)]);
      const some = planSystem(settingsOn, withNames(machine, many.slice(0, 30_000)));
      expect(content(some)).toContain(',user29999\n');
      expect(some.warnings).toEqual([]);
      const besides = { ...machine, sshdScan: { ...machine.sshdScan, size: 1000 * 1024 } };
      expect(content(planSystem(settingsOn, withNames(besides, many.slice(0, 10_000))))).toContain('User *');
    });

    it.each(['a*', 'a b', 'CORP\\ann'])('refuses to enrol %j, which no Match block can name', (name) => {
      const code = 'rule.name_unusable';
      expect(() => planSystem(settingsOn, withNames(on, [name, 'root']), true)).toThrow(
        expect.objectContaining({ code }),
      );
      // What one of before wrote already must not keep everything else from being changed.
      const standing = {
        content: `# Written by Postern\nMatch User ${name.replace(/[^\w]/g, '?')},root\n`,
        mode: 0o644,
      };
      const facts = withNames({ ...on, present: { ...on.present, [dropIn]: standing } }, [name, 'root']);
      expect(() => planSystem(settingsOn, facts, true)).not.toThrow();
    });
  });

  it('is gone without a trace after a removal', () => {
    const on = planSystem(settingsOn, machine);
    const removal = planRemoval(putInForce(on, machine));
    expect(putInForce(removal, machine).present).toEqual(machine.present);
    // Without a switch the module asks for codes: it goes when the module has gone.
    expect(changed(removal)).toEqual([dropIn, pam, state]);
  });
});

describe('a change with an end', () => {
  const end = { due_ms: 9_000_000, boot_id: 'b', due_uptime_ms: 5_000_000, duration_ms: 600_000 };
  const content = (plan: SystemPlan, path: string) => plan.files.find((file) => file.path === path)?.after;
  const enforced = putInForce(planSystem(settingsOn, machine), machine);
  const offForAWhile: Settings = {
    ...settingsOff,
    pending: { reason: 'for', ...end, restore: settingsOn.two_factor },
  };

  it('that lets people in for a while is the switch alone, for with the block gone nobody could end it', () => {
    const plan = planSystem(offForAWhile, enforced);
    expect(changed(plan)).toEqual([state]);
    expect(content(plan, state)).toBe('off until b 5000 9000 600\n');
    expect(plan).toMatchObject({ enforced: false, expected: [], probes: [], warnings: [] });
    const back = planSystem(settingsOn, putInForce(plan, enforced));
    expect(changed(back)).toEqual([state]);
    expect(content(back, state)).toBe('on\n');
  });

  it('that lets people in for good takes the rest out as well', () => {
    const held = putInForce(planSystem(offForAWhile, enforced), enforced);
    expect(changed(planSystem(settingsOff, held))).toEqual([state, dropIn, pam]);
  });

  it.each([
    { because: 'the module is gone: who is let in must not depend on it', facts: { modulePath: null } },
    { because: 'the module is an older one, which knows no end', facts: { moduleIsCurrent: false } },
  ])('takes all of it out where $because, and warns that codes stay off', ({ facts }) => {
    const plan = planSystem(offForAWhile, { ...enforced, ...facts });
    expect(changed(plan)).toEqual([state, dropIn, pam]);
    expect(plan.warnings).toEqual([expect.stringMatching(/^codes will not come back on by themselves/)]);
    expect(planSystem(settingsOff, { ...enforced, ...facts }).warnings).toEqual([]);
  });

  it('takes an override away that would outlast it', () => {
    const thrown = {
      ...enforced,
      present: { ...enforced.present, [override]: { content: 'off\n', mode: 0o644 } },
    };
    expect(content(planSystem(offForAWhile, thrown), override)).toBeNull();
    expect(content(planSystem(settingsOff, thrown), override)).toBe('off\n');
  });

  it('that asks until it is confirmed is in the switch, and so are only those that change whether codes are asked for', () => {
    const restore = settingsOff.two_factor;
    const pending = { reason: 'confirm_within' as const, ...end, restore };
    expect(content(planSystem({ ...settingsOn, pending }, machine), state)).toBe(
      'on until b 5000 9000 600\n',
    );
    const window = { ...pending, restore: { ...settingsOn.two_factor, window: 3 } };
    expect(content(planSystem({ ...settingsOn, pending: window }, machine), state)).toBe('on\n');
    const older = { reason: 'confirm_within' as const, due_ms: 9_000_000, restore };
    expect(content(planSystem({ ...settingsOn, pending: older }, machine), state)).toBe('on\n');
  });

  it('is no switch that somebody threw', () => {
    const standing = {
      ...enforced.present,
      [state]: { content: 'off until b 5000 9000 600\n', mode: 0o600 },
    };
    expect(planSystem(settingsOn, { ...enforced, present: standing }, true).switchedOff).toBe(false);
  });
});

describe('the units of a pending change', () => {
  const pending = {
    reason: 'for',
    due_ms: Date.UTC(2031, 1, 3, 4, 5, 6, 700),
    restore: settingsOn.two_factor,
  } as const;
  const withSystemd: SystemFacts = {
    ...machine,
    init: 'systemd',
    program: ['/usr/bin/node', '/opt/my app/100%/$HOME/"postern".js'],
  };
  const unitsOf = (settings: Settings, facts: SystemFacts) =>
    planSystem(settings, facts).files.filter(
      ({ kind, after: content }) => kind === 'unit' && content !== null,
    );

  it('are there with systemd and while something is pending', () => {
    const { script, ...units } = timerUnitPaths;
    const { cron, ...watching } = watchUnitPaths;
    expect(unitsOf({ ...settingsOff, pending }, withSystemd).map(({ path }) => path)).toEqual([
      ...Object.values(units),
      ...Object.values(watching),
    ]);
    expect(unitsOf({ ...settingsOff, pending }, { ...withSystemd, init: 'sysv' })).toMatchObject([
      { path: script, mode: 0o755 },
      { path: cron, mode: 0o644 },
    ]);
    expect(unitsOf({ ...settingsOff, pending }, machine)).toEqual([]);
    expect(unitsOf(settingsOff, withSystemd)).toEqual([]);
  });

  it('are a script that sh reads as it is meant, whatever is in the words', () => {
    const facts: SystemFacts = {
      ...machine,
      init: 'sysv',
      program: ['/bin/echo', `/opt/my app/100%/$HOME/it's "$(date)"`],
    };
    const [script] = unitsOf({ ...settingsOff, pending }, facts);
    const waiting = /^ {2}start\) setsid (.*) < \/dev\/null/m.exec(script?.after ?? '')?.[1] ?? '';
    expect(execFileSync('sh', ['-c', waiting], { encoding: 'utf8' })).toBe(
      `/opt/my app/100%/$HOME/it's "$(date)" timers wait\n`,
    );
  });

  it('fire at the time, rounded up to a second', () => {
    const folder = mkdtempSync(join(tmpdir(), 'units-'));
    try {
      for (const { path, after: content } of unitsOf({ ...settingsOff, pending }, withSystemd)) {
        writeFileSync(join(folder, path.split('/').at(-1) ?? ''), content ?? '');
      }
      const timer = readFileSync(join(folder, 'postern-due.timer'), 'utf8');
      const service = readFileSync(join(folder, 'postern-due.service'), 'utf8');
      // Never before its time; systemd's own word on it is in e2e/read-by-others.
      expect(timer).toContain('\nOnCalendar=2031-02-03 04:05:07 UTC\n');
      expect(timer).toContain('OnBootSec=');
      expect(service).toContain(
        String.raw` /usr/bin/node "/opt/my app/100%%/$$HOME/\"postern\".js" timers run`,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the diff', () => {
  it('is empty where nothing changes', () => {
    const change = { kind: 'pam', path: 'folder/file', mode: 0o644 } as const;
    const same = { ...change, before: 'a\n', after: 'a\n' };
    expect(diffFiles([same, { ...change, before: null, after: null }])).toBe('');
    expect(diffFiles([{ ...same, after: 'b\n' }])).toContain('\n-a\n+b\n');
  });
});
