import { describe, expect, it } from 'vitest';
import { decideSshPolicy, stockSshdBase } from '../../src/domain/ssh.ts';
import { findDifferences } from '../../src/system/findings.ts';
import { expectSshdValues } from '../../src/system/render/sshd-config.ts';
import { assertSshd } from '../../src/system/sshd-check.ts';
import type { SystemPlan } from '../../src/system/types.ts';
import { systemdMachine } from '../support/fake-machine.ts';

const wishes = { passwordauth: null, rootlogin: null };
const expected = expectSshdValues(decideSshPolicy(true, wishes, stockSshdBase), wishes, ['alice']);
const values = [
  'usepam yes',
  'kbdinteractiveauthentication yes',
  'passwordauthentication no',
  'authenticationmethods publickey,keyboard-interactive:pam keyboard-interactive:pam',
];

const runnerOf = (lines: readonly string[]) => ({
  run: () => ({ status: 0, signal: null, stdout: `${lines.join('\n')}\n`, stderr: '' }),
});

/** Has the plan asserted on an sshd that prints these lines. */
function assertOn(lines: readonly string[]): void {
  const { ports } = systemdMachine();
  assertSshd({ expected } as unknown as SystemPlan, { ...ports, runner: runnerOf(lines) });
}

describe("sshd's own answer", () => {
  it.each([
    ['pamservicename login', 'grep -ri pamservicename /etc/ssh'],
    ['usepam no', 'system enforcement install'],
  ])('leads to a line that mends it: %s', (line, hint) => {
    const { ports } = systemdMachine();
    const plan = { files: [], expected, facts: { sshdInstalled: true } } as unknown as SystemPlan;
    const lines = [...values.filter((value) => value.split(' ')[0] !== line.split(' ')[0]), line];
    expect(findDifferences(plan, { ...ports, runner: runnerOf(lines) })).toEqual([
      expect.objectContaining({ code: 'sshd_values', hint }),
    ]);
  });

  it.each([
    ['an sshd before 9.8, which has no PAMServiceName', values],
    ['one that has it, as it comes', [...values, 'pamservicename sshd']],
  ])('is accepted from %s', (_, lines) => {
    expect(() => assertOn(lines)).not.toThrow();
  });

  it.each([
    ['another PAM service, whose file asks for no code', 'pamservicename login', /names another PAM service/],
    ['a password without PAM', 'usepam no', /outranks Postern|has no line/],
  ])('is refused with %s', (_, line, message) => {
    const lines = [...values.filter((value) => value.split(' ')[0] !== line.split(' ')[0]), line];
    expect(() => assertOn(lines)).toThrow(
      expect.objectContaining({ code: 'apply.sshd_values', message: expect.stringMatching(message) }),
    );
  });
});
