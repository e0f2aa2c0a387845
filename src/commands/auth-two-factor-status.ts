import { readAccount } from '../domain/read-account.ts';
import type { StatusAccount } from '../domain/status.ts';
import type { ApplianceView } from '../ports/appliance.ts';
import type { AccountFacts } from '../ports/store.ts';
import { defineCommand, type Snapshot } from '../registry/spec.ts';

/** How many accounts `status` reads of which the roster knows the facts. */
const mostRead = 1000;

/** Accounts whose groups `status` asks the system for: each costs some milliseconds. */
const mostGrouped = 100;

export const status = defineCommand({
  path: ['auth', 'two_factor', 'status'],
  brief: 'Show whether codes are required, whether the clock is right, and who cannot sign in.',
  effect: 'observe',
  params: {},
  details:
    'Of the members of exempt groups it names those among the first 100 accounts. With many accounts it reads 1,000 of them, administrators and enrolled ones first. Of the others it shows who is enrolled, locked or without a device, but not damage, lockouts or codes ahead of the clock.',
  examples: [{ line: 'auth two_factor status', note: 'Everything that decides a sign-in.' }],
  run: async (_input, snapshot, ports) => {
    const { describeStatus } = await import('../domain/status.ts');
    const clock = await snapshot.clock();
    const accounts = lookAtAccounts(snapshot);
    const notRead = accounts.filter(({ facts }) => facts).length;
    const loginAccounts = await snapshot.loginAccounts();
    const names = new Set([...loginAccounts, ...accounts.map(({ name }) => name)]);
    const data = describeStatus({
      settings: snapshot.settings,
      accounts,
      loginAccounts,
      groupsOf: await findExemptGroups([...names], snapshot, ports.appliance),
      clock,
      nowMs: snapshot.nowMs,
      enforcement: await ports.appliance.summary(snapshot.settings, snapshot),
    });
    const warning = `${notRead} more accounts were not read; their damage, lockouts and codes ahead of the clock are not shown`;
    return { shape: 'record', data, warnings: notRead > 0 ? [warning] : [] };
  },
});

/** The exempt group of those of the first accounts that are in one. */
async function findExemptGroups(
  names: readonly string[],
  { settings }: Snapshot,
  appliance: ApplianceView,
): Promise<ReadonlyMap<string, string>> {
  const { exempt_groups } = settings.two_factor;
  const found = new Map<string, string>();
  if (exempt_groups.length === 0) return found;
  for (const name of names.slice(0, mostGrouped)) {
    const [group] = await appliance.groupsOf(name, exempt_groups);
    if (group !== undefined) found.set(name, group);
  }
  return found;
}

/** Every account: read, as far as a large appliance need not wait for it, or as the roster has it. */
function lookAtAccounts(snapshot: Snapshot): readonly StatusAccount[] {
  const facts = new Map<string, AccountFacts>();
  const names = snapshot.accountNames((each) => {
    facts.set(each.username, each);
    return true;
  });
  const weigh = ({ admin, hasDevice }: AccountFacts) => (admin ? 2 : 0) + (hasDevice ? 1 : 0);
  const known = [...facts.values()].sort((a, b) => weigh(b) - weigh(a));
  const others = new Map(known.slice(mostRead).map((each) => [each.username, each]));
  return names.map((name) => {
    const ofRoster = others.get(name);
    return ofRoster ? { name, account: undefined, facts: ofRoster } : readAccount(snapshot, name);
  });
}
