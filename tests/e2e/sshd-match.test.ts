import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asked, isAsked, writeCriteria } from '../../src/system/sshd/asked.ts';
import { renderSshdConfig } from '../../src/system/sshd/drop-in.ts';
import { decideSshPolicy } from '../../src/system/sshd/policy.ts';
import { judgeSignIn } from '../../src/system/sshd/probes.ts';
import { readMatches, readValues, scanSshdConfig } from '../../src/system/sshd/scan.ts';
import { stockSshdBase } from '../../src/system/sshd/values.ts';
import { systemdMachine } from '../support/fake-machine.ts';

type Answer = Readonly<Record<string, string>>;

/** Accounts of every Debian; bin stands for another name of uid 0. */
const users = ['root', 'bin', 'daemon', 'sys', 'nobody'];
const superusers = ['root', 'bin'];
const addresses = ['192.0.2.1', '127.0.0.2'];
const wishes = { passwordauth: null, rootlogin: null };

const criteria = fc.constantFrom(
  ...['User daemon', 'User root', 'User *,!daemon', 'User sys,bin', 'Group daemon', 'Group sys,bin', 'all'],
  ...['Address 127.0.0.2', 'Address 127.0.0.0/8 User sys', 'Address *,!127.0.0.0/8'],
);
const whoIsAsked: fc.Arbitrary<Asked> = fc
  .oneof(
    fc.subarray(users).map((names) => ({ who: 'named' as const, names: new Set(names) })),
    fc.subarray(users).map((names) => ({ who: 'everybody' as const, except: new Set(names) })),
  )
  .chain((asked) =>
    fc
      .option(fc.subarray(['192.0.2.0/24', '10.0.0.0/8']), { nil: undefined })
      .map((networks) => (networks === undefined ? asked : { ...asked, limits: { groups: [], networks } })),
  );
const yesOrNo = fc.constantFrom('yes', 'no');
const line = fc.oneof(
  yesOrNo.map((value) => `PasswordAuthentication ${value}`),
  yesOrNo.map((value) => `KbdInteractiveAuthentication ${value}`),
  fc
    .constantFrom('yes', 'no', 'prohibit-password', 'forced-commands-only')
    .map((value) => `PermitRootLogin ${value}`),
  fc
    .constantFrom('publickey', 'publickey password', 'publickey keyboard-interactive')
    .map((value) => `AuthenticationMethods ${value}`),
);
const lines = fc.array(line, { maxLength: 3 });
const blocks = (maxLength: number) => fc.array(fc.tuple(criteria, lines), { maxLength });
const write = (base: readonly string[], matches: readonly (readonly [string, readonly string[]])[]) =>
  [...base, ...matches.flatMap(([who, own]) => [`Match ${who}`, ...own.map((text) => `  ${text}`)]), ''].join(
    '\n',
  );

describe('Match blocks of sshd_config, asked of the real sshd', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sshd-match-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'key')]);
    // sshd asks for it even to check a configuration.
    execFileSync('mkdir', ['-p', '/run/sshd']);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const ask = (dropIn: string | null, text: string, connection: readonly string[] = []): Answer => {
    writeFileSync(join(directory, 'drop-in'), dropIn ?? '');
    const path = join(directory, 'sshd_config');
    writeFileSync(path, `HostKey ${directory}/key\nInclude ${directory}/drop-in\nUsePAM yes\n${text}`);
    const printed = execFileSync('/usr/sbin/sshd', ['-T', '-f', path, ...connection], { encoding: 'utf8' });
    const values = printed
      .split('\n')
      .map((each) => [each.split(' ')[0], each.slice(each.indexOf(' ') + 1)] as const);
    return { pamservicename: 'sshd', ...Object.fromEntries(values) };
  };
  /** What counts for each, without codes and with. */
  const compare = (text: string, asked: Asked) => {
    const machine = systemdMachine();
    machine.contents.set('/etc/ssh/sshd_config', `Include /etc/ssh/sshd_config.d/*.conf\n${text}`);
    const matches = readMatches(scanSshdConfig(machine.ports.files));
    const found = ask(null, text);
    const base = { ...stockSshdBase, ...readValues((keyword) => found[keyword]?.toLowerCase()) };
    const concerning = matches.filter(({ criteria }) => writeCriteria(asked, criteria) !== null);
    const policy = decideSshPolicy(true, wishes, base, concerning);
    const dropIn = renderSshdConfig(policy, wishes, superusers, asked);
    return users.flatMap((user) =>
      addresses.map((address) => {
        const connection = ['-C', `user=${user},host=${address},addr=${address},laddr=127.0.0.1,lport=22`];
        const isSuperuser = superusers.includes(user);
        const probe = {
          user,
          address,
          isSuperuser,
          isAdministrator: false,
          isAsked: isAsked(asked, user, address),
        };
        return { probe, before: ask(null, text, connection), after: ask(dropIn, text, connection) };
      }),
    );
  };

  it('open nothing with codes, let nobody in without who is asked, and change nothing for all others', {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(whoIsAsked, lines, blocks(4), (asked, base, matches) => {
        for (const { probe, before, after } of compare(write(base, matches), asked)) {
          if (probe.isAsked) expect(judgeSignIn(probe, after, before)).toEqual([]);
          else expect(after).toEqual(before);
        }
      }),
      { numRuns: 8 },
    );
  });

  it('shut nothing, however they overlap', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(whoIsAsked, lines, blocks(4), (asked, base, matches) => {
        for (const { probe, before, after } of compare(write(base, matches), asked)) {
          if (!probe.isAsked) continue;
          const methods = before.authenticationmethods?.split(' ') ?? [];
          const any = methods.includes('any');
          const tookPasswords =
            (before.passwordauthentication === 'yes' && (any || methods.includes('password'))) ||
            (before.kbdinteractiveauthentication === 'yes' &&
              (any || methods.includes('keyboard-interactive')));
          const takesPasswords = after.authenticationmethods?.split(' ').includes('keyboard-interactive:pam');
          if (!probe.isSuperuser) expect(takesPasswords).toBe(tookPasswords);
          else if (before.permitrootlogin === 'yes') expect(takesPasswords).toBe(tookPasswords);
          if (/^(yes|without-password)$/.test(before.permitrootlogin ?? '')) {
            expect(after.permitrootlogin).toBe('yes');
          }
        }
      }),
      { numRuns: 8 },
    );
  });
});
