import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeWord, renderLogLine } from '../../src/pam/log-line.ts';

const signIn = {
  stateDirectory: '/s',
  username: 'root',
  isSystemAccount: true,
  service: 'sshd',
  remoteHost: '203.0.113.7',
  by: 'password' as const,
};

describe('the line for syslog', () => {
  it('has one shape, which fail2ban-postern.conf matches', () => {
    expect(renderLogLine(signIn, 'failed', 'wrong code')).toBe(
      'verification failed for root from 203.0.113.7: wrong code',
    );
  });

  it.each([
    ['an empty one', '', '-'],
    ['a name of a directory service', 'Alice.B@corp-1.example', 'Alice.B@corp-1.example'],
    ['an IPv6 address', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['a forged ending', 'x from 198.51.100.1: wrong code', 'x\\x20from\\x20198.51.100.1:\\x20wrong\\x20code'],
    ['a new line', 'x\nsshd', 'x\\x0asshd'],
    ['a backslash, so that the escape itself cannot be forged', 'x\\x20', 'x\\x5cx20'],
    ['UTF-8, byte by byte', '\u00e4', '\\xc3\\xa4'],
    ['a long one', 'a'.repeat(300), `${'a'.repeat(64)}...`],
  ])('escapes %s', (_, word, expected) => {
    expect(escapeWord(word)).toBe(expected);
  });

  it('always names the true address last, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (username) => {
        const line = renderLogLine({ ...signIn, username }, 'failed', 'wrong code');
        expect(line).toMatch(/^verification failed for [!-~]+ from 203\.0\.113\.7: wrong code$/);
      }),
    );
  });
});
