import type { JsonObject } from '../json.ts';
import { type Account, isEnrolled, type ReadAccount } from './account.ts';
import type { Change } from './settings-change.ts';

/** A row of `account user query`: the account without any secret. Times are ISO 8601, UTC. */
export function accountView(account: Account, nowMs: number) {
  return {
    username: account.username,
    admin: account.admin,
    locked: account.locked,
    enrolled: isEnrolled(account),
    devices: account.devices.map((device) => ({
      name: device.name,
      confirmed: device.confirmed,
      otp_digits: device.otp_digits,
      interval: device.interval,
      last_used: toIso(device.last_used_ms),
    })),
    recovery_codes_left: account.recovery_codes.length,
    failures: account.failures,
    locked_until:
      account.locked_until_ms !== null && account.locked_until_ms > nowMs
        ? toIso(account.locked_until_ms)
        : null,
    full_name: account.full_name,
    exempt: account.exempt ?? false,
    remembered_addresses: (account.remembered_addresses ?? []).filter(({ due_ms }) => due_ms > nowMs).length,
  };
}

/** A row of `account user query`: `damage` says why an account cannot be read, and nothing else is known of it then. */
export function accountRow({ name, account, damage }: ReadAccount, nowMs: number): JsonObject {
  if (account) return { ...accountView(account, nowMs), damage: null };
  const unknown = Object.fromEntries(accountColumns.map((column) => [column, null]));
  return { ...unknown, username: name, damage: damage ?? null };
}

/** What `accountRow` names, for queries. */
export const accountColumns = [
  'username',
  'admin',
  'locked',
  'enrolled',
  'devices',
  'recovery_codes_left',
  'failures',
  'locked_until',
  'full_name',
  'exempt',
  'remembered_addresses',
  'damage',
] as const;

/** The differences between two states of an account, without secrets; null: it does not exist. */
export function accountChanges(before: Account | null, after: Account | null): readonly Change[] {
  if (!before) return after ? describeNew(after) : [];
  if (!after) return [{ key: 'username', from: before.username, to: null }];
  const plain = (['full_name', 'admin', 'locked', 'failures'] as const).flatMap((key) =>
    before[key] === after[key] ? [] : [{ key, from: before[key], to: after[key] }],
  );
  const [wasExempt, isExempt] = [before.exempt ?? false, after.exempt ?? false];
  const exempt = wasExempt === isExempt ? [] : [{ key: 'exempt', from: wasExempt, to: isExempt }];
  const addresses = [before, after].map((account) => account.remembered_addresses?.length ?? 0);
  const remembered =
    addresses[0] === addresses[1]
      ? []
      : [{ key: 'remembered_addresses', from: addresses[0] ?? 0, to: addresses[1] ?? 0 }];
  const lockedUntil =
    before.locked_until_ms === after.locked_until_ms
      ? []
      : [{ key: 'locked_until', from: toIso(before.locked_until_ms), to: toIso(after.locked_until_ms) }];
  const names = [...new Set([...before.devices, ...after.devices].map(({ name }) => name))];
  const devices = names.flatMap((name) => {
    const [from, to] = [before, after].map((account) =>
      account.devices.find((device) => device.name === name),
    );
    if (from?.secret === to?.secret && from?.confirmed === to?.confirmed) return [];
    // The same name with another secret is a change even where both are unconfirmed.
    return [
      {
        key: `devices.${name}`,
        from: describeDevice(from),
        to:
          from && to && from.secret !== to.secret ? `new secret, ${describeDevice(to)}` : describeDevice(to),
      },
    ];
  });
  const hashes = (account: Account) => account.recovery_codes.map(({ hash }) => hash).join();
  const recovery =
    hashes(before) === hashes(after)
      ? []
      : [
          {
            key: 'recovery_codes',
            from: `${before.recovery_codes.length} left`,
            to: `${after.recovery_codes.length} ${after.recovery_codes.length > before.recovery_codes.length || after.recovery_codes.length === 10 ? 'new' : 'left'}`,
          },
        ];
  return [...plain, ...exempt, ...remembered, ...lockedUntil, ...devices, ...recovery];
}

/** A new account: its name, and what differs from an account about which nothing was said. */
function describeNew({ username, full_name, admin, locked, exempt, devices }: Account): readonly Change[] {
  const facts = {
    username,
    full_name: full_name || null,
    admin: admin || null,
    locked: locked || null,
    exempt: exempt || null,
    devices: devices.length || null,
  };
  return Object.entries(facts).flatMap(([key, to]) => (to === null ? [] : [{ key, from: null, to }]));
}

function describeDevice(device: { readonly confirmed: boolean } | undefined): string | null {
  if (!device) return null;
  return device.confirmed ? 'confirmed' : 'not confirmed';
}

/** ISO 8601 in UTC, or null. */
export function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
