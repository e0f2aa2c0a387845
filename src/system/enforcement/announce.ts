import { hasKey } from '../machine/login-accounts.ts';
import { hasPamBlock, pamServicePath } from '../pam/block.ts';
import type { Asked } from '../sshd/asked.ts';
import type { SystemFacts, SystemPorts } from '../types.ts';

/** Names in a sentence; more are a number. */
const mostNames = 5;
/** Accounts whose keys are looked for: each is a file or two. */
const mostLooked = 200;

/**
 * Said where codes are turned on: who is asked from now on and who is not, and who has keys that programs may be using,
 * with the line that exempts them. Empty where codes were on before.
 */
export function announceAsked(facts: SystemFacts, asked: Asked, ports: SystemPorts): readonly string[] {
  if (hasPamBlock(facts.present[pamServicePath]?.content ?? '')) return [];
  const { named, exempt } = facts.accountNames;
  const isEverybody = asked.who === 'everybody';
  const who = isEverybody ? 'everybody' : named.length === 0 ? 'nobody yet' : sayNames(named);
  const others = isEverybody ? [] : ['accounts without a device'];
  const exempted = exempt.length === 0 ? [] : [sayNames(exempt)];
  const limited = asked.limits
    ? [...asked.limits.groups.map((name) => `group ${name}`), ...asked.limits.networks]
    : [];
  const unasked = [...others, ...exempted, ...limited];
  const list = unasked.length === 0 ? '' : `; not asked: ${unasked.join(', ')}`;
  const holders = named.slice(0, mostLooked).filter((name) => hasKey(name, ports.files));
  const [first] = holders;
  const keys =
    first === undefined
      ? []
      : [
          `programs that sign in with a key of ${sayNames(holders)} cannot give a code; to exempt an account: account user update username=${first} exempt=true`,
        ];
  return [`asked for a code at SSH sign-in: ${who}${list}`, ...keys];
}

function sayNames(names: readonly string[]): string {
  const rest = names.length - mostNames;
  const shown = names.slice(0, mostNames).join(', ');
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
