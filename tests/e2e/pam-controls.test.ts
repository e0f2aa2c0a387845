import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tracePamPaths } from '../../src/system/pam/bypass.ts';
import { projectRoot } from '../support/lab/machine.ts';

type Stack = { readonly main: string; readonly included: Readonly<Record<string, string>>; modules: number };

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pam-controls-'));
  const source = join(projectRoot, 'tests/support/pam-say.c');
  const compile = (out: string, ...flags: readonly string[]) =>
    execFileSync('gcc', ['-O1', ...flags, '-o', join(directory, out), source, '-lpam'], { stdio: 'pipe' });
  compile('pam_say.so', '-DMODULE', '-fPIC', '-shared');
  compile('pam-say');
  symlinkSync('pam_say.so', join(directory, 'pam_postern.so'));
}, 60_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const action = fc.constantFrom('ignore', 'ok', 'done', 'bad', 'die', 'reset', '1', '2', '3', '0', 'nonsense');
const answer = fc.constantFrom(
  ...['success', 'new_authtok_reqd', 'ignore', 'auth_err', 'default', 'default', 'nonsense'],
);
const pairs = fc
  .array(fc.tuple(answer, action, fc.constantFrom('=', ' = ', '= ')), { minLength: 1, maxLength: 4 })
  .map((list) => `[${list.map(([name, what, equals]) => `${name}${equals}${what}`).join(' ')}]`);
const likelyPairs = fc
  .tuple(
    fc.constantFrom('success=ok', 'success=done', 'success=1', 'success=2', 'success=bad', ''),
    fc.constantFrom(
      'default=ignore',
      'default=die',
      'default=bad',
      'default=ok',
      'default=done',
      'default=1',
      '',
    ),
  )
  .map((list) => `[${list.join(' ')}]`);
const word = fc.constantFrom('required', 'requisite', 'sufficient', 'optional', 'Sufficient', 'misspelt');
const control = fc.oneof(word, pairs, likelyPairs);
const rule = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('say'), control) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('deny', 'permit'), control) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constant('code'), fc.constant('[success=ok ignore=ignore default=die]')),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('code'), control) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant('key'), fc.constant('[success=done ignore=ignore default=die]')),
  },
);
const rules = fc.array(rule, { minLength: 1, maxLength: 3 });
const part = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant(''), rules) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('auth substack', 'auth include', '@include'), rules) },
);

/** The files of stack `index`, with at most three modules that say what they are told to. */
function write(
  parts: readonly (readonly [string, readonly (readonly [string, string])[]])[],
  index: number,
): Stack {
  let modules = 0;
  const included: Record<string, string> = {};
  const lines = parts.flatMap(([how, inner]) => {
    const texts = inner.flatMap(([module, itsControl]) => {
      if (module === 'code') return [`auth ${itsControl} ${directory}/pam_postern.so code`];
      if (module === 'key') return [`auth ${itsControl} ${directory}/pam_postern.so after=publickey x`];
      if (module !== 'say') return [`auth ${itsControl} pam_${module}.so`];
      return modules < 3 ? [`auth ${itsControl} ${directory}/pam_say.so ${modules++}`] : [];
    });
    // libpam takes no empty file for an @include.
    if (how === '' || texts.length === 0) return texts;
    const name = `s${index}-${Object.keys(included).length}`;
    included[name] = `${texts.join('\n')}\n`;
    // By their names, Debian's libpam looks for them in /etc/pam.d alone, whatever folder it reads.
    return [`${how} ${directory}/${name}`];
  });
  return { main: `${lines.join('\n')}\n`, included, modules };
}

describe('what libpam does with a stack', () => {
  const count = 160;

  it('is what is said of it, for both questions and every answer of its modules', () => {
    const sampled = fc.sample(fc.array(part, { minLength: 1, maxLength: 4 }), { numRuns: count, seed: 8 });
    const stacks = sampled.map(write);
    writeFileSync(join(directory, 'other'), 'auth required pam_deny.so\n');
    for (const [index, { main, included }] of stacks.entries()) {
      writeFileSync(join(directory, `s${index}`), main);
      for (const [name, content] of Object.entries(included)) writeFileSync(join(directory, name), content);
    }
    const said = execFileSync(join(directory, 'pam-say'), [directory], {
      input: stacks.map(({ modules }, index) => `s${index} ${modules}\n`).join(''),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const found = stacks.map(({ main, included }, index) => {
      const { bypass, unguarded } = tracePamPaths(main, (name) => included[name]);
      return {
        because: `s${index}\n${main}${JSON.stringify(included)}`,
        wayIn: bypass !== null,
        unguarded: unguarded !== null,
      };
    });
    const real = said
      .trim()
      .split('\n')
      .map((line, index) => {
        const [, wayIn, unguarded] = line.split(' ');
        return { because: found[index]?.because, wayIn: wayIn === '1', unguarded: unguarded === '1' };
      });
    expect(found).toEqual(real);
    // Both answers to both questions must have come up often enough to mean something.
    for (const which of ['wayIn', 'unguarded'] as const) {
      const yes = real.filter((each) => each[which]).length;
      expect(Math.min(yes, count - yes)).toBeGreaterThan(count / 20);
    }
  }, 120_000);
});
