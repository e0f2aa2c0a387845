import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { renderLogLine } from '../../src/pam/log-line.ts';
import { projectRoot } from '../support/lab/machine.ts';

const directory = mkdtempSync(join(tmpdir(), 'fail2ban-'));
const filter = join(directory, 'postern.conf');
// As where it belongs: beside Fail2Ban's own common.conf.
copyFileSync('/etc/fail2ban/filter.d/common.conf', join(directory, 'common.conf'));
copyFileSync(join(projectRoot, 'src/system/assets/fail2ban-postern.conf'), filter);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The addresses that fail2ban-regex finds in lines of a log. */
function findAddresses(lines: readonly string[]): string[] {
  const file = join(directory, 'auth.log');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const argv = ['--out', 'ip', file, filter];
  return execFileSync('fail2ban-regex', argv, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');
}

const signIn = {
  stateDirectory: '/s',
  username: 'root',
  isSystemAccount: true,
  service: 'sshd',
  remoteHost: '203.0.113.7',
  by: 'password' as const,
};
const log = (message: string, prefix = 'Nov 24 04:15:30 lab sshd[4711]: pam_postern(sshd:auth):') =>
  `${prefix} ${message}`;

describe('the fail2ban filter', () => {
  it.each([
    ['a wrong code', log(renderLogLine(signIn, 'failed', 'wrong code'))],
    ['a used one', log(renderLogLine(signIn, 'failed', 'code used already'))],
    [
      "rsyslog's newer dates",
      log(
        renderLogLine(signIn, 'failed', 'locked'),
        '2026-11-24T04:15:30.123456+00:00 lab sshd-session[4711]: pam_postern(sshd:auth):',
      ),
    ],
    [
      'a name with spaces in it',
      log(renderLogLine({ ...signIn, username: 'x from 198.51.100.1: wrong code' }, 'failed', 'wrong code')),
    ],
  ])('finds the address of %s', (_, line) => {
    expect(findAddresses([line])).toEqual(['203.0.113.7']);
  });

  it('finds IPv6 addresses', () => {
    const line = log(renderLogLine({ ...signIn, remoteHost: '2001:db8::7' }, 'failed', 'wrong code'));
    expect(findAddresses([line])).toEqual(['2001:db8::7']);
  });

  it.each([
    ['who got in', log(renderLogLine(signIn, 'accepted', 'code of device default'))],
    ['who was not asked', log(renderLogLine(signIn, 'skipped', 'the account has no device'))],
    ['who could not be judged', log(renderLogLine(signIn, 'impossible', 'store.full: the disk is full'))],
    [
      'a line that a person had another program write',
      log(
        renderLogLine(signIn, 'failed', 'x'),
        'Nov 24 04:15:30 lab sshd[1]: Invalid user pam_postern(sshd:auth):',
      ),
    ],
  ])('leaves alone %s', (_, line) => {
    expect(findAddresses([line])).toEqual([]);
  });
});
