import { describe, expect, it } from 'vitest';
import { type Asked, isAskedIn, isExact, writeCriteria } from '../../../src/system/sshd/asked.ts';

const everybody: Asked = { who: 'everybody' };
const named: Asked = { who: 'named', names: new Set(['ann', 'ben', 'root']) };

describe('the criteria of a Match block for those who are asked', () => {
  const rows: readonly {
    asked: Asked;
    criteria: string;
    only?: readonly string[];
    written: string | null;
    because: string;
  }[] = [
    { asked: named, criteria: 'all', written: 'User ann,ben,root', because: 'they are named' },
    { asked: everybody, criteria: 'all', written: 'User *', because: 'all would count at the start too' },
    { asked: named, criteria: 'all', only: ['root', 'toor'], written: 'User root', because: 'toor is not' },
    {
      asked: everybody,
      criteria: 'all',
      only: ['root', 'toor'],
      written: 'User root,toor',
      because: 'all are',
    },
    { asked: named, criteria: 'all', only: ['toor'], written: null, because: 'nobody of them is asked' },
    { asked: named, criteria: 'User ben', written: 'User ben', because: 'the block is about one of them' },
    { asked: named, criteria: 'User git,ben', written: 'User ben', because: 'git is left alone' },
    { asked: named, criteria: 'User git', written: null, because: 'it is about nobody who is asked' },
    { asked: everybody, criteria: 'User git', written: 'User git', because: 'git is asked as well' },
    {
      asked: named,
      criteria: 'user ben Address 10.*',
      written: 'User ben Address 10.*',
      because: 'both count',
    },
    {
      asked: named,
      criteria: 'Address 10.* User ben',
      written: 'User ben Address 10.*',
      because: 'the order says nothing',
    },
    {
      asked: named,
      criteria: 'User b*',
      written: 'User ann,ben,root User b*',
      because: 'a pattern is left to sshd',
    },
    { asked: named, criteria: 'User *,!ben', written: 'User ann,ben,root User *,!ben', because: 'so is a !' },
    {
      asked: named,
      criteria: 'User "ben"',
      written: 'User ann,ben,root User "ben"',
      because: 'so are quotes',
    },
    { asked: named, criteria: 'User=git', written: 'User ann,ben,root User=git', because: 'so is a =' },
    {
      asked: named,
      criteria: 'Group user Address git',
      written: 'User ann,ben,root Group user Address git',
      because: 'user is a group here',
    },
    {
      asked: named,
      criteria: 'Group mail',
      only: ['root'],
      written: 'User root Group mail',
      because: 'both',
    },
    {
      asked: named,
      criteria: 'invalid-user User ben',
      written: 'User ben invalid-user',
      because: 'a criterion may stand alone',
    },
    { asked: everybody, criteria: 'Group mail', written: 'Group mail', because: 'no name is needed' },
    {
      asked: { who: 'named', names: new Set(['a b', 'c*', 'd!', 'E', 'é', 'f@g.org', 'h\\i']) },
      criteria: 'all',
      written: 'User a?b,c?,d?,E,é,f@g.org,h?i',
      because: 'what is a pattern is asked by a wider one, never by a narrower',
    },
    { asked: { who: 'named', names: new Set() }, criteria: 'all', written: null, because: 'there is nobody' },
  ];
  it.each(rows)('are $written for "$criteria", because $because', ({ asked, criteria, only, written }) => {
    expect(writeCriteria(asked, criteria, only)).toBe(written);
  });
});

it.each(['ann', 'ANN', 'a.b-c_d$', 'x@corp.org', 'é', '1000'])('names %j exactly', (name) => {
  expect(isExact(name)).toBe(true);
});

it.each(['a*', 'a?', '!a', 'a,b', 'a b', 'a"b', "a'b", 'CORP\\ann', 'a#b', 'a=b', 'a\nb'])(
  'cannot name %j exactly',
  (name) => {
    expect(isExact(name)).toBe(false);
  },
);

it('knows whom a drop-in asks', () => {
  const content = 'UsePAM yes\nMatch User ann,c?\n    AuthenticationMethods publickey\n';
  expect(['ann', 'c*', 'an', 'UsePAM'].map((name) => isAskedIn(content, name))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(isAskedIn('Match User *\n', 'anybody')).toBe(true);
});
