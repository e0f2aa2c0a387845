import { expect, it } from 'vitest';
import { isSystemAccount } from '../../src/system/machine.ts';

const alice = 'alice:x:1000:1000::/home/alice:/bin/sh\n';
const rows = [
  { because: 'it is her name', username: 'alice', says: alice, known: true },
  { because: 'nobody has it', username: 'bob', says: undefined, known: false },
  { because: 'it is her user id', username: '1000', says: alice, known: false },
  { because: 'it is her user id, for getent', username: '+1000', says: alice, known: false },
  { because: 'it is a name of digits', username: '42', says: '42:x:42:42::/:/bin/sh\n', known: true },
  {
    because: 'a directory service knows her by it, too',
    username: 'EXAMPLE\\alice',
    says: alice,
    known: true,
  },
];
it.each(rows)('takes $username for an account ($known) where $because', ({ username, says, known }) => {
  const result = { status: says === undefined ? 2 : 0, signal: null, stdout: says ?? '', stderr: '' };
  expect(isSystemAccount({ runner: { run: () => result } }, username)).toBe(known);
});
