import { describe, expect, it } from 'vitest';
import {
  type Asked,
  decideAsked,
  isAsked,
  isAskedIn,
  isExact,
  writeCriteria,
} from '../../../src/system/sshd/asked.ts';
import { settingsOn } from '../../support/accounts.ts';

const everybody: Asked = { who: 'everybody' };
const named: Asked = { who: 'named', names: new Set(['ann', 'ben', 'root']) };

describe('the criteria of a Match block for those who are asked', () => {
  const limits = { groups: ['robots', 'domain admins'], networks: ['10.0.0.0/8', '2001:db8::/32'] };
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
    {
      asked: { ...named, limits },
      criteria: 'all',
      written: 'User ann,ben,root Group "*,!robots,!domain admins" Address *,!10.0.0.0/8,!2001:db8::/32',
      because: 'what has a ! outweighs all others',
    },
    {
      asked: { who: 'everybody', except: new Set(['ann']) },
      criteria: 'Group mail',
      written: 'User *,!ann Group mail',
      because: 'ann is exempt',
    },
    {
      asked: { who: 'everybody', limits: { groups: ['robots'], networks: [] } },
      criteria: 'all',
      written: 'Group *,!robots',
      because: 'the group says it all',
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

describe('whom the settings ask', () => {
  const settings = { ...settingsOn.two_factor, exempt_networks: ['10.0.0.0/8'] };
  const names = { named: ['ann'], exempt: ['ben', 'c*'] };

  it('are the named ones, or everybody but those who are exempt and can be named', () => {
    const allowed = decideAsked(settings, names);
    expect(['ann', 'ben', 'carl'].map((name) => isAsked(allowed, name))).toEqual([true, false, false]);
    const denied = decideAsked({ ...settings, unenrolled: 'deny' }, names);
    // c* would leave out carl as well: it is asked by sshd, and let in by PAM.
    expect(['ann', 'ben', 'carl', 'c*'].map((name) => isAsked(denied, name))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it.each([
    ['10.1.2.3', false],
    ['11.1.2.3', true],
    ['::ffff:10.1.2.3', false],
    ['127.0.0.1', true],
  ])('are asked from %s: %s', (address, asked) => {
    expect(isAsked(decideAsked(settings, names), 'ann', address)).toBe(asked);
  });

  it.each(['127.0.0.0/8', '127.0.0.5/32', '64.0.0.0/2', '::1/128', '::/1'])(
    'are asked from %s all the same, for tunnels and proxies come from the machine itself',
    (network) => {
      const { limits } = decideAsked({ ...settings, exempt_networks: [network] }, names);
      expect(limits?.networks).toEqual([]);
    },
  );

  it('may be asked where a group is exempt', () => {
    const grouped = decideAsked({ ...settings, exempt_groups: ['robots', 'a*', 'x,y', '!z'] }, names);
    expect(grouped.limits?.groups).toEqual(['robots']);
    expect(isAsked(grouped, 'ann', '11.1.2.3')).toBe('perhaps');
    expect(isAsked(grouped, 'ben', '11.1.2.3')).toBe(false);
  });
});

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
