import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CompletionSources, completeLine } from '../../src/registry/complete.ts';
import { linear, measureGrowth } from '../support/growth.ts';
import { sampleRegistry } from './sample-registry.ts';

const sources: CompletionSources = {
  accountNames: () => ['admin', 'alice', 'bob', 'root'],
  deviceNames: (username) => (username === 'bob' ? ['phone', 'spare key'] : ['default']),
};

/** The line with `|` where the cursor is. */
function complete(marked: string, location: readonly string[] = []) {
  const cursor = marked.indexOf('|');
  return completeLine(marked.replace('|', ''), cursor, location, sampleRegistry, sources);
}

function texts(marked: string, location?: readonly string[]): string {
  return complete(marked, location)
    .candidates.map(({ text }) => text)
    .join(' ');
}

const inside = ['auth', 'two_factor'];

describe('words', () => {
  test.each([
    ['|', [], 'auth account system help man .mode', 'namespaces, then builtins'],
    ['|', inside, 'config update help man .mode', 'the own words of a namespace come first'],
    ['au|', [], 'auth', 'the beginning of a word'],
    ['au|th', [], 'auth', 'only what stands before the cursor counts'],
    ['/au|', inside, '/auth', 'absolute from anywhere'],
    ['/|', inside, '/auth /account /system', 'builtins are not absolute'],
    ['.. |', inside, 'two_factor', 'relative to the namespace above'],
    ['auth two_factor ver|', [], '', 'an older name is not offered'],
    ['auth nonsense |', [], '', 'nothing behind a word that is unknown'],
    ['auth two_factor x=1 |', [], '', 'a namespace takes no arguments'],
    ['help auth two|', [], 'two_factor', 'a path for help'],
    ['help /auth |', inside, 'two_factor', 'an absolute path for help'],
    ['help he|', [], 'help', 'help for a builtin'],
    ['help ver|', ['system'], 'version', 'a path relative to where we are'],
    ['auth two_factor update # en|', [], '', 'nothing in a comment'],
  ])('%s in %j', (marked, location, expected) => {
    expect(texts(marked, location)).toBe(expected);
  });
});

describe('keys and values', () => {
  const update = 'auth two_factor update';
  test.each([
    [`${update} en|`, 'enabled='],
    [`${update} enabled=true e|`, ''],
    [`${update} ser|`, 'services.ssh='],
    [`${update} services={"ssh":true} ser|`, ''],
    [`${update} services={"ssh":|`, ''],
    [`${update} enabled=|`, 'true false'],
    [`${update} enabled=f|`, 'false'],
    [`${update} services.ssh=t|`, 'true'],
    [`${update} unenrolled=|`, 'allow deny'],
    [`${update} nonsense=|`, ''],
    [`${update} -|`, '--'],
    ['auth two_factor verify username=a|', 'admin alice'],
    ['auth two_factor verify username="a|', '"admin" "alice"'],
    ['auth two_factor verify a|', 'admin alice'],
    ['auth two_factor verify |', 'username= token= device='],
    ['auth two_factor verify bob device=|', 'phone "spare key"'],
    ['auth two_factor verify username=bob device=p|', 'phone'],
    ['auth two_factor verify username=alice device=|', 'default'],
    ['.mode j|', 'json'],
    [`${update} enabled = f|`, 'false'],
    [`${update} enabled = |`, 'true false'],
    [`${update} enabled= |`, 'true false'],
    [`${update} issuer=O'Brien en|`, 'enabled='],
    [`${update} issuer=a[ en|`, 'enabled='],
  ])('%s', (marked, expected) => {
    expect(texts(marked)).toBe(expected);
  });

  test('the candidate takes the place of the value alone', () => {
    expect(complete(`${update} enabled=f|`)).toMatchObject({ from: 31, to: 32 });
    expect(complete(`${update} wi|`)).toMatchObject({ from: 23, to: 25 });
  });

  test('bounds stand beside a key and where a value cannot be listed', () => {
    expect(complete(`${update} wi|`).candidates[0]?.description).toBe(
      'steps in which a code is accepted (steps)',
    );
    expect(complete(`${update} window=|`)).toMatchObject({
      candidates: [],
      note: 'window expects a whole number from 0 to 10 (steps)',
    });
  });
});

