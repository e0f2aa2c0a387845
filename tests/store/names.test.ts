import { basename } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountPath, isDocumentPath, isLeftover } from '../../src/store/layout.ts';
import { decodeName, encodeName } from '../../src/store/names.ts';

const rows: readonly [username: string, encoded: string, reason: string][] = [
  ['root', 'root', 'a usual name stays readable'],
  ['www-data_2', 'www-data_2', 'dash, underscore and digits are safe'],
  ['..', '%2e%2e', 'leaves the folder'],
  ['../config', '%2e%2e%2fconfig', 'leaves the folder'],
  ['a/b', 'a%2fb', 'another folder'],
  ['.hidden', '%2ehidden', 'a leading dot'],
  ['-rf', '%2drf', 'an option to rm'],
  ['Root', '%52oot', 'differs from root on any file system'],
  ['%52oot', '%2552oot', 'an encoded name is a name too'],
  ['a\0b', 'a%00b', 'a NUL ends a path'],
  ['é', '%c3%a9', 'UTF-8'],
  ['e\u0301', 'e%cc%81', 'the same letter in two parts is another name'],
  ['x.json', 'x%2ejson', 'like a document'],
  ['x.last-good', 'x%2elast-good', 'like a last good copy'],
  ['x.tmp-0123456789abcdef', 'x%2etmp-0123456789abcdef', 'like a temporary file'],
  ['long+1', 'long%2b1', 'like a hash'],
];

test.each(rows)('%j is %s: %s', (username, encoded) => {
  expect(encodeName(username)).toBe(encoded);
  expect(decodeName(encoded)).toBe(username);
});

test.each([
  ['', 'empty'],
  ['a'.repeat(81), 'too long'],
  ['é'.repeat(14), 'too long when encoded'],
  ['a\ud800', 'half a character'],
])('%j becomes a hash: %s', (username) => {
  expect(encodeName(username)).toMatch(/^long\+[0-9a-f]{64}$/);
  expect(decodeName(encodeName(username))).toBeNull();
});

test.each(['', 'A', 'a.b', '%', '%2', '%2F', '%61', '%ff', 'long+12', '../x', 'a/b'])(
  'no file that was not made by encoding is an account: %j',
  (encoded) => expect(decodeName(encoded)).toBeUndefined(),
);

// Any UTF-16 at all, and names made of what is dangerous.
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom('.', '/', '%', '\0', 'a', 'A', '-', 'json', 'last-good', 'tmp-', 'long+', 'é'))
    .map((parts) => parts.join('')),
);

test('no name leaves the folder, looks like another file, or comes back as another name', () => {
  fc.assert(
    fc.property(anyName, (username) => {
      const relative = accountPath(username);
      expect(relative).toMatch(/^accounts\/[a-z0-9_%+][a-z0-9_%+-]*\.json$/);
      expect(isDocumentPath(relative)).toBe(true);
      expect(isLeftover(relative)).toBe(false);
      // conf cuts names of temporary files at 128 bytes.
      const longest = `${basename(relative)}.staged-0123456789ab.tmp-0123456789abcdef`;
      expect(longest.length).toBeLessThanOrEqual(128);
      expect([username, null]).toContain(decodeName(encodeName(username)));
    }),
  );
});

test('two names never share a file, whatever the file system thinks of case', () => {
  fc.assert(
    fc.property(anyName, anyName, (one, other) => {
      fc.pre(one !== other);
      expect(encodeName(one).toLowerCase()).not.toBe(encodeName(other).toLowerCase());
    }),
  );
});
