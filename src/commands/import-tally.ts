import { type Account, isEnrolledAdministrator } from '../domain/account.ts';
import type { Change } from '../domain/settings-change.ts';
import { replacementChanges } from './config-change.ts';

/** Accounts whose changes are listed one by one: an answer must not grow with the store. */
export const mostListed = 1000;

/** What an import does, as far as its answer says it. Noting an account again replaces what was noted of it. */
export type Tally = {
  /** `after` undefined: it stays as it is. */
  note(name: string, before: Account | 'lost' | undefined, after: Account | undefined): void;
  /** Who can sign in as an administrator with a code afterwards. */
  readonly administrators: ReadonlySet<string>;
  /** The accounts that were noted and change, for whoever looks at the others. */
  planned(): ReadonlyMap<string, null>;
  changes(): readonly Change[];
  warnings(): readonly string[];
};

type Fate = 'new' | 'changed' | 'same';

export function createTally(): Tally {
  const listed = new Map<string, readonly Change[]>();
  const others = new Map<string, Fate>();
  const lost = new Map<string, boolean>();
  const administrators = new Set<string>();
  return {
    administrators,
    note(name, before, after) {
      lost.delete(name);
      if (before === 'lost') lost.set(name, after !== undefined);
      if (after === undefined) return;
      const changes = replacementChanges(name, before, after);
      if (listed.has(name) || (listed.size < mostListed && !others.has(name))) listed.set(name, changes);
      else others.set(name, before === undefined ? 'new' : changes.length > 0 ? 'changed' : 'same');
      if (isEnrolledAdministrator(after)) administrators.add(name);
      else administrators.delete(name);
    },
    planned: () => new Map([...listed.keys(), ...others.keys()].map((name) => [name, null])),
    changes() {
      const fates = [...others.values()];
      const count = (fate: Fate) => fates.filter((each) => each === fate).length;
      const rest = [
        { key: 'other_accounts.new', from: null, to: count('new') },
        { key: 'other_accounts.changed', from: null, to: count('changed') },
      ];
      return [...[...listed.values()].flat(), ...rest.filter(({ to }) => to > 0)];
    },
    warnings: () =>
      [...lost].map(([name, isReplaced]) =>
        isReplaced
          ? `${name} was damaged: it now has no recovery codes, and its codes are refused for some minutes`
          : `${name} stays damaged: this file contains no secrets`,
      ),
  };
}
