import { describe, expect, it } from 'vitest';
import { findDifferences } from '../../../src/system/enforcement/findings.ts';
import { stockSshdBase } from '../../../src/system/sshd/values.ts';
import { assertSshd, findSshdFaults } from '../../../src/system/sshd/verify.ts';
import type { SystemPlan } from '../../../src/system/types.ts';
import { systemdMachine } from '../../support/fake-machine.ts';

const after = [
  'usepam yes',
  'kbdinteractiveauthentication yes',
  'passwordauthentication no',
  'permitrootlogin yes',
  'authenticationmethods publickey,keyboard-interactive:pam keyboard-interactive:pam',
];
const before = [
  'usepam yes',
  'kbdinteractiveauthentication no',
  'passwordauthentication yes',
  'permitrootlogin yes',
  'authenticationmethods any',
];
const withLine = (lines: readonly string[], line: string) => [
  ...lines.filter((other) => other.split(' ')[0] !== line.split(' ')[0]),
  line,
];
const staged = {
  now: { directory: '/x', main: '/x/now' },
  before: { directory: '/x', main: '/x/before' },
};
const alice = {
  user: 'alice',
  address: '192.0.2.1',
  isSuperuser: false,
  isAdministrator: true,
  isAsked: true,
};
const root = { ...alice, user: 'root', isSuperuser: true };

const planFor = (probe: typeof alice) =>
  ({
    expected: [],
    probes: [probe],
    facts: {
      base: stockSshdBase,
      sshdOptions: ['LogLevel QUIET'],
      sshdScan: { paths: [], matches: [], lines: [], size: 0, includesDropIn: true },
    },
  }) as unknown as SystemPlan;

/** An sshd that prints one thing with Postern's drop-in and another without. */
function portsOf(now: readonly string[], without: readonly string[] = before) {
  const asked: string[] = [];
  const runner = {
    run: (argv: readonly string[]) => {
      asked.push(argv.join(' '));
      const lines = argv.includes(staged.before.main) ? without : now;
      return { status: 0, signal: null, stdout: `${lines.join('\n')}\n`, stderr: '' };
    },
  };
  return { ports: { ...systemdMachine().ports, runner }, asked };
}

describe("sshd's own answer", () => {
  it.each([
    ['pamservicename login', 'grep -ri pamservicename /etc/ssh'],
    ['usepam no', 'system enforcement install'],
  ])('leads to a line that mends it: %s', (line, hint) => {
    const plan = planFor(alice);
    const installed = { ...plan, files: [], facts: { ...plan.facts, sshdInstalled: true } } as SystemPlan;
    expect(findDifferences(installed, portsOf(withLine(after, line)).ports)).toEqual([
      expect.objectContaining({ code: 'sshd_values', hint }),
    ]);
  });

  it.each([
    ['an sshd before 9.8, which has no PAMServiceName', after],
    ['one that has it, as it comes', [...after, 'pamservicename sshd']],
  ])('is accepted from %s', (_, lines) => {
    const { ports, asked } = portsOf(lines);
    expect(() => assertSshd(planFor(alice), ports)).not.toThrow();
    expect(asked.at(-1)).toContain('-o LogLevel QUIET');
  });

  it.each([
    ['another PAM service, whose file asks for no code', 'pamservicename login', /names another PAM service/],
    ['a password without PAM', 'usepam no', /'usepam no' where 'yes'/],
    [
      'a code that cannot be asked for',
      'kbdinteractiveauthentication no',
      /'kbdinteractive.* no' where 'yes'/,
    ],
    ['a way in by key alone', 'authenticationmethods publickey', /'authenticationmethods publickey' where/],
    ['any way in', 'authenticationmethods any', /'authenticationmethods any' where/],
  ])('is refused with %s', (_, line, message) => {
    expect(() => assertSshd(planFor(alice), portsOf(withLine(after, line)).ports)).toThrow(
      expect.objectContaining({ code: 'apply.sshd_values', message: expect.stringMatching(message) }),
    );
  });

  const keyAndCode = 'authenticationmethods publickey,keyboard-interactive:pam';
  const opened: readonly {
    because: string;
    probe: typeof alice;
    was: string;
    now?: string;
    faults: number;
  }[] = [
    { because: 'passwords were taken', probe: alice, was: 'loglevel INFO', faults: 0 },
    { because: 'none were taken', probe: alice, was: 'passwordauthentication no', faults: 1 },
    {
      because: 'none were taken, and none are',
      probe: alice,
      was: 'passwordauthentication no',
      now: keyAndCode,
      faults: 0,
    },
    { because: 'a key alone was enough', probe: alice, was: 'authenticationmethods publickey', faults: 1 },
    {
      because: 'a key was not enough',
      probe: alice,
      was: 'authenticationmethods publickey,password',
      faults: 2,
    },
    {
      because: "root's password was not taken",
      probe: root,
      was: 'permitrootlogin without-password',
      faults: 1,
    },
    { because: 'root was kept out', probe: root, was: 'permitrootlogin no', now: keyAndCode, faults: 1 },
  ];
  it.each(opened)('is held against what was open before: $because', ({ probe, was, now, faults }) => {
    const { ports } = portsOf(now ? withLine(after, now) : after, withLine(before, was));
    expect(findSshdFaults(planFor(probe), ports, staged)).toHaveLength(faults);
  });
});
