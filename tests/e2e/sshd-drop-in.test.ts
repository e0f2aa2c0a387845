import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSshdValues, renderSshdConfig } from '../../src/system/sshd/drop-in.ts';
import { describeSshPolicy } from '../../src/system/sshd/meaning.ts';
import { decideSshPolicy } from '../../src/system/sshd/policy.ts';
import { type SshdBase, type SshWishes, stockSshdBase } from '../../src/system/sshd/values.ts';

const wishes = (passwordauth: boolean | null, rootlogin: boolean | null): SshWishes => ({
  passwordauth,
  rootlogin,
});
const everybody = { who: 'everybody' } as const;
const both = 'publickey,keyboard-interactive:pam keyboard-interactive:pam';
const keyOnly = 'publickey,keyboard-interactive:pam';

describe('what sshd is told', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sshd-config-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'key')]);
    // sshd asks for it even to check a configuration.
    execFileSync('mkdir', ['-p', '/run/sshd']);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** Effective values by the real sshd, with the drop-in before what the machine says. */
  const ask = (dropIn: string | null, user: string, machine: string) => {
    const path = join(directory, 'sshd_config');
    writeFileSync(join(directory, 'drop-in'), dropIn ?? '');
    writeFileSync(
      path,
      `HostKey ${directory}/key\nInclude ${directory}/drop-in\nUsePAM yes\nKbdInteractiveAuthentication no\n${machine}\n`,
    );
    const connection = `user=${user},host=localhost,addr=127.0.0.1`;
    const printed = execFileSync('/usr/sbin/sshd', ['-T', '-f', path, '-C', connection], {
      encoding: 'utf8',
    });
    const values = printed
      .split('\n')
      .map((line) => [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)] as const);
    // Before OpenSSH 9.8 it could not be set, and was this.
    return { pamservicename: 'sshd', ...Object.fromEntries(values) };
  };

  const rows: readonly {
    codes: boolean;
    passwordauth: boolean | null;
    rootlogin: boolean | null;
    base?: Partial<SshdBase>;
    machine?: string;
    alice: Record<string, string>;
    root: Record<string, string>;
    means: string;
  }[] = [
    {
      codes: true,
      passwordauth: null,
      rootlogin: null,
      alice: {
        authenticationmethods: both,
        passwordauthentication: 'no',
        kbdinteractiveauthentication: 'yes',
      },
      root: { authenticationmethods: keyOnly, permitrootlogin: 'yes' },
      means:
        'everyone signs in with a password or a public key, and a code; root signs in with a public key and a code; a password is not asked for',
    },
    {
      codes: true,
      passwordauth: true,
      rootlogin: true,
      alice: { authenticationmethods: both },
      root: { authenticationmethods: both, permitrootlogin: 'yes' },
      means: 'everyone, including root, signs in with a password or a public key, and a code',
    },
    {
      codes: true,
      passwordauth: false,
      rootlogin: true,
      alice: { authenticationmethods: keyOnly, passwordauthentication: 'no' },
      root: { authenticationmethods: keyOnly, permitrootlogin: 'yes' },
      means: 'everyone, including root, signs in with a public key and a code; a password is not asked for',
    },
    {
      codes: true,
      passwordauth: null,
      rootlogin: false,
      base: { permitRootLogin: 'yes' },
      machine: 'PermitRootLogin yes',
      alice: { authenticationmethods: both },
      root: { authenticationmethods: keyOnly, permitrootlogin: 'yes' },
      means:
        'everyone signs in with a password or a public key, and a code; root signs in with a public key and a code; a password is not asked for',
    },
    {
      codes: true,
      passwordauth: null,
      rootlogin: false,
      base: { permitRootLogin: 'no' },
      machine: 'PermitRootLogin no',
      alice: { authenticationmethods: both },
      root: { permitrootlogin: 'no' },
      means: 'everyone signs in with a password or a public key, and a code; root cannot sign in over SSH',
    },
    {
      codes: true,
      passwordauth: null,
      rootlogin: null,
      base: { permitRootLogin: 'forced-commands-only' },
      machine: 'PermitRootLogin forced-commands-only',
      alice: { authenticationmethods: both },
      root: { permitrootlogin: 'forced-commands-only', authenticationmethods: keyOnly },
      means: 'everyone signs in with a password or a public key, and a code; root cannot sign in over SSH',
    },
    {
      codes: true,
      passwordauth: null,
      rootlogin: null,
      base: { passwordAuthentication: false },
      machine: 'PasswordAuthentication no',
      alice: { authenticationmethods: keyOnly },
      root: { authenticationmethods: keyOnly },
      means: 'everyone, including root, signs in with a public key and a code; a password is not asked for',
    },
    {
      codes: false,
      passwordauth: false,
      rootlogin: null,
      alice: {
        authenticationmethods: 'any',
        passwordauthentication: 'no',
        kbdinteractiveauthentication: 'no',
      },
      root: { permitrootlogin: 'without-password' },
      means: 'everyone, including root, signs in with a public key; a password is not asked for',
    },
    {
      codes: false,
      passwordauth: true,
      rootlogin: true,
      machine: 'PasswordAuthentication no',
      alice: { authenticationmethods: 'any', passwordauthentication: 'yes' },
      root: { permitrootlogin: 'yes' },
      means: 'everyone, including root, signs in with a password or a public key',
    },
    {
      codes: false,
      passwordauth: null,
      rootlogin: false,
      base: { permitRootLogin: 'yes' },
      machine: 'PermitRootLogin yes',
      alice: { passwordauthentication: 'yes' },
      root: { permitrootlogin: 'without-password' },
      means:
        'everyone signs in with a password or a public key; root signs in with a public key; a password is not asked for',
    },
  ];
  it.each(rows)(
    'codes $codes, passwordauth $passwordauth, rootlogin $rootlogin, machine "$machine"',
    ({ codes, passwordauth, rootlogin, base, machine, alice, root, means }) => {
      const wish = wishes(passwordauth, rootlogin);
      const policy = decideSshPolicy(codes, wish, { ...stockSshdBase, ...base });
      const dropIn = renderSshdConfig(policy, wish, ['root'], everybody);
      expect(ask(dropIn, 'alice', machine ?? '')).toMatchObject(alice);
      expect(ask(dropIn, 'root', machine ?? '')).toMatchObject(root);
      for (const { user, values } of codes ? [] : expectSshdValues(policy, wish, ['alice', 'root'])) {
        expect(ask(dropIn, user, machine ?? '')).toMatchObject(values);
      }
      expect(describeSshPolicy(policy)).toBe(means);
    },
  );

  it('is nothing where no codes are asked for and nothing is wished', () => {
    const wish = wishes(null, null);
    expect(renderSshdConfig(decideSshPolicy(false, wish, stockSshdBase), wish, [], everybody)).toBe(null);
    expect(expectSshdValues(decideSshPolicy(false, wish, stockSshdBase), wish, ['root'])).toEqual([
      { user: 'root', values: {} },
    ]);
  });
});
