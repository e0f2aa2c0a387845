import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { systemRandom } from '../../src/platform/random.ts';
import type { AuditEntry } from '../../src/ports/store.ts';
import { openAuditLog } from '../../src/store/audit.ts';
import { listTree, openLab } from '../support/store-lab.ts';

const lab = openLab();
const directory = join(lab.folder, 'store');
const path = join(directory, 'audit.jsonl');
beforeEach(() => {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o700 });
});
afterAll(() => lab.remove());

function open(limitBytes?: number) {
  return openAuditLog({ directory, random: systemRandom, ...(limitBytes ? { limitBytes } : {}) });
}

function entry(line: string): AuditEntry {
  return { time: '2026-01-02T03:04:05.678Z', actor: 'root', from: null, line, outcome: 'done' };
}

test('entries come back oldest first, one line each, whatever is in them', () => {
  const entries = [entry('one'), { ...entry('two\n{"x":\u2028'), code: 'rule.x', details: { a: [1] } }];
  expect(open().read()).toEqual([]);
  for (const each of entries) open().append(each);
  expect(open().read()).toEqual(entries);
  expect(readFileSync(path, 'utf8').split('\n').length).toBe(3);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a dry run writes its line, and changes nothing else', () => {
  mkdirSync(join(directory, 'accounts'), { mode: 0o755 });
  const modes = () => ['.', 'accounts'].map((name) => statSync(join(directory, name)).mode & 0o777);
  for (const each of ['.', 'accounts']) chmodSync(join(directory, each), 0o755);
  openAuditLog({ directory, random: systemRandom, keepsModes: true }).append(entry('one'));
  expect(modes()).toEqual([0o755, 0o755]);
  openAuditLog({ directory, random: systemRandom }).append(entry('two'));
  expect(modes()).toEqual([0o700, 0o700]);
  expect(open().read()).toEqual([entry('one'), entry('two')]);
});

test('a torn line is left out and harms no other', () => {
  open().append(entry('one'));
  appendFileSync(path, '{"time":"2026-01-02T03:0');
  expect(open().read()).toEqual([entry('one')]);
  open().append(entry('two'));
  open().append(entry('three'));
  expect(open().read()).toEqual([entry('one'), entry('two'), entry('three')]);
});

test('lines that are no entries are left out', () => {
  writeFileSync(path, 'null\n[]\n{"time":1}\n\n"x"\n');
  open().append(entry('one'));
  expect(open().read()).toEqual([entry('one')]);
});

test('a mode that lets others read is set right', () => {
  writeFileSync(path, '');
  chmodSync(path, 0o644);
  open().append(entry('one'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('its size is bounded, and what is kept has no gap', () => {
  for (let number = 0; number < 50; number++) open(1000).append(entry(`line ${number}`));
  const kept = open(1000)
    .read()
    .map((each) => each.line);
  expect(kept.length).toBeGreaterThan(8);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => `line ${50 - kept.length + index}`));
  expect(listTree(directory)).toEqual(expect.arrayContaining(['audit.jsonl.1']));
  for (const name of listTree(directory)) {
    expect(name).toMatch(/^audit\.jsonl(\.1)?$/);
    expect(statSync(join(directory, name)).size).toBeLessThan(1200);
  }
});

test('of a log that is far too large the end is read', () => {
  for (let number = 0; number < 200; number++)
    appendFileSync(path, `${JSON.stringify(entry(`line ${number}`))}\n`);
  const read = open(1000)
    .read()
    .map((each) => each.line);
  expect(read.length).toBe(Math.floor(8000 / `${JSON.stringify(entry('line 100'))}\n`.length));
  expect(read.at(-1)).toBe('line 199');
  expect(open().read().length).toBe(200);
});

test('a log of many gigabytes takes neither the memory nor an error', () => {
  open().append(entry('one'));
  truncateSync(path, 6 * 1024 ** 3);
  appendFileSync(path, `\n${JSON.stringify(entry('two'))}\n`);
  expect(open().read()).toEqual([entry('two')]);
});

test('while another process rotates, nobody else does', () => {
  const log = open(1);
  symlinkSync('1:0:0:0:aaaaaaaaaaaa', join(directory, 'lock.audit'));
  log.append(entry('one'));
  log.append(entry('two'));
  expect(listTree(directory)).toEqual(['audit.jsonl', 'lock.audit']);
  expect(open().read()).toEqual([entry('one'), entry('two')]);
});

test.each(['a link', 'a directory'])('%s in its place is an error, not followed', (kind) => {
  const outside = join(lab.folder, 'outside');
  writeFileSync(outside, 'as it was\n');
  if (kind === 'a link') symlinkSync(outside, path);
  else mkdirSync(path);
  expect(() => open().append(entry('one'))).toThrow(expect.objectContaining({ name: 'PosternError' }));
  expect(() => open().read()).toThrow(/not a regular file/);
  expect(readFileSync(outside, 'utf8')).toBe('as it was\n');
});
