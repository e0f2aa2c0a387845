import { type Account, isEnrolled } from '../../domain/account.ts';
import { factsOf, standingOf } from '../../domain/policy.ts';
import type { Settings } from '../../domain/settings.ts';
import type { AccountReader } from '../../ports/store.ts';
import { findGroups } from '../machine/groups.ts';
import { findSystemAccounts } from '../machine/machine.ts';
import { hasPamBlock, pamServicePath } from '../pam/block.ts';
import type { AccountNames } from '../sshd/asked.ts';
import { armTimer, disarmTimer, pidPath } from '../switch/timer.ts';
import type { Places, SystemFacts, SystemPorts } from '../types.ts';
import { readFacts } from './facts.ts';
import { finishInterruptedApply, journalPath } from './journal.ts';
import { moveObstacle } from './move-aside.ts';

/** Where enforcement lives: this machine, and how Postern reaches it. */
export type Site = { readonly ports: SystemPorts; readonly places: Places };

/** Whether the PAM file of sshd runs the module. */
export function runsModule(ports: SystemPorts): boolean {
  try {
    return hasPamBlock(ports.files.read(pamServicePath) ?? '');
  } catch {
    return false;
  }
}

/** Ends a change that was cut off; a sentence for each thing that was repaired. */
export function finishInterrupted({ ports, places }: Site): readonly string[] {
  const obstacles = [journalPath(places.stateDirectory), pidPath(places)];
  const sentences = [
    ...obstacles.map((path) => moveObstacle(ports, path)),
    finishInterruptedApply(ports, places.stateDirectory),
  ];
  return sentences.filter((sentence) => sentence !== undefined);
}

/** Starts or ends the process that waits for a pending change. */
export function followPending({ ports, places }: Site, settings: Settings): void {
  if (settings.pending === null) disarmTimer(ports, places);
  else armTimer(ports, places);
}

/** All that a plan for this machine depends on. */
export function systemFactsOf({ ports, places }: Site, accounts: AccountReader): SystemFacts {
  return readFacts(ports, places, listAdministrators(accounts), listNames(accounts));
}

function listAdministrators(accounts: AccountReader): readonly string[] {
  const names = accounts.accountNames(({ admin }) => admin);
  return names.filter((name) => readOrNone(accounts, name)?.admin === true);
}

/**
 * The accounts that sshd asks or leaves out by name. Reads those alone of which the roster knows nothing, and the exempt
 * ones: a damaged account is refused, whatever the roster says of it.
 */
function listNames(accounts: AccountReader): AccountNames {
  const standings = new Map<string, ReturnType<typeof standingOf>>();
  const names = accounts.accountNames((facts) => {
    standings.set(facts.username, standingOf(facts));
    return standingOf(facts) !== 'open';
  });
  const standing = (name: string) => {
    const known = standings.get(name);
    return known === undefined || known === 'exempt' ? readStanding(accounts, name) : known;
  };
  const read = names.map((name) => ({ name, is: standing(name) }));
  const only = (wanted: string) => read.filter(({ is }) => is === wanted).map(({ name }) => name);
  return { named: only('asked'), exempt: only('exempt') };
}

function readStanding(accounts: AccountReader, name: string): ReturnType<typeof standingOf> {
  try {
    const facts = factsOf(accounts.account(name));
    return typeof facts === 'object' ? standingOf(facts) : 'open';
  } catch {
    // It is refused whatever comes.
    return 'asked';
  }
}

/**
 * Someone whom a trial sign-in, from no known address, must find asked for a code: an administrator where there is one.
 * `groups`: those whose members are not asked.
 */
export function findAsked(
  { ports }: Site,
  accounts: AccountReader,
  groups: readonly string[],
): string | null {
  const isAsked = (name: string, account: Account) =>
    isEnrolled(account) && !account.exempt && findGroups(ports, name, groups).length === 0;
  let another: string | null = null;
  const administrators = accounts.accountNames((facts) => facts.isEnrolled && !facts.exempt && facts.admin);
  for (const name of findSystemAccounts(ports, administrators)) {
    const account = readOrNone(accounts, name);
    if (!account || !isAsked(name, account)) continue;
    if (account.admin) return name;
    another ??= name;
  }
  if (another !== null) return another;
  const tried = new Set(administrators);
  const others = accounts
    .accountNames((facts) => facts.isEnrolled && !facts.exempt)
    .filter((name) => !tried.has(name));
  for (const name of findSystemAccounts(ports, others)) {
    const account = readOrNone(accounts, name);
    if (account && isAsked(name, account)) return name;
  }
  return null;
}

/** Accounts of which none is listed where they cannot be. */
export function readable(accounts: AccountReader): AccountReader {
  const accountNames: AccountReader['accountNames'] = (mayBe) => {
    try {
      return accounts.accountNames(mayBe);
    } catch {
      return [];
    }
  };
  return { account: accounts.account, accountNames };
}

/** One damaged account must not keep the others from being protected. */
function readOrNone(accounts: AccountReader, name: string) {
  try {
    return accounts.account(name);
  } catch {
    return undefined;
  }
}
