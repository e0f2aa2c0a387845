import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemStateDirectory } from '../../src/store/layout.ts';
import { choosePlace } from '../../src/store/place.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'postern-place-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['a named folder comes before the environment', '/a', { POSTERN_STATE_DIR: '/b' }, 0, '/a', true],
  ['the environment names one', undefined, { POSTERN_STATE_DIR: '/b' }, 0, '/b', true],
  ['root without a word works on the appliance', undefined, {}, 0, systemStateDirectory, false],
  ['an ordinary user who names it tries at most', systemStateDirectory, {}, 1000, systemStateDirectory, true],
  [
    'dots and slashes do not hide the appliance',
    '/var/lib/../lib/postern/',
    {},
    0,
    systemStateDirectory,
    false,
  ],
] as const)('%s', (_reason, named, environment, uid, directory, isTrial) => {
  expect(choosePlace(named, environment, uid)).toEqual({ directory, isTrial });
});

test('a link is the folder it leads to', () => {
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'link'));
  expect(choosePlace(join(folder, 'link'), {}, 0).directory).toBe(join(folder, 'real'));
});

test('an empty name is refused', () => {
  expect(() => choosePlace('', {}, 0)).toThrow(/empty name/);
});
