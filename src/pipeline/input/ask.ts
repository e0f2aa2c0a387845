import { escapeForTerminal } from '../../output/escape.ts';
import type { Json } from '../../output/view.ts';
import type { Prompter } from '../../ports/terminal.ts';
import type { Key } from '../../registry/describe.ts';
import { describeKind, type Kind } from '../../registry/kinds.ts';
import { readValue } from '../../registry/read-kind.ts';

/** Asks for one value that must be given; a new password is asked for twice. */
export async function askFor({ key, kind, param }: Key, prompter: Prompter, username?: Json): Promise<Json> {
  const hidden = param.secret === true;
  const isPassword = hidden && key.includes('password');
  const message = isPassword
    ? `New password${typeof username === 'string' ? ` for ${escapeForTerminal(username)}` : ''}`
    : `${key} (${describeKind(kind)})`;
  const check = (typed: string) => (typed === '' ? 'a value is needed here' : checkTyped(kind, typed));
  const answer = await prompter.ask({ message, hidden, check });
  if (isPassword) {
    const isSame = (typed: string) => (typed === answer ? undefined : 'the two do not match');
    await prompter.ask({ message: 'Again', hidden, check: isSame });
  }
  return readTyped(kind, answer);
}

/** What is wrong with a value typed as an answer; undefined: nothing. */
export function checkTyped(kind: Kind, typed: string): string | undefined {
  const read = readAnswer(kind, typed);
  return 'value' in read ? undefined : `expected ${read.expected}`;
}

/** The value of an answer that `checkTyped` accepts. */
export function readTyped(kind: Kind, typed: string): Json {
  const read = readAnswer(kind, typed);
  if (!('value' in read)) throw new Error(`an answer was taken that is not ${describeKind(kind)}`);
  return read.value;
}

/** An answer is a bare value: no quotes to type, and the kind decides what it is. */
function readAnswer(kind: Kind, typed: string) {
  return readValue(kind, { kind: 'bare', text: typed, span: { start: 0, end: typed.length } }, typed);
}
