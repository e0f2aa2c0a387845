import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { converse, type Gate, type SignIn } from '../../src/pam/conversation.ts';
import { openingLines } from './fakes.ts';

const ask = 'PROMPT Verification code: ';

/** A gate that lets `good` in, and writes down what it was asked. */
function makeGate(good: string, skip = false): Gate & { readonly asked: [SignIn, string][] } {
  const asked: [SignIn, string][] = [];
  return {
    asked,
    admit: async () => (skip ? { ask: false, log: 'skipped' } : { ask: true }),
    async accept(signIn, token) {
      asked.push([signIn, token]);
      return { accepted: token === good, log: token === good ? 'in' : 'out' };
    },
  };
}

async function talk(incoming: readonly string[], gate: Gate = makeGate('123456')) {
  let next = 0;
  const written: string[] = [];
  const lines = { read: () => incoming[next++], write: (line: string) => void written.push(line) };
  const verdict = await converse(lines, gate);
  return { verdict, written, read: next };
}

describe('converse', () => {
  const opening = openingLines('root');

  it.each([
    ['a right code', [...opening, 'ANSWER 123456'], [ask, 'LOG in', 'OK']],
    [
      'a wrong code, then a right one',
      [...opening, 'ANSWER 1', 'ANSWER 123456'],
      [ask, 'LOG out', ask, 'LOG in', 'OK'],
    ],
    [
      'two wrong codes end it',
      [...opening, 'ANSWER 1', 'ANSWER 2', 'ANSWER 123456'],
      [ask, 'LOG out', ask, 'LOG out', 'FAIL'],
    ],
    [
      'an empty answer is an answer',
      [...opening, 'ANSWER ', 'ANSWER 123456'],
      [ask, 'LOG out', ask, 'LOG in', 'OK'],
    ],
    ['the module is gone at the prompt', opening, [ask, 'FAIL']],
    ['the module is gone at the second prompt', [...opening, 'ANSWER 1'], [ask, 'LOG out', ask, 'FAIL']],
    ['something else instead of an answer', [...opening, 'USER 123456'], [ask, 'FAIL']],
    ['a word that only begins like it', [...opening, 'ANSWERS 123456'], [ask, 'FAIL']],
    ['nothing at all', [], ['FAIL']],
    ['an opening that ends early', opening.slice(0, 4), ['FAIL']],
    ['an opening in another order', [...[...opening].reverse(), 'ANSWER 123456'], ['FAIL']],
    ['no name', [...openingLines(''), 'ANSWER 123456'], ['FAIL']],
    ['neither yes nor no', [...openingLines('root', { KNOWN: 'maybe' }), 'ANSWER 123456'], ['FAIL']],
    ['no word on the key', [...openingLines('root', { KEY: '' }), 'ANSWER 123456'], ['FAIL']],
    ['a relative store', [...openingLines('root', { STATE: 'var' }), 'ANSWER 123456'], ['FAIL']],
  ])('%s', async (_, incoming, expected) => {
    const { verdict, written } = await talk(incoming);
    expect(written).toEqual(expected);
    expect(verdict).toBe(expected.at(-1));
  });

  it('asks nobody whom the gate lets pass', async () => {
    expect((await talk(opening, makeGate('123456', true))).written).toEqual(['LOG skipped', 'SKIP']);
  });

  it('hands on what the module said, to the letter', async () => {
    const gate = makeGate('a b');
    await talk([...openingLines('o\u00e4 x', { KNOWN: 'no', KEY: 'yes', RHOST: '' }), 'ANSWER a b'], gate);
    expect(gate.asked).toEqual([
      [
        {
          stateDirectory: '/var/lib/postern',
          username: 'o\u00e4 x',
          isSystemAccount: false,
          service: 'sshd',
          remoteHost: '',
          by: 'key',
        },
        'a b',
      ],
    ]);
  });

  it('never writes a line that the module would refuse', async () => {
    const gate = {
      ...makeGate(''),
      admit: async () => ({ ask: false as const, log: `a\nOK\u0000\u2028${'x'.repeat(900)}` }),
    };
    const { written } = await talk(opening, gate);
    expect(written[0]).toMatch(/^LOG a\?OK\?\?x+$/);
    expect(written[0]?.length).toBe(500);
  });

  it('whatever the module says: at most two questions, one verdict, and OK only for the code itself', async () => {
    const word = fc.constantFrom(
      'STATE',
      'USER',
      'KNOWN',
      'SERVICE',
      'RHOST',
      'KEY',
      'ANSWER',
      'ANSWER 123456',
      '',
    );
    const line = fc.oneof(
      word,
      fc.string({ unit: 'binary' }),
      fc.tuple(word, fc.string()).map((parts) => parts.join(' ')),
    );
    const start = fc.oneof(fc.constant(opening), fc.array(line, { maxLength: 8 }));
    await fc.assert(
      fc.asyncProperty(start, fc.array(line, { maxLength: 4 }), async (head, tail) => {
        const gate = makeGate('123456');
        const { verdict, written, read } = await talk([...head, ...tail], gate);
        expect(written.filter((each) => each.startsWith('PROMPT'))).toHaveLength(
          written.filter((each) => each === ask).length,
        );
        expect(written.filter((each) => each === ask).length).toBeLessThanOrEqual(2);
        expect(written.filter((each) => /^(OK|FAIL|SKIP)$/.test(each))).toEqual([verdict]);
        expect(written.at(-1)).toBe(verdict);
        expect(read).toBeLessThanOrEqual(9);
        expect(verdict === 'OK').toBe(gate.asked.at(-1)?.[1] === '123456');
        expect(verdict).not.toBe('SKIP');
      }),
    );
  });
});
