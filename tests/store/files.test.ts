import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { openFiles } from '../../src/platform/files.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { decodeText, encodeText } from '../../src/platform/text-bytes.ts';
import { openLab } from '../support/store-lab.ts';

const lab = openLab();
afterAll(() => lab.remove());
const files = openFiles(systemRandom);

test('a whole file takes the place of another, with its mode, parents included', () => {
  const path = join(lab.folder, 'etc', 'pam.d', 'sshd');
  expect(files.read(path)).toBeUndefined();
  expect(files.stat(path)).toBeUndefined();
  files.writeAtomic(path, 'one\n', 0o644);
  files.writeAtomic(path, 'two é\n', 0o640);
  expect(files.read(path)).toBe('two é\n');
  expect(files.stat(path)).toMatchObject({ mode: 0o640, size: 7, isFile: true, uid: process.geteuid?.() });
  expect(files.list(join(lab.folder, 'etc', 'pam.d'))).toEqual(['sshd']);
  files.remove(path);
  files.remove(path);
  expect(files.read(path)).toBeUndefined();
});

test('a change is told behind a link too, and where an older file takes the place of another', async () => {
  const folder = join(lab.folder, 'changes');
  mkdirSync(folder);
  const [path, link, older] = ['path', 'link', 'older'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const name of [older, path]) writeFileSync(name, 'one');
  utimesSync(older, 1, 1);
  symlinkSync('path', link);
  const first = files.changedMs(link) ?? 0;
  await pause(20);
  writeFileSync(path, 'two');
  const second = files.changedMs(link) ?? 0;
  expect(second).toBeGreaterThan(first);
  await pause(20);
  renameSync(older, path);
  expect(files.changedMs(link)).toBeGreaterThan(second);
  expect(files.changedMs(join(folder, 'nothing'))).toBeUndefined();
});

test('a link is replaced, not written through, and stat does not follow it', () => {
  const outside = join(lab.folder, 'outside');
  const path = join(lab.folder, 'link');
  writeFileSync(outside, 'as it was');
  symlinkSync(outside, path);
  expect(files.stat(path)?.isFile).toBe(false);
  files.writeAtomic(path, 'new', 0o600);
  expect(readFileSync(outside, 'utf8')).toBe('as it was');
  expect(lstatSync(path).isFile()).toBe(true);
});

test('a file can be written by nobody but its owner, whatever mode is asked for', () => {
  const path = join(lab.folder, 'open');
  files.writeAtomic(path, 'x', 0o777);
  expect(files.stat(path)?.mode).toBe(0o755);
});

test('a path leads where its links do', () => {
  const path = join(lab.folder, 'one link');
  symlinkSync('none', path);
  expect(files.realPath(path)).toBeUndefined();
  files.writeAtomic(join(lab.folder, 'none'), 'x', 0o600);
  expect(files.realPath(path)).toBe(join(lab.folder, 'none'));
});

test('any bytes come back as they were, and UTF-8 is text', () => {
  const bytes = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0x0a, 0xc3, 0xa9, 0xed, 0xb3, 0xbc)));
  fc.assert(
    fc.property(bytes, (values) => {
      const text = decodeText(Buffer.from(values));
      expect([...encodeText(text)]).toEqual(values);
      expect(encodeText(JSON.parse(JSON.stringify(text)))).toEqual(Buffer.from(values));
    }),
  );
  expect(decodeText(Buffer.from('# für 😀\n'))).toBe('# für 😀\n');
  expect(decodeText(Buffer.from('# f\xfcr\n# f\xc3\xbcr\n', 'latin1'))).toBe('# f\udcfcr\n# für\n');
});

test('a write that fails leaves nothing behind', () => {
  const directory = join(lab.folder, 'occupied');
  mkdirSync(join(directory, 'name', 'inside'), { recursive: true });
  expect(() => files.writeAtomic(join(directory, 'name'), 'x', 0o600)).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(directory)).toEqual(['name']);
  expect(existsSync(join(directory, 'name', 'inside'))).toBe(true);
  expect(() => files.list(join(directory, 'none'))).toThrow(/ENOENT/);
  expect(() => files.read(directory)).toThrow(/EISDIR/);
});
