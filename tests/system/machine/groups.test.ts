import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { runner } from '../../../src/platform/runner.ts';
import { findGroupNumbers, findGroups } from '../../../src/system/machine/groups.ts';

/** A system as getent(1) and id(1) tell of it; a directory that ignores case answers with its own spelling. */
function machine(groups: Readonly<Record<string, string>>, numbers: string, passwd = '') {
  return {
    runner: {
      run: ([program, ...argv]: readonly [string, ...string[]]) => {
        const keys = argv.slice(argv.indexOf('--') + 1);
        const rows = keys.map((key) => groups[key]).filter((row) => row !== undefined);
        const said = { id: `${numbers}\n`, getent: argv[0] === 'passwd' ? passwd : `${rows.join('\n')}\n` };
        const stdout = said[program as 'id' | 'getent'];
        return { status: numbers === '' && program === 'id' ? 1 : 0, signal: null, stdout, stderr: '' };
      },
    },
  };
}

const backup = 'backup:x:34:';
it.each<[string, Readonly<Record<string, string>>, string, string[], string[]]>([
  ['a group of hers', { backup }, '100 34', ['backup'], ['backup']],
  ['not one whose number begins alike', { backup }, '100 340 3', ['backup'], []],
  ['not one by its number', { '34': backup }, '100 34', ['34'], []],
  ['not one in another case', { BACKUP: backup }, '100 34', ['BACKUP'], []],
  ['not one that is not there', {}, '100 34', ['backup'], []],
  [
    'a name with spaces',
    { 'domain admins': 'domain admins:*:5000:' },
    '100 5000',
    ['domain admins'],
    ['domain admins'],
  ],
  ['not a part of such a name', { 'domain admins': 'domain admins:*:5000:' }, '100 5000', ['domain'], []],
  [
    'only those that are hers',
    { backup, staff: 'staff:x:50:ann' },
    '100 34',
    ['staff', 'backup'],
    ['backup'],
  ],
  ['a row without a number', { backup: 'backup:x::' }, ' ', ['backup'], []],
  ['a system that does not know her', { backup }, '', ['backup'], []],
])('finds %s', (_why, groups, numbers, asked, found) => {
  expect(findGroups(machine(groups, numbers), 'ann', asked)).toEqual(found);
});

it('takes no user id for a name', () => {
  const ann = 'ann:x:1000:1000::/:/bin/sh\n';
  expect(findGroups(machine({ backup }, '100 34', ann), '1000', ['backup'])).toEqual([]);
  expect(findGroups(machine({ backup }, '100 34', '1000:x:7:7::/:/bin/sh\n'), '1000', ['backup'])).toEqual([
    'backup',
  ]);
});

it('asks this system as it is', () => {
  const names = spawnSync('id', ['-Gn', 'root'], { encoding: 'utf8' }).stdout.trim().split(' ');
  expect(findGroups({ runner }, 'root', [...names, 'no-such-group', '0', 'ROOT'])).toEqual(names);
  expect(findGroups({ runner }, 'no-such-account', ['root'])).toEqual([]);
  expect(findGroupNumbers({ runner }, ['root', '-x', 'no-such-group'])).toEqual(new Map([['root', '0']]));
});
