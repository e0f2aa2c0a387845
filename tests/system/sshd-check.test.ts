import { describe, expect, it } from 'vitest';
import { decideSshPolicy, stockSshdBase } from '../../src/domain/ssh.ts';
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

/** Has the plan asserted on an sshd that prints these lines. */
function assertOn(lines: readonly string[]): void {
  const { ports } = systemdMachine();
  const runner = { run: () => ({ status: 0, signal: null, stdout: `${lines.join('\n')}\n`, stderr: '' }) };
  assertSshd({ expected } as unknown as SystemPlan, { ...ports, runner });
}

describe("sshd's own answer", () => {
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