describe('queries', () => {
  const query = 'account user query';
  test.each([
    [`${query} |`, 'username admin locked failures where order_by= limit= offset='],
    [`${query} username u|`, ''],
    [`${query} username ad|`, 'admin'],
    [`${query} where ad|`, 'admin'],
    [`${query} WHERE ad|`, 'admin'],
    [`${query} where admin |`, '== != > >= < <= in not in'],
    [`${query} where admin=|`, ''],
    [`${query} where admin == t|`, 'true'],
    [`${query} where admin==t|`, 'true'],
    [`${query} where username.st|`, 'startswith('],
    [`${query} where username.startswith("a b") |`, 'and or order_by= limit= offset='],
    [`${query} where not (admin==true) and lo|`, 'locked'],
    [`${query} where admin not |`, 'in'],
    [`${query} where admin==true order_by=-f|`, 'failures'],
    [`${query} order_by=username li|`, 'limit='],
    [`${query} order_by=username wh|`, ''],
    [`${query} where failures > |`, ''],
    [`${query} * where ad|`, 'admin'],
  ])('%s', (marked, expected) => {
    expect(texts(marked)).toBe(expected);
  });
});

describe('many accounts', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `user${String(index).padStart(5, '0')}`);
  const many: CompletionSources = { accountNames: () => names, deviceNames: () => [] };
  const line = 'auth two_factor verify username=user';

  test('are capped, and the answer says by how many', () => {
    const { candidates, omitted } = completeLine(line, line.length, [], sampleRegistry, many);
    expect(candidates).toHaveLength(100);
    expect(omitted).toBe(9_900);
    const one = completeLine(`${line}09999`, line.length + 5, [], sampleRegistry, many);
    expect(one.candidates.map(({ text }) => text)).toEqual(['user09999']);
  });

  test('are looked through once a key, however many there are', () => {
    let asked = 0;
    const counting: CompletionSources = {
      accountNames: () => {
        asked += 1;
        return names;
      },
      deviceNames: () => [],
    };
    completeLine(`${line}01`, line.length + 2, [], sampleRegistry, counting);
    expect(asked).toBe(1);
    const complete = (count: number) => {
      const some: CompletionSources = { accountNames: () => names.slice(0, count), deviceNames: () => [] };
      completeLine(`${line}01`, line.length + 2, [], sampleRegistry, some);
    };
    expect(measureGrowth(complete, 600)).toBeLessThan(linear);
  });
});

test('no line and no cursor makes it fail or reach beyond the line', () => {
  const part = fc.constantFrom(
    'auth',
    'two_factor',
    'update',
    'verify',
    'account user query',
    'where',
    'help',
    '/',
    '..',
    '=',
    '"',
    "'",
    '{',
    '}',
    '#',
    ' ',
    '\n',
    '==',
    '.',
    'x',
    'enabled=',
    'device=',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.nat(60), fc.boolean(), (parts, offset, isInside) => {
      const line = parts.join(offset % 2 ? ' ' : '');
      const cursor = Math.min(offset, line.length);
      const { from, to, candidates } = completeLine(
        line,
        cursor,
        isInside ? inside : [],
        sampleRegistry,
        sources,
      );
      expect(from).toBeLessThanOrEqual(to);
      expect(to).toBe(cursor);
      for (const { text } of candidates) expect(text).not.toBe('');
    }),
  );
});

test('the time for a long word grows with its length, not with its square', () => {
  const complete = (length: number) => {
    const line = `account user query where username.match("${'a'.repeat(length)}`;
    completeLine(line, line.length, [], sampleRegistry, sources);
  };
  expect(measureGrowth(complete, 12_000)).toBeLessThan(linear);
});
