import { expect, test } from 'vitest';
import { createAccount } from '../../../src/domain/two-factor/enrol.ts';
import { checkUsername, findUsernameFault, writeWord } from '../../../src/domain/two-factor/names.ts';

test.each([
  'root',
  '_apt',
  'systemd-network',
  'user.name',
  'machine$',
  'Ann',
  '2fa',
  'DOMAIN\\user',
  'a.b@example.org',
  'DOMAIN+user',
  'jürgen',
  "o'brien",
  'ann smith',
  'x'.repeat(255),
  'ä'.repeat(127),
])('%s can be a username', (username) => {
  expect(findUsernameFault(username)).toBeUndefined();
  expect(createAccount(username).username).toBe(username);
});

test.each([
  ['', 'empty'],
  ['-rf', "begins with '-'"],
  ['.', "'.'"],
  ['..', "'..'"],
  ['../etc', "'/'"],
  ['a/b', "'/'"],
  ['a:b', "':'"],
  [' a', 'space'],
  ['a ', 'space'],
  ['a\nb', 'control'],
  ['a\x1b[2Jb', 'control'],
  ['a\0', 'control'],
  ['a\u202eb', 'invisible'],
  ['a\u200bb', 'invisible'],
  ['a\ud800', 'invisible'],
  ['a\u2028b', 'invisible'],
  ['x'.repeat(256), '255 bytes'],
  ['ä'.repeat(128), '255 bytes'],
])('%j cannot be a username', (username, cause) => {
  expect(findUsernameFault(username)).toContain(cause);
  expect(() => checkUsername(username)).toThrow(expect.objectContaining({ code: 'rule.username' }));
  expect(() => createAccount(username)).toThrow(expect.objectContaining({ code: 'rule.username' }));
});

test.each([
  ['root', 'root'],
  ['DOMAIN\\user', 'DOMAIN\\user'],
  ['a.b@example.org', 'a.b@example.org'],
  ['ann smith', '"ann smith"'],
  ["o'brien", '"o\'brien"'],
  ['a#b', '"a#b"'],
  ['', '""'],
])('%j is typed as %s', (value, typed) => {
  expect(writeWord(value)).toBe(typed);
});
