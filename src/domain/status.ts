import type { Json, JsonObject } from '../json.ts';
import { isEnrolled, type ReadAccount } from './account.ts';
import { toIso } from './account-view.ts';
import { allowedDriftSeconds, type ClockStatus, judgeClock } from './clock.ts';
import { type AskedFacts, decideByFacts, factsOf } from './policy.ts';
import type { Settings } from './settings.ts';
import { settingsView } from './settings-view.ts';
import { codesAheadOfClock } from './two-factor/used-steps.ts';

/** An account as it was read, or what the roster says of one that was not. */
export type StatusAccount = ReadAccount & { readonly facts?: RosterFacts };

type RosterFacts = AskedFacts & { readonly isEnrolled: boolean };

/** The value of `auth two_factor status`: everything that decides whether someone gets in. */
export function describeStatus(parts: {
  readonly settings: Settings;
  readonly accounts: readonly StatusAccount[];
  /** Login names by which someone could sign in over SSH. */
  readonly loginAccounts: readonly string[];
  readonly clock: ClockStatus;
  readonly nowMs: number;
  /** SSH enforcement as it really stands. */
  readonly enforcement: JsonObject;
  /** The exempt group of accounts that are in one. */
  readonly groupsOf?: ReadonlyMap<string, string>;
}): JsonObject {
  const { settings, clock, nowMs, enforcement, loginAccounts } = parts;
  // Whom Postern does not know has no device.
  const known = new Set(parts.accounts.map(({ name }) => name));
  const strangers = loginAccounts.filter((name) => !known.has(name));
  const accounts: readonly StatusAccount[] = [
    ...parts.accounts,
    ...strangers.map((name) => ({ name, account: undefined })),
  ];
  const judgement = judgeClock(clock, allowedDriftSeconds(settings.two_factor));
  const enrolled = accounts.filter(({ account, facts }) =>
    account ? isEnrolled(account) : facts?.isEnrolled,
  );
  const notRead = accounts.filter(({ facts }) => facts).length;
  return {
    ...settingsView(settings),
    ssh: enforcement,
    clock: {
      verdict: judgement.verdict,
      synchronised: clock.synchronised,
      by: clock.by,
      offset_seconds: clock.offset_seconds,
      detail: judgement.reason,
    },
    enrolled: enrolled.map(({ name }) => name),
    exempt: listExempt(accounts, parts.groupsOf ?? new Map()) as unknown as Json,
    damaged: accounts.flatMap(({ name, damage }) =>
      damage === undefined ? [] : [{ username: name, reason: damage }],
    ),
    cannot_sign_in: accounts.flatMap((read) => {
      const reason = explainBlocked(read, settings, nowMs);
      return reason === undefined ? [] : [{ username: read.name, reason }];
    }) as unknown as Json,
    ...(notRead > 0 ? { not_read: notRead } : {}),
  };
}

/** Who is exempt by what the account is, and by what. Who is locked is refused. */
function listExempt(accounts: readonly StatusAccount[], groups: ReadonlyMap<string, string>) {
  return accounts.flatMap(({ name, account, facts }) => {
    const { locked = false, exempt = false } = facts ?? account ?? {};
    const group = groups.get(name);
    if (locked || (!exempt && group === undefined)) return [];
    return [{ username: name, by: exempt ? 'exempt=true' : `group ${group}` }];
  });
}

const lockedByAdministrator = 'the account is locked';
const noDevice = 'no device, and unenrolled=deny';

/** Why someone could not pass the code question now; undefined: they could, or are not asked. */
function explainBlocked(
  { account, damage, facts }: StatusAccount,
  settings: Settings,
  nowMs: number,
): string | undefined {
  const state = damage === undefined ? (facts ?? factsOf(account)) : 'unreadable';
  const { answer, rule } = decideByFacts(settings, 'ssh', state);
  if (answer === 'not_asked' || answer === 'enroll') return undefined;
  if (rule === 'unreadable_account') return damage;
  if (rule === 'locked_account') return lockedByAdministrator;
  if (answer === 'refused') return noDevice;
  if (!account) return undefined;
  if (account.locked_until_ms !== null && account.locked_until_ms > nowMs)
    return `wrong codes: locked until ${toIso(account.locked_until_ms)}`;
  const ahead = codesAheadOfClock(account, { nowMs, windowSteps: settings.two_factor.window });
  if (ahead.length < account.devices.length) return undefined;
  const until = toIso(Math.min(...ahead.map(({ until_ms }) => until_ms)));
  return `the clock was set back: codes are refused until ${until}`;
}
